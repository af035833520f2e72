"""The file that `make wheel` writes holds all that the programs need, and no more."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from unit_tests.helpers import ROOT

_PACKAGES = ("client", "common", "launch", "log_config", "server")
_FILES = ("LICENSE", "README.md", "pyproject.toml")


def test_a_wheel_has_every_module_and_what_lies_beside_them(tmp_path: Path) -> None:
    source, wheels = tmp_path / "source", tmp_path / "dist"
    source.mkdir()
    for name in _PACKAGES:
        left = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=left)
    for file in (*map(ROOT.joinpath, _FILES), *ROOT.glob("*.py")):
        shutil.copy(file, source)
    wanted = {
        str(file.relative_to(source))
        for file in source.rglob("*")
        if file.is_file() and file.name not in _FILES
    }
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"),
            *("--disable-pip-version-check", "--no-build-isolation"),
            *("--wheel-dir", str(wheels), "."),
        ],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (wheel,) = wheels.iterdir()
    with zipfile.ZipFile(wheel) as found:
        names = {name for name in found.namelist() if ".dist-info/" not in name}
    assert names == wanted
