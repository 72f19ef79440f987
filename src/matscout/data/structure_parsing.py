"""Many structures, read by several processes; one that takes too long costs only itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from matscout.data.budgets import BUDGET
from matscout.data.structure_entries import ParsedEntries, StructureEntry, load_readers, parse, stored_bytes, weight
from matscout.data.structures import Structures
from matscout.errors import RowProblem
from matscout.progress import Progress, silent
from matscout.workers import AHEAD, Lost, in_processes, processors

FEW = 100
"""So many are read at once by this process: others would take longer to start."""

LARGE = 1_000_000
"""Bytes; what is larger is read by another process, which can be ended: the number of atoms bounds the time for all
formats that are read here, but not that of foreign readers."""

READING = "reading structures"

AT_ONCE = 64
"""Entries that a process is given at a time."""


def parse_all(
    entries: Iterable[StructureEntry], seconds: float = BUDGET.seconds, progress: Progress = silent, total: int = 0
) -> Iterator[tuple[Sequence[StructureEntry], ParsedEntries]]:
    """Read entries, in their order and in parts; a few small ones here, others in several processes.

    Parameters
    ----------
    entries
        May come from a source that does not fit into memory.
    seconds
        A structure that takes longer is given up and reported, where other processes read: of many, or large ones.
    progress, total
        Told how many of ``total`` (0: unknown) are read, where they are many.

    Yields
    ------
    tuple
        The entries of a part and what they hold.
    """
    coming = iter(entries)
    first = next(in_parts(coming, FEW), ())
    beyond = next(coming, None)
    if beyond is None and len(first) < FEW and not any(stored_bytes(entry) > LARGE for entry in first):
        yield first, parse(first)
        return
    coming = coming if beyond is None else chain([beyond], coming)
    parts, done = in_parts(chain(first, coming), AT_ONCE), 0
    progress(READING, done, total)
    for part, outcome in _side_by_side(parts, seconds):
        done += len(part)
        progress(READING, done, total)
        if isinstance(outcome, Lost):
            yield part, _one_by_one(part, seconds)
        else:
            yield part, outcome


def in_parts(entries: Iterable[StructureEntry], size: int) -> Iterator[tuple[StructureEntry, ...]]:
    """Cut into parts of ``size``, the last one smaller, and others where the texts of a part are long."""
    part: list[StructureEntry] = []
    held, limit = 0, BUDGET.bytes_held // (AHEAD * processors())
    for entry in entries:
        part.append(entry)
        held += weight(entry)
        if len(part) == size or held >= limit:
            yield tuple(part)
            part, held = [], 0
    if part:
        yield tuple(part)


def _side_by_side(
    parts: Iterable[tuple[StructureEntry, ...]], seconds: float
) -> Iterator[tuple[tuple[StructureEntry, ...], ParsedEntries | Lost[tuple[StructureEntry, ...]]]]:
    """Each part with what became of it."""
    handed_out: list[tuple[StructureEntry, ...]] = []

    def remembered() -> Iterator[tuple[StructureEntry, ...]]:
        for part in parts:
            handed_out.append(part)
            yield part

    for outcome in in_processes(parse, remembered(), seconds=seconds, prepare=load_readers):
        yield handed_out.pop(0), outcome


def _one_by_one(part: Sequence[StructureEntry], seconds: float) -> ParsedEntries:
    """Each entry of a part that was lost on its own, to find the one that it was lost for."""
    outcomes = in_processes(parse, [(entry,) for entry in part], seconds=seconds, prepare=load_readers)
    return joined([_lost(outcome) if isinstance(outcome, Lost) else outcome for outcome in outcomes], [1] * len(part))


def _lost(lost: Lost[tuple[StructureEntry]]) -> ParsedEntries:
    problem = RowProblem(1, lost.part[0].name, f"it cannot be read: {lost.reason}", "leave it out, or reduce it")
    return ParsedEntries(Structures.joined([]), np.zeros(0, dtype=np.int64), (), (problem,))


def joined(parts: Sequence[ParsedEntries], sizes: Sequence[int]) -> ParsedEntries:
    """What several parts of ``sizes`` entries hold, counted over all of them."""
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)[:-1].tolist()
    placed = list(zip(parts, starts, strict=True))
    return ParsedEntries(
        Structures.joined([part.structures for part in parts]),
        np.concatenate([*(part.rows + start for part, start in placed), []]).astype(np.int64),
        tuple(properties for part in parts for properties in part.properties),
        tuple(replace(problem, row=problem.row + start) for part, start in placed for problem in part.problems),
    )
