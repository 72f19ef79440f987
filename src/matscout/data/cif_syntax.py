"""The syntax of CIF: data blocks of tags and loops (Hall, Allen and Brown, Acta Cryst. A47 (1991) 655)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from matscout.data.structure_readings import StructureError

ABSENT = frozenset({"", ".", "?"})
"""Values that say that there is none: not applicable, or unknown."""

_WORD = re.compile(r"\S+")
_TAG_SIGNS = str.maketrans({".": "_", "-": "_"})


@dataclass(frozen=True)
class CifBlock:
    """One data block.

    Parameters
    ----------
    name
        What follows ``data_``.
    columns
        Tag -> its values, several in a loop. Tags are in lower case, with ``_`` for ``.`` and ``-``, so that the names
        of all dictionaries (core, DDLm, magnetic) read the same.
    cut
        Tags of loops whose last row is incomplete.
    """

    name: str
    columns: Mapping[str, Sequence[str]]
    cut: frozenset[str] = frozenset()

    def value(self, *tags: str) -> str | None:
        """The first value of the first of these tags that has one; None if none has."""
        texts = (self.columns[tag][0].strip() for tag in tags if self.columns.get(tag))
        return next((text for text in texts if text not in ABSENT), None)

    def column(self, *tags: str) -> Sequence[str]:
        """All values of the first of these tags that is there."""
        return next((self.columns[tag] for tag in tags if tag in self.columns), ())


@dataclass
class _Growing:
    """A block that is being read."""

    name: str
    columns: dict[str, list[str]] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)

    def finished(self) -> CifBlock:
        return CifBlock(self.name, self.columns, frozenset(self.cut))


def cif_blocks(text: str) -> list[CifBlock]:
    """The data blocks of a text, in order; what stands before the first ``data_`` is a block, too.

    Lines end with newline characters only; the time is proportional to the length.
    """
    blocks = [_Growing("")]
    tags: list[str] = []
    values: list[str] = []
    in_loop = in_header = False

    def close() -> None:
        nonlocal in_loop, in_header
        if in_loop and tags:
            _add_loop(blocks[-1], tags, values)
        elif tags:
            blocks[-1].columns[tags[0]] = values[:1]
        tags.clear()
        values.clear()
        in_loop = in_header = False

    for word, quoted in _words(text):
        keyword = "" if quoted else word.lower()
        if keyword.startswith("_"):
            if not (in_loop and in_header):
                close()
            tags.append(keyword.translate(_TAG_SIGNS).rstrip("_"))
        elif keyword == "loop_":
            close()
            in_loop = in_header = True
        elif keyword.startswith("data_") or keyword == "global_":
            close()
            blocks.append(_Growing(word[5:] if keyword.startswith("data_") else "global"))
        elif keyword == "stop_" or keyword.startswith("save_"):
            close()
        elif tags:
            in_header = False
            values.append(word)
    close()
    return [block.finished() for block in blocks if block.columns]


def _add_loop(block: _Growing, tags: Sequence[str], values: Sequence[str]) -> None:
    rows = len(values) // len(tags)
    if len(tags) == 1 or rows * len(tags) == len(values):
        block.columns.update({tag: list(values[place :: len(tags)]) for place, tag in enumerate(tags)})
        return
    block.cut.update(tags)
    whole = values[: rows * len(tags)]
    block.columns.update({tag: list(whole[place :: len(tags)]) for place, tag in enumerate(tags)})


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """Each word or text, and whether it stands in quotation marks or between semicolons."""
    lines = iter(text.split("\n"))
    for line in lines:
        if not line.startswith(";"):
            yield from _words_of_line(line)
            continue
        block = [line[1:]]
        for further in lines:
            if further.startswith(";"):
                yield "\n".join(block), True
                yield from _words_of_line(further[1:])
                break
            block.append(further)
        else:
            raise StructureError("a text that begins with a semicolon is not closed", "complete the file")


def _words_of_line(line: str) -> Iterator[tuple[str, bool]]:
    at = 0
    while match := _WORD.search(line, at):
        start = match.start()
        mark = line[start]
        if mark == "#":
            return
        if mark in "'\"":
            end = _closing(line, start)
            yield line[start + 1 : end], True
            at = end + 1
        else:
            yield match.group(), False
            at = match.end()


def _closing(line: str, start: int) -> int:
    """Where the quotation mark at ``start`` is closed: by one before a blank; else where the line ends."""
    at = line.find(line[start], start + 1)
    while at >= 0 and at + 1 < len(line) and not line[at + 1].isspace():
        at = line.find(line[start], at + 1)
    return len(line) if at < 0 else at
