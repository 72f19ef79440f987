"""Other arrangements of the labelled defects: all that differ by symmetry in the supercells of the labels."""

from __future__ import annotations

from collections import Counter

import numpy as np

from matscout.counting import counted
from matscout.crystal.defects.enumeration import Listing, listed_arrangements
from matscout.crystal.defects.readings import arrangements
from matscout.data.defects.column_store import Defects
from matscout.data.kinds import DEFECT
from matscout.data.materials import Materials
from matscout.errors import InputError, UsageError
from matscout.generate.base import Candidates, Generator, Wishes
from matscout.progress import Progress, silent
from matscout.remarks import Remark

ORIGIN = "arrangement of defects of the labels"
MOST_LISTED = 1_000_000
"""Arrangements of one set of defects that are listed; of more a random choice is drawn."""


class Arrangements(Generator):
    """The arrangements of each labelled set of defects; of more than ``n`` a random choice."""

    usual_filters = ("unlabelled",)
    kinds = (DEFECT,)

    def sample(self, wishes: Wishes, n: int, seed: int = 0, progress: Progress = silent) -> Candidates:
        """About the same number for each set of defects.

        Raises
        ------
        UsageError
            If the labels are no arrangements of defects with positions.
        InputError
            If there is no arrangement that can be listed.
        """
        labels = wishes.labels.materials.defects
        if labels is None or not labels.placed.any():
            raise UsageError(
                "arrangements are listed in the supercells of the labels, but these have no positions: read supercells "
                "with matscout defects read, or give the arrangements to rank (--candidates=FILE)"
            )
        wanted = _sets_of(labels)
        share = max(1, n // len(wanted))
        parts: list[Listing] = []
        for place, (row, counts) in enumerate(wanted):
            progress("listing arrangements", place, len(wanted))
            host, matrix = labels.hosts[labels.host[row]], labels.matrix_of(row)
            parts.append(listed_arrangements(host, matrix, counts, most=share, seed=seed + place))
        parts = [part for part in parts if len(part.defects)]
        if not parts:
            raise InputError(
                "the labelled defects are interstitials, whose other places are not known: give candidates"
            )
        return _joined(parts)


def _sets_of(labels: Defects) -> list[tuple[int, Counter[int]]]:
    """A row, and how often each code of a defect occurs, of each set of defects in a supercell; no interstitials."""
    known: dict[tuple[object, ...], tuple[int, Counter[int]]] = {}
    for row in np.flatnonzero(labels.placed & (labels.sizes > 0)).tolist():
        codes = labels.codes[labels.offsets[row] : labels.offsets[row + 1]]
        if (codes < 256).any():
            continue
        counts = Counter(codes.tolist())
        known.setdefault((labels.host[row], labels.matrix_of(row), *sorted(counts.items())), (row, counts))
    return list(known.values())


def _joined(parts: list[Listing]) -> Candidates:
    defects = Defects.joined([part.defects for part in parts])
    ids = np.array([str(place) for place in range(1, len(defects) + 1)], dtype=np.str_)
    materials: Materials = arrangements(ids, defects)
    drawn = sum(not part.complete for part in parts)
    beyond = f"; of {counted(drawn, 'set')} a random choice" if drawn else ""
    text = f"{len(defects):,} arrangements of {counted(len(parts), 'set')} of defects, different by symmetry{beyond}."
    return Candidates(materials, np.full(len(defects), ORIGIN), (Remark("arrangements-listed", text),))
