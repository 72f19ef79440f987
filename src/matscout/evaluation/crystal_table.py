"""The table of generated crystals: how many are sound, distinct and new, with n and 95 % interval of every share."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.crystal.equal_crystals import ComparedCrystals, first_equals, known_as
from matscout.crystal.prototypes import anonymous_formula
from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.evaluation.crystal_sample_facts import SYMPREC, CrystalSampleFacts, found_symmetry, sample_facts
from matscout.evaluation.crystal_table_rows import (
    NO_COST,
    CrystalComparison,
    CrystalCost,
    CrystalSet,
    CrystalTableRow,
    TableInput,
    table_rows,
)
from matscout.shown import ShownTable
from matscout.store import Store, key_of

if TYPE_CHECKING:
    import polars

Flags = NDArray[np.bool_]

REFERENCE_SAMPLE = 1000
"""Crystals of the reference, drawn with seed 0, whose own shares are printed as the ceiling."""

KIND = "prototype-labels"
"""What prototypes of a reference are in a store."""


@dataclass(frozen=True, eq=False, repr=False)
class CrystalTable(ShownTable):
    """The table of a set of crystals.

    Parameters
    ----------
    rows
        In the order of their letters; none is left out because of its number.
    n
        Crystals that were drawn or given, those that cannot be read among them.
    facts, comparison
        Of the readable ones.
    reference
        What they are compared with, in words; "" without one.
    """

    rows: tuple[CrystalTableRow, ...]
    n: int
    facts: CrystalSampleFacts
    comparison: CrystalComparison
    reference: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, name: str) -> CrystalTableRow:
        """The row with a name; raises ``KeyError`` if there is none."""
        rows = {one.name: one for one in self.rows}
        return rows[name]

    @property
    def valid_unique_novel(self) -> Flags:
        """Whether each readable crystal is valid, unique and novel, [readable]."""
        return self.facts.valid & self.comparison.unique & self.comparison.novel

    def in_a_line(self) -> str:
        """How many, and the share of valid and unique ones, of novel ones where a reference says what is new."""
        words = "valid, unique and novel" if self.reference else "valid and unique (no reference says what is new)"
        return f"{counted(self.n, 'crystal')}; {words}: {self.row('V.U.N.').text}"

    def to_frame(self) -> polars.DataFrame:
        """A row for each: letter, name, share or number, those of the reference, meaning."""
        import polars

        return polars.DataFrame(
            {
                "row": [one.letter for one in self.rows],
                "name": [one.name for one in self.rows],
                "value": [one.text for one in self.rows],
                "reference": [one.reference for one in self.rows],
                "meaning": [one.meaning for one in self.rows],
            }
        )

    def markdown(self) -> str:
        """The table as Markdown."""
        lines = [f"| | | {self.n:,} crystals | {self.reference or 'no reference'} | meaning |", "|---|---|---|---|---|"]
        lines += [f"| {one.letter} | {one.name} | {one.text} | {one.reference} | {one.meaning} |" for one in self.rows]
        return "\n".join(lines) + "\n"

    def document(self) -> dict[str, object]:
        """The table for programs: for each row its count, n, share and interval, or its value."""
        return {"n": self.n, "reference": self.reference, "rows": [one.document() for one in self.rows]}


def crystal_table(
    materials: Materials,
    reference: Materials | None = None,
    *,
    unreadable: int = 0,
    reference_words: str = "",
    wished_groups: Sequence[int] = (),
    cost: CrystalCost = NO_COST,
    store: Store | None = None,
) -> CrystalTable:
    """The table of crystals, which are compared with one another and with a reference.

    Parameters
    ----------
    materials
        n ordered crystals.
    reference
        Known crystals: the training set of the generator, or any other; without one nothing is known, and rows about
        it are left out.
    unreadable
        So many more were given that are no crystals; they count in every share.
    reference_words
        What the reference is.
    wished_groups
        Space groups that were asked for; none if any will do.
    cost
        What drawing them cost.
    store
        Where prototypes of the reference are kept, which take 5 ms each to find.
    """
    facts = sample_facts(materials)
    comparison = compared(materials, facts, reference, store)
    ceiling, n = None if reference is None else samples_of(reference), len(materials) + unreadable
    wished = np.isin(facts.space_groups, wished_groups) if len(wished_groups) else None
    rows = table_rows(TableInput(CrystalSet(materials, facts), n, comparison, ceiling, wished, cost))
    return CrystalTable(rows, n, facts, comparison, reference_words)


def compared(
    materials: Materials, facts: CrystalSampleFacts, reference: Materials | None, store: Store | None = None
) -> CrystalComparison:
    """Which crystals equal one another, and which the reference knows; parameters as in :func:`crystal_table`."""
    crystals, n = ComparedCrystals(materials), len(materials)
    first, none = first_equals(crystals), np.zeros(n, dtype=np.bool_)
    if reference is None:
        return CrystalComparison(first, np.full(n, -1), none, none)
    known = known_as(crystals, ComparedCrystals(reference))
    formulas = np.isin(crystals.keys, reference.compositions.keys())
    prototypes = np.isin(facts.labels, _labels_of(reference, facts.labels, store))
    return CrystalComparison(first, known, np.asarray(formulas), np.asarray(prototypes))


def samples_of(reference: Materials) -> tuple[CrystalSet, CrystalSet]:
    """:data:`REFERENCE_SAMPLE` crystals drawn with seed 0 and as many others, which show what real crystals reach."""
    rows = np.flatnonzero(reference.has_structure)
    order = rows[np.random.default_rng(0).permutation(len(rows))]
    size = min(REFERENCE_SAMPLE, max(1, len(order) // 2))
    first, second = (reference[order[start : start + size]] for start in (0, size))
    return CrystalSet(first, sample_facts(first, read_back=False)), CrystalSet(
        second, sample_facts(second, read_back=False)
    )


def _labels_of(reference: Materials, wanted: NDArray[np.str_], store: Store | None) -> NDArray[np.str_]:
    """Prototypes of those crystals of the reference that may have one of the wanted: their stoichiometry occurs."""
    stoichiometries = list({label.partition("_")[0] for label in wanted.tolist()})
    same = np.isin(anonymous_formulas(reference.compositions), stoichiometries)
    structures = reference[np.flatnonzero(same & reference.has_structure)].structures
    assert structures is not None
    key = key_of("prototype labels", SYMPREC, structures.arrays)
    if store is not None and (kept := store.get_bytes(KIND, key)) is not None:
        return np.array(json.loads(kept), dtype=np.str_)
    labels = np.unique(found_symmetry(structures).labels)
    if store is not None:
        store.put_bytes(KIND, key, json.dumps(labels.tolist()).encode())
    return labels


def anonymous_formulas(compositions: Compositions) -> NDArray[np.str_]:
    """``"AB2"`` of each composition with whole amounts, as prototype labels begin, [n]."""
    return np.array([_anonymous(compositions.to_dict(row)) for row in range(len(compositions))], dtype=np.str_)


def _anonymous(amounts: dict[str, float]) -> str:
    whole = sorted(round(amount) for amount in amounts.values())
    unit = reduce(math.gcd, whole)
    return anonymous_formula(tuple(amount // unit for amount in whole)) if unit else ""
