"""Force field: crystals -> energies, forces and stresses, all crystals of a batch at once."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals, parts_by_sites
from matscout.crystal.neighbours import Pairs, pairs_within
from matscout.data.elements import SYMBOLS
from matscout.data.structures import Structures
from matscout.errors import RowProblem
from matscout.extras import missing_words, require
from matscout.registry import name_of
from matscout.shown import named_few
from matscout.simulate.energies import Energies, joined_energies
from matscout.simulate.energy_schemes import EnergyScheme
from matscout.simulate.pair_slopes import forces_of, stresses_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Reason = tuple[str, str]
"""Why a crystal has no energy, and what to do."""

SEARCHED = 1.5
"""Å; searching within less takes a hundred times longer, because the cell is then divided into many more boxes."""

OVERLAP = 0.1
"""Å; sites that are closer are one site written twice, or a mistake."""


@dataclass(frozen=True)
class WeightsFile:
    """The weights of a force field.

    Parameters
    ----------
    version
        What its authors call them.
    digest
        SHA-256 of the file, "" for a force field without one.
    """

    version: str
    digest: str = ""

    @classmethod
    def of(cls, version: str, path: Path) -> WeightsFile:
        """Those in a file."""
        with path.open("rb") as file:
            return cls(version, hashlib.file_digest(file, "sha256").hexdigest())


class ForceField(ABC):
    """Energies of ordered crystals, with their derivatives.

    A concrete one gives the class attributes and :meth:`batch`, or derives from :class:`PairForceField`.
    """

    title: ClassVar[str]
    """What its authors call it."""
    scheme: EnergyScheme = "unknown"
    """Which energies it predicts."""
    trained_on: str = ""
    """What it was trained on, in a sentence with its source; "" if that is not known."""
    licence: str = ""
    """Of its weights, as their package states it; "" if that is not known."""
    cutoff: float | None = None
    """Å, how far an atom sees others; None if that is not known."""
    elements: tuple[int, ...] | None = None
    """Atomic numbers of the elements on which it was trained; None if that is not known."""
    computes: tuple[int, ...] | None = None
    """Atomic numbers for which it gives a number, reliable or not; None if that is not known."""
    precision: Literal["single", "double"] = "double"
    """Of the numbers with which it computes."""
    sites_at_once: ClassVar[int] = 100
    """Crystals go through it together until they have so many sites: then it is fastest on a processor."""
    packages: ClassVar[tuple[str, ...]] = ()
    """Which packages it needs."""
    extra: ClassVar[str] = ""
    """Which extra of matscout brings them."""

    @property
    def name(self) -> str:
        """What it is called in the catalogue."""
        return name_of(type(self))

    @property
    def weights(self) -> WeightsFile:
        """Version and digest of its weights."""
        return WeightsFile("none")

    @property
    def described(self) -> str:
        """Its name with version and digest of the weights: ``"chgnet 0.3.0 6f1a2b3c4d5e"``."""
        version, digest = self.weights.version, self.weights.digest[:12]
        return " ".join(
            [self.name, *([] if version in ("none", self.name) else [version]), *([digest] if digest else [])]
        )

    @classmethod
    def missing(cls) -> str:
        """What must be installed before it can be used, "" if nothing."""
        return missing_words(cls.packages, cls.extra)

    @abstractmethod
    def batch(self, crystals: Crystals) -> Energies:
        """Energies of a few crystals that it can compute; NaN for one that turns out to have none."""

    def evaluate(self, given: Crystals | Structures) -> Energies:
        """Energies, forces and stresses of n structures.

        Parameters
        ----------
        given
            Ordered structures. Those that it cannot compute (disorder, an element that it does not know, two atoms on
            one place, an atom alone) have NaN and a problem.

        Raises
        ------
        MissingExtraError
            If its package is not installed.
        """
        require(*self.packages, extra=self.extra)
        crystals = given if isinstance(given, Crystals) else Crystals.from_structures(given)
        reasons = self.refusals(crystals)
        usable = np.flatnonzero([reason is None for reason in reasons])
        energy = np.full(len(crystals), np.nan)
        forces, stress = np.full((len(crystals.fractional), 3), np.nan), np.full((len(crystals), 3, 3), np.nan)
        for part in parts_by_sites(np.diff(crystals.offsets)[usable], self.sites_at_once):
            rows = usable[part]
            answer = self.guarded(crystals[rows])
            energy[rows], stress[rows] = answer.energy, answer.stress
            forces[np.isin(crystals.owners, rows)] = answer.forces
            for problem in answer.problems:
                reasons[rows[problem.row - 1]] = (problem.reason, problem.advice)
        for row in usable[np.isnan(energy[usable])]:
            reasons[row] = reasons[row] or self.undefined(crystals[np.array([row])])
        return Energies(energy, forces, stress, _problems(crystals, reasons))

    def sites(self, crystals: Crystals) -> tuple[Floats, Floats] | None:
        """Features of atoms [s, w], from which it reads their energies, and energies of the cells [n] (eV).

        Without forces, of crystals that it can compute. None for a force field without such features.
        """
        return None

    def guarded(self, crystals: Crystals) -> Energies:
        """As :meth:`batch`; NaN, with a problem that says why, for a crystal that makes it fail."""
        try:
            return self.batch(crystals)
        except Exception:
            # One crystal may be to blame, e.g. one with too many neighbours for the memory: the others must not suffer.
            return joined_energies([self._alone(crystals[np.array([row])], row) for row in range(len(crystals))])

    def _alone(self, crystal: Crystals, row: int) -> Energies:
        try:
            answer = self.batch(crystal)
            return replace(answer, problems=tuple(replace(problem, row=row + 1) for problem in answer.problems))
        except Exception as error:
            nothing = np.full((len(crystal.fractional), 3), np.nan)
            why = str(error).strip().partition("\n")[0] or type(error).__name__
            problem = RowProblem(row + 1, "", f"{self.title} fails: {why}", "leave it out")
            return Energies(np.array([np.nan]), nothing, np.full((1, 3, 3), np.nan), (problem,))

    def refusals(self, crystals: Crystals) -> list[Reason | None]:
        """Why it cannot compute a crystal and what to do, for each of n; None where it may."""
        reasons: list[Reason | None] = [None] * len(crystals)
        for row in np.flatnonzero(np.diff(crystals.offsets) == 0):
            reasons[row] = ("it has no structure", "give one, e.g. a CIF file")
        for row in np.flatnonzero(~crystals.ordered):
            reasons[row] = (
                "some of its sites are partly occupied or shared, and a force field needs whole atoms",
                "give an ordered model of the structure",
            )
        owners = crystals.owners[crystals.site_of_species]
        strange = (
            np.zeros(len(owners), bool) if self.computes is None else ~np.isin(crystals.atomic_numbers, self.computes)
        )
        for row in np.unique(owners[strange]):
            reasons[row] = reasons[row] or (
                f"{self.title} does not know {symbols_of(crystals.atomic_numbers[strange & (owners == row)])}",
                "leave it out, or use another force field",
            )
        for place, distance in _overlaps(crystals, np.flatnonzero(np.diff(crystals.offsets))):
            what = f"two of its sites are {distance:.2f} Å apart"
            reasons[place] = reasons[place] or (what, "remove one of them, or correct the cell")
        return reasons

    def undefined(self, crystal: Crystals) -> Reason:
        """Why a crystal that was tried has no energy, and what to do."""
        if self.cutoff is not None:
            alone = np.flatnonzero(np.diff(pairs_within(crystal, self.cutoff).offsets) == 0)
            if len(alone):
                what = f"its atom {crystal.site_name(int(alone[0]))} has no other one within {self.cutoff:g} Å"
                return what, "check the cell: lattice constants may be too large"
        return f"{self.title} gives no number for it", "check the structure, or use another force field"

    def untrained(self, numbers: Integers) -> str:
        """The elements of a crystal with these atomic numbers on which it was not trained, with commas between."""
        return "" if self.elements is None else symbols_of(numbers[~np.isin(numbers, self.elements)])


class PairForceField(ForceField):
    """A force field whose energy depends on the vectors from each atom to those within its cutoff."""

    cutoff: float

    @abstractmethod
    def slopes(self, crystals: Crystals, pairs: Pairs) -> tuple[Floats, Floats]:
        """Energies of the cells [n] (eV), and their derivatives by the vectors of the pairs [p, 3] (eV/Å)."""

    def batch(self, crystals: Crystals) -> Energies:
        """All crystals in one graph; NaN for those with an atom that has no other one within the cutoff."""
        pairs = pairs_within(crystals, self.cutoff)
        energy, slopes = self.slopes(crystals, pairs)
        forces, stress = forces_of(slopes, pairs), stresses_of(slopes, pairs, crystals)
        alone = np.unique(crystals.owners[np.diff(pairs.offsets) == 0])
        energy[alone], stress[alone], forces[np.isin(crystals.owners, alone)] = np.nan, np.nan, np.nan
        return Energies(energy, forces, stress)


def _overlaps(crystals: Crystals, rows: Integers) -> Iterator[tuple[int, float]]:
    """Crystals among some rows with two sites on one place, and how far these are apart, Å."""
    some = crystals[rows]
    pairs = pairs_within(some, SEARCHED)
    close = pairs.distances < OVERLAP
    yield from zip(rows[some.owners[pairs.first[close]]].tolist(), pairs.distances[close].tolist(), strict=True)


def symbols_of(numbers: Integers) -> str:
    """``"Na, Cl"`` of atomic numbers, each once."""
    return named_few([SYMBOLS[number - 1] for number in np.unique(numbers)])


def _problems(crystals: Crystals, reasons: Sequence[Reason | None]) -> tuple[RowProblem, ...]:
    return tuple(
        RowProblem(row + 1, _formula(crystals, row), *reason)
        for row, reason in enumerate(reasons)
        if reason is not None
    )


def _formula(crystals: Crystals, row: int) -> str:
    numbers = crystals[np.array([row])].atomic_numbers
    return symbols_of(numbers).replace(", ", "-") if len(numbers) else ""
