"""Settings: one table per program, filled from flags, environment, .env and file.

Precedence: flag > environment > .env > settings file > default. A table is a msgspec
struct whose fields are `Annotated[type, setting(...)]`. This module reads nothing: the
caller hands in what it has read.
"""

import argparse
import difflib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
from msgspec import inspect

from common.addresses import read_endpoint, read_endpoints
from common.cells import cells, padded
from common.safe_text import visible
from errors import ExitCode, SettingsError

__all__ = [
    "PREFIX",
    "Resolved",
    "Source",
    "Sources",
    "add_flags",
    "resolve",
    "setting",
    "show",
]

PREFIX = "JIM_"
_WORDS = {
    "yes": True,
    "on": True,
    "true": True,
    "no": False,
    "off": False,
    "false": False,
}

Table = TypeVar("Table", bound=msgspec.Struct)


def setting(
    meaning: str,
    *,
    flags: tuple[str, ...] = (),
    metavar: str = "",
    hides: bool = False,
    unset: str = "",
    words: Mapping[str, bool | None] | None = None,
    port: str = "",
    several: bool = False,
    **bounds: Any,
) -> msgspec.Meta:
    """Return the metadata of one setting.

    `meaning` is its line in --help, `flags` are short spellings, `metavar` names the
    value in --help, `bounds` are constraints as of msgspec.Meta (ge, le, ...). One that
    `hides` is never quoted when it is wrong, for it may be a secret. `unset` is what
    None or an empty text means to people, `words` are further words for what a switch
    may be. An address names the setting of its `port`, which it may bring along, and
    may be `several` with commas between them; those without such a setting keep theirs.
    """
    extra = {
        "flags": flags,
        "metavar": metavar,
        "hides": hides,
        "unset": unset,
        "words": words or {},
        "port": port,
        "several": several,
    }
    return msgspec.Meta(description=meaning, extra=extra, **bounds)


class Source(NamedTuple):
    """Where a value came from: the kind of place and the setting's name there."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".rstrip()


_DEFAULT = Source("default", "")


class Sources(NamedTuple):
    """All that the caller has read, strongest first.

    `flags` holds only the flags that were given, by field name; `file_values` is the
    settings file as parsed, `file_name` its name for messages.
    """

    flags: Mapping[str, Any]
    environment: Mapping[str, str]
    dotenv: Mapping[str, str | None]
    file_values: object = None
    file_name: str = ""


# The values of settings that were found, each with its source.
_Given = dict[str, tuple[Any, Source]]


class Resolved(NamedTuple, Generic[Table]):
    """A filled table, and for each field the source of its value."""

    values: Table
    sources: dict[str, Source]


class _Field(NamedTuple):
    """One row of a table, as this module needs it."""

    name: str
    type: inspect.Type
    default: Any
    meaning: str
    flags: tuple[str, ...]
    metavar: str
    hides: bool
    unset: str
    words: Mapping[str, bool | None]
    port: str
    several: bool

    @property
    def is_switch(self) -> bool:
        """Tell whether it is a yes or a no, or perhaps neither."""
        kinds = self.type.types if isinstance(self.type, inspect.UnionType) else ()
        return any(isinstance(kind, inspect.BoolType) for kind in (self.type, *kinds))

    def shown(self, value: object) -> str:
        """Return a value as people write it."""
        return self.unset if value in (None, "") and self.unset else _shown(value)


def _fields(table: type[msgspec.Struct]) -> list[_Field]:
    info = inspect.type_info(table)
    assert isinstance(info, inspect.StructType)
    rows = []
    for field in info.fields:
        kind, schema, extra = field.type, {}, {}
        if isinstance(kind, inspect.Metadata):
            schema, extra = kind.extra_json_schema or {}, kind.extra or {}
            kind = kind.type
        rows.append(
            _Field(
                field.name,
                kind,
                field.default,
                schema.get("description", ""),
                extra.get("flags", ()),
                extra.get("metavar", ""),
                extra.get("hides", False),
                extra.get("unset", ""),
                extra.get("words", {}),
                extra.get("port", ""),
                extra.get("several", False),
            )
        )
    return rows


def add_flags(parser: argparse.ArgumentParser, table: type[msgspec.Struct]) -> None:
    """Give `parser` one flag per setting; flags not given stay out of the namespace."""
    for field in _fields(table):
        spelled = f"--{field.name.replace('_', '-')}"
        options: dict[str, Any] = {
            "dest": field.name,
            "default": argparse.SUPPRESS,
            "help": f"{field.meaning} (default: {field.shown(field.default)})".replace(
                "%", "%%"
            ),
        }
        if field.is_switch:
            options["action"] = argparse.BooleanOptionalAction
        else:
            options["metavar"] = field.metavar or field.name.upper().rsplit("_", 1)[-1]
        parser.add_argument(*field.flags, spelled, **options)


def resolve(
    table: type[Table],
    sources: Sources,
    known: Iterable[type[msgspec.Struct]] = (),
    spelled: Callable[[Source], Source] = lambda source: source,
) -> Resolved[Table]:
    """Fill `table` from `sources`; raise SettingsError that names what is wrong where.

    `known` are the tables of the other programs: their settings are no error, so that
    all may share one file and one environment. `spelled` returns a source as it is
    called where it was found.
    """
    fields = {field.name: field for field in _fields(table)}
    everybody = set(fields).union(*({f.name for f in _fields(t)} for t in known))
    given: _Given = {}
    for place in _places(sources, everybody, spelled):
        found = {name: one for name, one in place.items() if name in fields}
        _take_ports(fields.values(), found, given)
        given.update(found)
    values = {
        name: _converted(table, fields[name], value, source)
        for name, (value, source) in given.items()
    }
    origins = {name: given[name][1] if name in given else _DEFAULT for name in fields}
    return Resolved(table(**values), origins)


def _places(
    sources: Sources, names: set[str], spelled: Callable[[Source], Source]
) -> Iterator[_Given]:
    """Give what each place says, the weakest first."""
    file = f"{sources.file_name}: "
    yield {
        name: (value, Source("file", file + name))
        for name, value in _from_file(sources, names).items()
    }
    for kind, variables in (
        (".env", sources.dotenv),
        ("environment", sources.environment),
    ):
        yield {
            name: (text, spelled(Source(kind, PREFIX + name.upper())))
            for name, text in _from_variables(kind, variables, names).items()
        }
    yield {
        name: (value, Source("flag", f"--{name.replace('_', '-')}"))
        for name, value in sources.flags.items()
    }


def _take_ports(fields: Iterable[_Field], found: _Given, weaker: _Given) -> None:
    """Split the addresses that one place gives; their ports are as if said there.

    The port of a weaker place's address goes with that address.
    """
    for field in fields:
        if not (field.port or field.several):
            continue
        if not isinstance(found.get(field.name, (None,))[0], str):
            continue
        text, source = found[field.name]
        try:
            ends = read_endpoints(text) if field.several else [read_endpoint(text)]
        except ValueError as error:
            raise _misaddressed(field, source, str(error)) from None
        if not field.port:
            found[field.name] = (",".join(map(str, ends)), source)
            continue
        ports = {str(end.port): source for end in ends if end.port is not None}
        if ports and field.port in found:
            value, said_at = found[field.port]
            ports[str(value)] = said_at
        if len(ports) > 1:
            both = " and ".join(f"{port} ({at})" for port, at in ports.items())
            raise _misaddressed(field, source, f"there are two ports, {both}")
        old = weaker.get(field.name)
        if old is not None and weaker.get(field.port, (None, None))[1] == old[1]:
            del weaker[field.port]
        found[field.name] = (",".join(end.host for end in ends), source)
        for port in ports:
            found.setdefault(field.port, (port, source))


def _misaddressed(field: _Field, source: Source, why: str) -> SettingsError:
    return SettingsError(
        f"the setting {field.name} from the {source} is wrong: {why}",
        ExitCode.USAGE if source.kind == "flag" else None,
    )


def _from_file(sources: Sources, names: set[str]) -> Mapping[str, Any]:
    values = sources.file_values
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise SettingsError(
            f"the settings file {sources.file_name} must hold lines like 'port: 7777'"
        )
    for key in values:
        if key not in names:
            raise SettingsError(
                f"the settings file {sources.file_name} has an unknown setting "
                f"'{visible(str(key))}'{_nearest(str(key), names)}"
            )
    return values


def _from_variables(
    kind: str, variables: Mapping[str, str | None], names: set[str]
) -> dict[str, str]:
    found = {}
    for variable, text in variables.items():
        if not variable.startswith(PREFIX) or text is None:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in names:
            hint = _nearest(variable, {PREFIX + known.upper() for known in names})
            raise SettingsError(f"the {kind} has an unknown setting {variable}{hint}")
        found[name] = text
    return found


def _nearest(word: str, words: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, sorted(words), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else "; --help lists them all"


def _converted(table: type[Table], field: _Field, value: Any, source: Source) -> Any:
    if isinstance(value, str) and field.is_switch:
        value = {**_WORDS, **field.words}.get(value.lower(), value)
    elif isinstance(value, bool) and isinstance(field.type, inspect.LiteralType):
        # One of the setting's words: YAML reads a bare off as False.
        value = "on" if value else "off"
    try:
        # The other fields take their defaults, so only this one can be wrong.
        filled = msgspec.convert({field.name: value}, table, strict=False)
        result = getattr(filled, field.name)
        if isinstance(result, float) and not math.isfinite(result):
            raise msgspec.ValidationError("Expected a finite number")
    except msgspec.ValidationError as error:
        problem = str(error).split(" - at ")[0].replace("`", "").lower()
        if field.is_switch:
            problem = "expected yes or no"
        wrong = "it is empty" if value == "" else _shown(value)
        if field.hides:
            wrong = "it is not shown here"
        raise SettingsError(
            f"the setting {field.name} from the {source} is wrong: {wrong} "
            f"({problem}); its meaning: {field.meaning}",
            ExitCode.USAGE if source.kind == "flag" else None,
        ) from None
    return result


def show(resolved: Resolved[Any], chosen: Mapping[str, str] | None = None) -> str:
    """Return a line per setting: name, value in force, and where it came from.

    `chosen` is what the program takes for settings that are empty.
    """
    values = resolved.values
    rows = []
    for field in _fields(type(values)):
        value = getattr(values, field.name)
        if value == "" and chosen is not None:
            value = chosen.get(field.name, value)
        source = str(resolved.sources[field.name])
        rows.append((field.name, field.shown(value), source))
    widths = [max(cells(row[column]) for row in rows) for column in (0, 1)]
    return "".join(
        f"{padded(name, widths[0])}  {padded(value, widths[1])}  {source}\n"
        for name, value, source in rows
    )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return visible(str(value)) if value not in (None, "") else "none"
