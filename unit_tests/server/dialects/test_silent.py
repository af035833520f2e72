"""While keys are agreed on nothing is said and nothing is heard."""

from errors import TooLate
from server.dialects.silent import SilentDialect
from server.events import Goodbye


def test_nothing_is_heard_and_nothing_is_said() -> None:
    dialect = SilentDialect()
    assert list(dialect.receive_data(b'{"action":"quit"}\n')) == []
    assert list(dialect.receive_eof()) == []
    assert dialect.send([Goodbye(TooLate("the handshake", 10.0))], 0.0, 0.0) == b""
    assert dialect.data_to_send(0.0) == b""
    assert dialect.end_of_object(b"rest") == 4
