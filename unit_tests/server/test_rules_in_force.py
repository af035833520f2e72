from common.server_settings import ServerSettings
from server.rules_in_force import rules_in_force


def test_the_settings_that_matter_are_told() -> None:
    text = rules_in_force(ServerSettings())
    assert text.startswith("registration open, guests yes, tls optional")
    assert len(text) < 200
