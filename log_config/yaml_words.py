"""Take YAML at its word: refuse what it reads as something else than what is written.

YAML 1.1 takes OFF and no for false, 12:30 for 750, 010 for 8, and 1e6, 0o3 and 10MB for
texts. Whoever wrote it learns it here, by name and line, not from a log that has
stopped.
"""

import re
from collections.abc import Iterator

import yaml

__all__ = ["parse"]

_PLAIN_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NEARLY_A_NUMBER = re.compile(
    r"[-+]?(0[obx][0-9a-fA-F]+"
    r"|[0-9][0-9_,']*(\.[0-9]+)?([eE][-+]?[0-9]+| ?[kKmMgG]i?[bB]?)?)"
)
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_OTHER_LEVELS = ("NOTSET", "WARN", "FATAL")
_HIGHEST_LEVEL = 50
_TAG = "tag:yaml.org,2002:"


def parse(text: str) -> object:
    """Return what `text` holds; raises ValueError with a sentence where it misleads."""
    try:
        loader = yaml.SafeLoader(text)
        try:
            root = loader.get_single_node()
            if root is None:
                return None
            for path, node in _scalars(root, "", set()):
                _check(path, node)
            return loader.construct_document(root)
        finally:
            loader.dispose()
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        raise ValueError(f"it is not YAML{line}") from error


def _scalars(
    node: yaml.Node, path: str, seen: set[int]
) -> Iterator[tuple[str, yaml.ScalarNode]]:
    """Yield all single values with their names; raises ValueError for one named twice.

    What an alias points to was seen before, where it was written.
    """
    if isinstance(node, yaml.ScalarNode):
        yield path, node
    elif id(node) in seen:
        return
    elif isinstance(node, yaml.SequenceNode):
        seen.add(id(node))
        for number, item in enumerate(node.value, 1):
            yield from _scalars(item, f"{path}[{number}]", seen)
    else:
        seen.add(id(node))
        names = set()
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            inner = f"{path}.{name}" if path else name
            if name in names:
                raise ValueError(f"{inner} is there twice{_at(key)}: take one out")
            names.add(name)
            yield from _scalars(value, inner, seen)


def _check(path: str, node: yaml.ScalarNode) -> None:
    """Raise ValueError where a value is not what it looks like."""
    if path.rpartition(".")[2] == "level":
        _check_level(path, node)
    if node.style is not None:
        return  # in quotes
    value, tag = node.value, node.tag.removeprefix(_TAG)
    read = ""
    if tag == "bool" and value.lower() not in ("true", "false"):
        truth = yaml.safe_load(value)
        read = f"{'true' if truth else 'false'}: write that"
    elif (tag == "int" and not _PLAIN_NUMBER.fullmatch(value)) or (
        tag == "float" and ":" in value
    ):
        read = f"{yaml.safe_load(value)}: write that"
    elif tag == "timestamp":
        read = "a date: take another text"
    elif tag == "str" and _NEARLY_A_NUMBER.fullmatch(value):
        read = "a text: write the number in digits"
    if read:
        raise ValueError(
            f"{path} is {value}{_at(node)}, which YAML takes for {read}, or put it in "
            "quotes if it is a name"
        )


def _check_level(path: str, node: yaml.ScalarNode) -> None:
    value = node.value
    if value in _LEVELS or value in _OTHER_LEVELS:
        return
    is_number = node.style is None and _PLAIN_NUMBER.fullmatch(value)
    if not (is_number and 0 <= int(value) <= _HIGHEST_LEVEL):
        raise ValueError(
            f"{path} is {value or 'nothing'}{_at(node)}, which is no level: write one "
            f"of {', '.join(_LEVELS)}; to switch a logger off write handlers: [] and "
            "propagate: false"
        )


def _at(node: yaml.Node) -> str:
    return f" (line {node.start_mark.line + 1})"
