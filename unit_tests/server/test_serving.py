"""What a server opens and closes around its work."""

from pathlib import Path

import pytest

from common.server_settings import ServerSettings
from errors import ExitCode, StoreFailed
from server.local_socket import SOCKET_NAME
from server.serving import serve


@pytest.mark.parametrize("in_its_place", ["nothing", "a folder", "the socket"])
def test_what_ends_a_server_goes_before_that_it_can_not_tidy_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_its_place: str
) -> None:
    data = tmp_path / "data"
    path = data / SOCKET_NAME

    def run(loop: object) -> bool:
        if in_its_place != "the socket":
            path.unlink()
        if in_its_place == "a folder":
            path.mkdir()
        raise StoreFailed("the disk has failed")

    monkeypatch.setattr("server.serving.Loop.run", run)
    # What they change is the whole process's.
    monkeypatch.setattr("server.serving._configure", lambda ground: None)
    monkeypatch.setattr("server.serving._relax_collector", lambda: None)
    settings = ServerSettings(
        port=0, ip="127.0.0.1", data_dir=str(data), log_dir=str(tmp_path), tls="off"
    )
    with pytest.raises(StoreFailed, match="the disk has failed") as caught:
        serve(settings)
    assert caught.value.exit_code == ExitCode.IO_ERROR
    assert path.exists() == (in_its_place == "a folder")
