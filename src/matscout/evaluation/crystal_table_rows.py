"""The rows of the table of generated crystals, with their exact definitions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.space_groups import LAST_NUMBERS
from matscout.data.elements import N_ELEMENTS
from matscout.data.materials import Materials
from matscout.data.unit_cells import THINNEST_CELL
from matscout.evaluation.binomial import BinomialShare
from matscout.evaluation.crystal_sample_facts import (
    ATOM_DENSITIES,
    MASS_DENSITIES,
    MOST_ATOMS,
    NEAREST,
    NEAREST_RATIO,
    SAME_SITE,
    SYMPREC,
    VOLUMES,
    CrystalSampleFacts,
)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CURVE = (100, 300, 1000)
"""Numbers of crystals, drawn with seed 0, for which uniqueness is given: it falls with the number."""


@dataclass(frozen=True)
class CrystalTableRow:
    """One row of the table.

    Parameters
    ----------
    letter
        a to l; rows of one letter belong together.
    name
        What is counted or measured.
    meaning
        Its exact definition.
    share
        Of all crystals; None where the row is a number.
    reached
        Of those that passed the rows before; None where the row is no step.
    value
        The number, where it is no share; NaN where it is not known.
    unit
        Of the number.
    reference
        The same of the reference: what real crystals reach; "" where it has none.
    """

    letter: str
    name: str
    meaning: str
    share: BinomialShare | None = None
    reached: BinomialShare | None = None
    value: float = math.nan
    unit: str = ""
    reference: str = ""

    @property
    def text(self) -> str:
        """The share with its interval, in brackets that of those that reached the row; or the number."""
        if self.share is None:
            return "" if math.isnan(self.value) else f"{self.value:.4g} {self.unit}".strip()
        return f"{self.share}" if self.reached is None else f"{self.share} [{self.reached}]"

    def document(self) -> dict[str, object]:
        """The row for programs."""
        about: dict[str, object] = {"row": self.letter, "name": self.name, "meaning": self.meaning}
        for name, share in (("of_all", self.share), ("of_those_that_reached_it", self.reached)):
            if share is not None:
                known = None if math.isnan(share.share) else share.share
                about[name] = {"count": share.count, "n": share.n, "share": known, "low": share.low, "high": share.high}
        if self.share is None:
            about |= {"value": None if math.isnan(self.value) else self.value, "unit": self.unit}
        return about | ({"reference": self.reference} if self.reference else {})


@dataclass(frozen=True, eq=False)
class CrystalComparison:
    """How n crystals compare with one another and with a reference.

    Parameters
    ----------
    first_equal
        int64 [n], the first of them to which each is equal (itself if it is the first).
    known
        int64 [n], the crystal of the reference to which each is equal; -1 if it is new. All are -1 without one.
    known_formula, known_prototype
        bool [n], whether the reference holds the composition, and the prototype (with any elements).
    """

    first_equal: NDArray[np.int64]
    known: NDArray[np.int64]
    known_formula: Flags
    known_prototype: Flags

    @property
    def unique(self) -> Flags:
        """Whether each is the first of its class, [n]."""
        return np.asarray(self.first_equal == np.arange(len(self.first_equal)))

    @property
    def novel(self) -> Flags:
        """Whether no crystal of the reference is equal, [n]."""
        return np.asarray(self.known < 0)


@dataclass(frozen=True, eq=False)
class CrystalCost:
    """What a sample cost: seconds of processor time and of the clock, and most memory in bytes; NaN if unknown."""

    processor: float = math.nan
    wall: float = math.nan
    memory: float = math.nan


NO_COST = CrystalCost()


@dataclass(frozen=True, eq=False)
class CrystalSet:
    """Crystals with their facts."""

    materials: Materials
    facts: CrystalSampleFacts

    @cached_property
    def element_shares(self) -> Floats:
        """How the atoms are spread over the elements, each crystal with the same weight, [118]."""
        return (
            np.asarray(self.materials.compositions.dense().mean(axis=0))
            if len(self.materials)
            else np.zeros(N_ELEMENTS)
        )

    @cached_property
    def group_shares(self) -> Floats:
        """How they are spread over space groups, [230]; those without one are left out."""
        counts = np.bincount(self.facts.space_groups, minlength=231)[1:].astype(np.float64)
        return np.asarray(counts / max(counts.sum(), 1.0))

    @property
    def system_shares(self) -> Floats:
        """How they are spread over crystal systems, [7]."""
        return np.asarray(np.add.reduceat(self.group_shares, [0, *LAST_NUMBERS[:-1]]))

    @property
    def numbers(self) -> dict[str, Floats]:
        """What distances of distributions are given for: name with unit -> [n]."""
        assert self.materials.structures is not None
        return {
            "density (g/cm³)": self.facts.densities,
            "volume per atom (Å³)": self.facts.volumes,
            "number of elements": self.materials.compositions.lengths.astype(np.float64),
            "number of atoms": np.diff(self.materials.structures.offsets).astype(np.float64),
        }


@dataclass(frozen=True, eq=False)
class TableInput:
    """What a table is made of.

    Parameters
    ----------
    given
        The readable crystals.
    n
        All, those that cannot be read among them.
    comparison
        Of the readable ones.
    ceiling
        Two samples of the reference; None without one.
    wished
        bool [readable], whether each has a space group that was asked for; None if none was.
    cost
        Of drawing.
    """

    given: CrystalSet
    n: int
    comparison: CrystalComparison
    ceiling: tuple[CrystalSet, CrystalSet] | None = None
    wished: Flags | None = None
    cost: CrystalCost = NO_COST

    def row(
        self, letter: str, name: str, passed: Flags, meaning: str, of_reference: Flags | None = None
    ) -> CrystalTableRow:
        """A share of all, beside that of the reference."""
        share = BinomialShare(int(passed.sum()), self.n)
        ceiling = "" if of_reference is None else str(BinomialShare(int(of_reference.sum()), len(of_reference)))
        return CrystalTableRow(letter, name, meaning, share, reference=ceiling)

    def step(self, row: CrystalTableRow, passed: Flags, reached: Flags) -> CrystalTableRow:
        """The same with the share of those that reached it."""
        of_these = BinomialShare(int((passed & reached).sum()), int(reached.sum()))
        return CrystalTableRow(row.letter, row.name, row.meaning, row.share, of_these, reference=row.reference)

    def fact(self, name: str) -> Flags | None:
        """A fact of the reference; None without one."""
        return None if self.ceiling is None else getattr(self.ceiling[0].facts, name)


def table_rows(table: TableInput) -> tuple[CrystalTableRow, ...]:
    """All rows, in the order of their letters."""
    makers = (_soundness, _neutrality, _symmetry, _uniqueness, _novelty, _distributions, _together, _costs)
    return tuple(row for maker in makers for row in maker(table))


def _soundness(table: TableInput) -> Iterator[CrystalTableRow]:
    facts = table.given.facts
    text = (
        f"read back from its CIF by pymatgen, the same sites within {SAME_SITE} Å, 1 to {MOST_ATOMS} atoms, and a "
        f"Niggli-reduced cell at least {THINNEST_CELL} Å thick (its angles are 60 to 120°, however oblique the cell is)"
    )
    yield table.row("a", "parsable", facts.parsable, text)
    apart = table.row("b", "atoms apart", facts.apart, "both rows below", table.fact("apart"))
    yield table.step(apart, facts.apart, facts.parsable)
    near, ratio = facts.distances > NEAREST, facts.ratios > NEAREST_RATIO
    yield table.row("b", f"nearest atoms > {NEAREST} Å", near, "least distance over periodic images (CDVAE's validity)")
    text = f"least distance > {NEAREST_RATIO} times the sum of the covalent radii (Cordero)"
    yield table.row("b", f"> {NEAREST_RATIO} sums of radii", ratio, text)
    free = facts.free > 0
    for words, some in (("with", free), ("without", ~free)):
        row = table.row("b", f"of those {words} free coordinates", ratio & some, "the row above")
        yield CrystalTableRow(
            row.letter, row.name, row.meaning, BinomialShare(int((ratio & some).sum()), int(some.sum()))
        )
    text = f"volume per atom within {VOLUMES[0]} and {VOLUMES[1]} of the one expected of the composition"
    usual = table.row("c", "usual volume", facts.usual_volume, text, table.fact("usual_volume"))
    yield table.step(usual, facts.usual_volume, facts.parsable & facts.apart)
    text = (
        f"{ATOM_DENSITIES[0]:g} to {ATOM_DENSITIES[1]} atoms/Å³ and {MASS_DENSITIES[0]} to {MASS_DENSITIES[1]:g} g/cm³ "
        "(LeMat-GenBench)"
    )
    yield table.row("c", "density in the wide range", facts.usual_density, text, table.fact("usual_density"))


def _neutrality(table: TableInput) -> Iterator[CrystalTableRow]:
    facts = table.given.facts
    passed, reached = facts.neutral | facts.metals, facts.parsable & facts.apart & facts.usual_volume
    ceiling = None if table.ceiling is None else table.ceiling[0].facts.neutral | table.ceiling[0].facts.metals
    yield table.step(table.row("d", "neutral or metals", passed, "one of the two rows below", ceiling), passed, reached)
    yield table.row("d", "neutral", facts.neutral, "whole oxidation states add up to zero", table.fact("neutral"))
    yield table.row(
        "d", "metals only, or one element", facts.metals, "charge counting does not apply", table.fact("metals")
    )
    yield table.row("d", "SMACT", facts.smact, "smact_validity of SMACT 4", table.fact("smact"))
    without = table.fact("smact_without_alloys")
    yield table.row(
        "d", "SMACT without alloys", facts.smact_without_alloys, "the same without its rule for alloys", without
    )


def _symmetry(table: TableInput) -> Iterator[CrystalTableRow]:
    facts, ceiling = table.given.facts, None if table.ceiling is None else table.ceiling[0].facts
    text = f"spglib finds a space group at {SYMPREC} Å and 5°"
    yield table.row(
        "e", "space group", facts.space_groups > 0, text, None if ceiling is None else ceiling.space_groups > 0
    )
    ones = None if ceiling is None else ceiling.space_groups == 1
    yield table.row("e", "P1", facts.space_groups == 1, "no symmetry besides translations", ones)
    free = None if ceiling is None else ceiling.free >= 2
    yield table.row("e", "two free coordinates or more", facts.free >= 2, "of all orbits together", free)
    if table.wished is not None:
        yield table.row("e", "as wished", table.wished, "a space group that was asked for")
    yield _divergence(table, "e", "space groups", "group_shares")
    yield _divergence(table, "e", "crystal systems", "system_shares")


def _uniqueness(table: TableInput) -> Iterator[CrystalTableRow]:
    unique, facts = table.comparison.unique, table.given.facts
    text = "first of its class: same reduced formula, and StructureMatcher (0.2, 0.3, 5°) maps one onto the other"
    yield table.step(table.row("f", "unique", unique, text), unique, facts.valid)
    for size in CURVE:
        if size < table.n:
            chosen = np.random.default_rng(0).permutation(table.n)[:size]
            classes = table.comparison.first_equal[chosen[chosen < len(unique)]]
            share = BinomialShare(len(np.unique(classes)), size)
            yield CrystalTableRow("f", f"unique of {size}", "drawn with seed 0 from all", share)
    formulas = table.given.materials.compositions.keys()
    yield table.row("f", "formula unique", _first(formulas), "first with its reduced formula")
    both = np.char.add(np.char.add(facts.labels, " "), formulas.astype(np.str_))
    yield table.row("f", "prototype and formula unique", _first(both), "first with its prototype label and formula")


def _novelty(table: TableInput) -> Iterator[CrystalTableRow]:
    if table.ceiling is None:
        return
    compared, facts = table.comparison, table.given.facts
    text = "equal (as in f) to no crystal of the reference"
    yield table.step(table.row("g", "novel", compared.novel, text), compared.novel, facts.valid & compared.unique)
    yield table.row("g", "formula unknown", ~compared.known_formula, "no crystal of the reference has its composition")
    yield table.row("g", "prototype unknown", ~compared.known_prototype, "no crystal of the reference has its label")


def _distributions(table: TableInput) -> Iterator[CrystalTableRow]:
    if table.ceiling is None:
        return
    from scipy.stats import wasserstein_distance

    first, second = table.ceiling
    for name, values in table.given.numbers.items():
        distance = float(wasserstein_distance(values, first.numbers[name])) if len(values) else math.nan
        floor = float(wasserstein_distance(second.numbers[name], first.numbers[name]))
        text = "Wasserstein-1 distance to the reference"
        yield CrystalTableRow("h", name, text, value=distance, reference=f"{floor:.4g}")
    yield _divergence(table, "h", "elements", "element_shares")


def _together(table: TableInput) -> Iterator[CrystalTableRow]:
    names = "a to d, f and g" if table.ceiling is not None else "a to d and f (no reference says what is novel)"
    compared = table.comparison
    passed = table.given.facts.valid & compared.unique & compared.novel
    yield table.row("j", "V.U.N.", passed, f"valid, unique, novel: {names} together")


def _costs(table: TableInput) -> Iterator[CrystalTableRow]:
    cost, facts, compared = table.cost, table.given.facts, table.comparison
    counts = {"drawn": table.n, "valid": int(facts.valid.sum())}
    counts["V.U.N."] = int((facts.valid & compared.unique & compared.novel).sum())
    for name, count in counts.items():
        seconds = cost.processor / count if count else math.nan
        yield CrystalTableRow("l", f"for a {name} crystal", "processor time", value=1000 * seconds, unit="ms")
    yield CrystalTableRow("l", "wall", "time of the clock for all", value=cost.wall, unit="s")
    yield CrystalTableRow("l", "memory", "most memory of the process", value=cost.memory / 1e6, unit="MB")


def _divergence(table: TableInput, letter: str, name: str, column: str) -> CrystalTableRow:
    """Jensen-Shannon divergence (bits) to the reference, beside that of another sample of it."""
    text = "Jensen-Shannon divergence (bits) to the reference"
    if table.ceiling is None:
        return CrystalTableRow(letter, f"JSD of {name}", text)
    first, second = (getattr(one, column) for one in table.ceiling)
    value = jensen_shannon(getattr(table.given, column), first)
    return CrystalTableRow(
        letter, f"JSD of {name}", text, value=value, reference=f"{jensen_shannon(second, first):.4g}"
    )


def jensen_shannon(first: Floats, second: Floats) -> float:
    """Jensen-Shannon divergence of two distributions, bits: 0 if they are equal, 1 if they share nothing."""
    middle = (first + second) / 2
    return float(sum(_relative_entropy(one, middle) for one in (first, second)) / 2)


def _relative_entropy(shares: Floats, other: Floats) -> float:
    held = shares > 0
    return float((shares[held] * np.log2(shares[held] / other[held])).sum())


def _first(keys: NDArray[np.str_]) -> Flags:
    """Whether each key is the first of its kind."""
    first = np.zeros(len(keys), dtype=np.bool_)
    first[np.unique(keys, return_index=True)[1]] = True
    return first
