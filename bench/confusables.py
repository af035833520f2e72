"""Make `common/confusables.py`: what each character looks like, from ICU's own table.

    pip install icukit-pyicu==78.3.1     # ICU 78, Unicode 17; 60 MB, for this alone
    python -m bench.confusables

ICU holds Unicode's `confusables.txt` and is asked for the skeleton of each character by
itself. Written are characters that look like something else, by what that is.
"""

import sys
import textwrap
import unicodedata
from collections import defaultdict
from pathlib import Path

import icu

TABLE = Path(__file__).parent.parent / "common" / "confusables.py"
_HEADER = '''\
# ruff: noqa: E501 - a single character looks like a whole sentence
"""Map characters to their look-alikes, by UTS #39 (Unicode Security), section 4.

Unicode {unicode}, from ICU {icu}; made by bench/confusables.py, not by hand. Behind the
colon stand the characters that look like what stands before it. Characters that NFD
takes apart, and those that draw nothing, are left out.

Data of the Unicode Character Database: Copyright 1991-2025 Unicode, Inc. All rights
reserved. Distributed under the Unicode License V3 (SPDX: Unicode-3.0),
https://www.unicode.org/license.txt
"""

__all__ = ["CONFUSABLES"]

CONFUSABLES = """
'''
_COLUMNS = 88


def main() -> None:
    """Write the table."""
    lines = [line for looks, others in _alike() for line in _lines(looks, others)]
    head = _HEADER.format(unicode=icu.UNICODE_VERSION, icu=icu.ICU_VERSION)
    TABLE.write_text(head + "".join(f"{line}\n" for line in lines) + '"""\n', "ascii")


def _alike() -> list[tuple[str, list[str]]]:
    """Return each look with the characters that have it and are something else."""
    checker = icu.SpoofChecker()
    # By ICU's Unicode, which is newer than Python's.
    nfd = icu.Normalizer2.getNFDInstance()
    alike: dict[str, list[str]] = defaultdict(list)
    for character in map(chr, range(sys.maxunicode + 1)):
        if unicodedata.category(character) == "Cs":
            continue
        looks = checker.getSkeleton(0, character)
        if looks not in ("", character) and nfd.normalize(character) == character:
            alike[looks].append(character)
    return sorted(alike.items())


def _lines(looks: str, others: list[str]) -> list[str]:
    start = f"{_codes(looks)}: "
    return [
        start + codes
        for codes in textwrap.wrap(_codes(others), max(_COLUMNS - len(start), 5))
    ]


def _codes(characters: str | list[str]) -> str:
    return " ".join(f"{ord(character):04X}" for character in characters)


if __name__ == "__main__":
    main()
