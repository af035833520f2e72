"""The rules of the house that can be read off the source, each shown to bite."""

import ast
import functools
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS_TO_CHECK = {"unit_tests", "bench", "build", "docs", "logs"}

# Which of our top-level names each may import: only what stands above it here.
GROUND = {"errors", "common", "log_config", "decorators"}
MAY_IMPORT = {
    "errors": set[str](),
    "common": {"errors", "common"},
    "log_config": {"errors", "common", "log_config"},
    "decorators": {"errors", "common", "log_config"},
    "server": GROUND | {"server"},
    "client": GROUND | {"client"},
    "launch": GROUND | {"server", "client", "launch"},
    "my_server": GROUND | {"server"},
    "my_client": GROUND | {"client"},
    "launcher": GROUND | {"server", "client", "launch"},
}

# What pure code has no use for: sockets, clocks, files, processes.
IMPURE = {
    "asyncio", "datetime", "fcntl", "glob", "logging", "multiprocessing", "os",
    "pathlib", "random", "select", "selectors", "shutil", "signal", "socket",
    "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time",
}  # fmt: skip
NETWORK = {"asyncio", "select", "selectors", "socket", "ssl"}

# Sans-I/O: driven from a Python prompt, whatever carries the bytes.
WITHOUT_NETWORK = (
    "server/dialects/",
    "server/store/",
    "server/events/",
    "server/commands.py",
    "server/errands.py",
    "server/feeding.py",
    "server/handlers/",
    "server/hub.py",
    "server/invites.py",
    "server/parting.py",
    "server/people.py",
    "server/permissions.py",
    "server/refusals.py",
    "server/register.py",
    "server/revival.py",
    "server/rooms.py",
    "server/sanctions.py",
    "server/ties.py",
    "server/unstored.py",
    "client/session.py",
)

# The one place that says which modules are one dialect; others stand for themselves.
DIALECTS = {
    "jim": "jim",
    "canonical": "jim",
    "course": "jim",
    "course_objects": "jim",
    "course_words": "jim",
    "lists": "jim",
    "reading": "jim",
    "requests_account": "jim",
    "requests_history": "jim",
    "requests_messages": "jim",
    "requests_people": "jim",
    "requests_rules": "jim",
    "canonical_rules": "jim",
    "requests": "jim",
    "minechat_words": "minechat",
    "text": "text",
    "text_answers": "text",
    "text_arrival": "text",
    "text_dialogs": "text",
    "text_orders": "text",
    "text_steps": "text",
    "text_voice": "text",
    "text_words": "text",
    # What all dialects share, and the choice between them.
    "base": "",
    "telnet": "",
    "text_lines": "",
    "web": "",
    "opening": "any",
    "__init__": "any",
}

LOGGED = {"server", "client", "launch", "my_server", "my_client", "launcher"}
# Functions that can't carry @log, as "file: Class.function", each with its reason.
UNLOGGED: dict[str, str] = {}


def sources() -> dict[str, str]:
    """Return every module of the programs: path from the root to source."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        first = name.partition("/")[0]
        if first not in NOT_OURS_TO_CHECK and not first.startswith("."):
            found[name] = path.read_text("utf-8")
    return found


def top_of(name: str) -> str:
    return name.partition("/")[0].removesuffix(".py")


@functools.cache
def imports(name: str, source: str) -> tuple[str, ...]:
    """Return the modules that a source imports anywhere, as full dotted names.

    Of `from a import b` there are a and a.b, for b may be a module.
    """
    found: list[str] = []
    package = name.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*up, *([node.module] if node.module else [])])
            found.append(base)
            found += (f"{base}.{alias.name}" for alias in node.names)
    return tuple(found)


def breaches_of_direction(name: str, source: str) -> set[str]:
    """Return our own modules that the module `name` must not import but does."""
    tops = {module: module.partition(".")[0] for module in imports(name, source)}
    allowed = MAY_IMPORT[top_of(name)]
    return {m for m, top in tops.items() if top in MAY_IMPORT and top not in allowed}


def forbidden_imports(name: str, source: str, forbidden: set[str]) -> set[str]:
    """Return the modules among `forbidden` that the source imports."""
    return {module.partition(".")[0] for module in imports(name, source)} & forbidden


def opened_files(source: str) -> list[int]:
    """Return the lines that call something named open or read_text and the like."""
    names = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}
    lines = []
    # A function handed in as a parameter is the caller's.
    tree = ast.parse(source)
    handed_in = {arg.arg for arg in ast.walk(tree) if isinstance(arg, ast.arg)}
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if (isinstance(called, ast.Name) and called.id in names - handed_in) or (
            isinstance(called, ast.Attribute) and called.attr in names
        ):
            lines.append(called.lineno)
    return lines


def breaches_between_dialects(name: str, source: str) -> set[str]:
    """Return the modules of the server that a dialect imports but must not."""
    own = name.removesuffix(".py").rpartition("/")[2]
    family = DIALECTS.get(own, own)
    wrong = set()
    for module in imports(name, source):
        parts = module.split(".")
        if parts[0] != "server" or parts == ["server"]:
            continue
        if parts[1] == "dialects":
            if len(parts) == 2:
                continue
            other = DIALECTS.get(parts[2], parts[2])
            if family == "any" or other in (family, ""):
                continue
        elif parts[1] == "events":
            continue
        wrong.add(module)
    return wrong


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(
    tree: ast.AST, inside: tuple[ast.ClassDef, ...] = ()
) -> Iterator[tuple[str, Function, tuple[ast.ClassDef, ...]]]:
    """Yield functions and methods with their dotted names and the classes around.

    Those below `if` and `try` too, but none inside a function.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            name = ".".join([*(around.name for around in inside), node.name])
            yield name, node, inside
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, (*inside, node))
        else:
            yield from functions(node, inside)


def only_declared(function: Function, around: tuple[ast.ClassDef, ...]) -> bool:
    """Tell whether a function has no body of its own: of a Protocol, say."""
    bases = {
        ast.unparse(base).partition("[")[0] for one in around for base in one.bases
    }
    marks = {ast.unparse(mark).rpartition(".")[2] for mark in function.decorator_list}
    declares = marks & {"overload", "abstractmethod"} or bases & {
        "Protocol",
        "typing.Protocol",
    }
    empty = all(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for node in function.body
    )
    return bool(declares) and empty


@functools.cache
def without_log(name: str, source: str) -> list[str]:
    """Return the functions and methods of a source that lack @log."""
    return [
        f"{name}: {dotted}"
        for dotted, function, around in functions(ast.parse(source))
        if not only_declared(function, around)
        and not any(ast.unparse(mark) == "log" for mark in function.decorator_list)
    ]


ALL = sources()


def test_there_are_modules_to_check() -> None:
    assert {"errors.py", "decorators.py", "common/names.py"} <= set(ALL)


def test_every_module_has_its_place_in_the_table_of_layers() -> None:
    assert {top_of(name) for name in ALL} <= set(MAY_IMPORT)


def hold(check: Callable[[str, str], Collection[object]], names: Iterable[str]) -> None:
    """Fail where the check finds anything in one of these modules; name it all."""
    chosen = sorted(names)
    assert chosen, "a rule for no module"
    found = [f"{name}: {wrong}" for name in chosen if (wrong := check(name, ALL[name]))]
    assert not found, "\n".join(found)


def test_imports_point_one_way() -> None:
    hold(breaches_of_direction, ALL)


def test_only_the_loop_imports_selectors() -> None:
    def check(name: str, source: str) -> set[str]:
        return forbidden_imports(name, source, {"selectors"})

    hold(check, set(ALL) - {"server/loop.py"})


def test_common_code_is_pure() -> None:
    def check(name: str, source: str) -> list[object]:
        return [*forbidden_imports(name, source, IMPURE), *opened_files(source)]

    hold(check, [name for name in ALL if top_of(name) in {"common", "errors"}])


def test_what_needs_no_socket_imports_none() -> None:
    def check(name: str, source: str) -> set[str]:
        return forbidden_imports(name, source, NETWORK)

    hold(check, [name for name in ALL if name.startswith(WITHOUT_NETWORK)])


def test_dialects_do_not_import_each_other() -> None:
    dialects = [name for name in ALL if name.startswith("server/dialects/")]
    hold(breaches_between_dialects, dialects)


def test_every_function_and_method_is_logged() -> None:
    def check(name: str, source: str) -> list[str]:
        return [one for one in without_log(name, source) if one not in UNLOGGED]

    hold(check, [name for name in ALL if top_of(name) in LOGGED])


def test_no_exception_from_the_call_log_has_outlived_its_function() -> None:
    unlogged = {
        one for name, source in ALL.items() for one in without_log(name, source)
    }
    assert set(UNLOGGED) <= unlogged
    assert all(UNLOGGED.values())


@pytest.mark.parametrize(
    ("name", "source", "breach"),
    [
        ("errors.py", "import common", "common"),
        ("common/names.py", "from decorators import log", "decorators"),
        ("common/names.py", "def f():\n import log_config", "log_config"),
        ("log_config/loader.py", "from decorators import log", "decorators"),
        ("decorators.py", "import server.hub", "server.hub"),
        ("server/hub.py", "from client.session import Session", "client.session"),
        ("client/session.py", "import server", "server"),
        ("client/session.py", "if 1:\n from server import hub", "server.hub"),
        ("server/hub.py", "import my_server", "my_server"),
        ("client/session.py", "import launch.guard", "launch.guard"),
        ("my_server.py", "import client", "client"),
    ],
)  # fmt: skip
def test_an_import_in_the_wrong_direction_is_found(
    name: str, source: str, breach: str
) -> None:
    assert breach in breaches_of_direction(name, source)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (
            "server/hub.py",
            "import os\nfrom common.names import Name\nimport serverless",
        ),
        ("server/hub.py", "from . import rooms\nfrom .rooms import Room"),
        ("server/dialects/jim.py", "from ..events import Event\nfrom .base import D"),
        ("launcher.py", "import client.session, server.hub, errors"),
    ],
)
def test_an_import_in_the_right_direction_is_none_of_these(
    name: str, source: str
) -> None:
    assert not breaches_of_direction(name, source)


@pytest.mark.parametrize(
    "source",
    [
        "import socket",
        "import os.path",
        "from time import monotonic",
        "def f():\n    import selectors",
        "try:\n    import asyncio as a\nexcept ImportError:\n    pass",
    ],
)
def test_an_impure_import_is_found(source: str) -> None:
    assert forbidden_imports("common/names.py", source, IMPURE)


@pytest.mark.parametrize(
    "source",
    ["open('x')", "import io\nio.open('x')", "def f(p):\n    return p.read_text()"],
)
def test_an_opened_file_is_found(source: str) -> None:
    assert opened_files(source)


def test_a_function_that_the_caller_brings_may_open() -> None:
    assert not opened_files("def f(open):\n    return open('x')")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("jim", "from server.dialects.foreign import ForeignDialect"),
        ("foreign", "from server.dialects import jim"),
        ("irc", "from server.dialects.requests import read_request"),
        ("web", "import server.dialects.irc"),
        ("jim", "from . import foreign"),
        ("jim", "from server.hub import Hub"),
        ("opening", "from server.loop import Loop"),
        ("base", "from server.dialects.jim import JimDialect"),
    ],
)
def test_a_dialect_that_imports_another_is_found(name: str, source: str) -> None:
    assert breaches_between_dialects(f"server/dialects/{name}.py", source)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("jim", "from server.dialects.canonical import encode_event"),
        ("irc", "from server.dialects.base import Dialect\nimport server.events"),
        ("opening", "from server.dialects.jim import JimDialect"),
    ],
)
def test_what_dialects_share_is_no_breach(name: str, source: str) -> None:
    assert not breaches_between_dialects(f"server/dialects/{name}.py", source)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f(): return 1", ["f"]),
        ("async def f(): return 1", ["f"]),
        ("@other\ndef f(): return 1", ["f"]),
        ("class A:\n    def f(self): return 1", ["A.f"]),
        ("class A:\n    class B:\n        def f(self): return 1", ["A.B.f"]),
        ("class A:\n    @property\n    def f(self): return 1", ["A.f"]),
        ("if x:\n    def f(): return 1\nelse:\n    def g(): return 1", ["f", "g"]),
        ("try:\n    def f(): return 1\nexcept E:\n    def g(): return 1", ["f", "g"]),
        ("class A(Protocol):\n    def f(self): return 1", ["A.f"]),
        ("class A:\n    def f(self): ...", ["A.f"]),
        ("@log\ndef f(): return 1", []),
        ("@other\n@log\ndef f(): return 1", []),
        ("class A:\n    @property\n    @log\n    def f(self): return 1", []),
        ("@log\ndef f():\n    def g(): return 1\n    return g", []),
        ("class A(Protocol):\n    def f(self): ...", []),
        ("class A(Protocol[T]):\n    def f(self):\n        '''Do it.'''", []),
        ("class A:\n    @abstractmethod\n    def f(self): ...", []),
        ("@overload\ndef f(): ...", []),
        ("f = lambda: 1", []),
    ],
)
def test_a_function_without_log_is_found(source: str, found: list[str]) -> None:
    assert sorted(without_log("x.py", source)) == [f"x.py: {name}" for name in found]
