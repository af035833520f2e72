"""Drop the byte order mark, which some programs put in front of any text in UTF-8.

Windows' editors and shells write it at the beginning of files and pipes. Nobody sees
it, but in front of a name, a password or a brace it would be part of it.
"""

from typing import AnyStr

__all__ = ["may_become_marked", "without_mark"]

_MARK = b"\xef\xbb\xbf"  # U+FEFF in UTF-8


def without_mark(text: AnyStr) -> AnyStr:
    """Return the beginning of an input without its mark.

    Without one of them: more are a text's own, and so is one later in a stream.
    """
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    return text.removeprefix(_MARK)


def may_become_marked(data: bytes) -> bool:
    """Tell whether so little has come that a mark may still become of it."""
    return len(data) < len(_MARK) and _MARK.startswith(data)
