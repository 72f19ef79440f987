"""The phases that a hull is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted, was
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.data.read_only import lock
from matscout.errors import InputError, UsageError
from matscout.remarks import Remark
from matscout.shown import ShownTable
from matscout.simulate.competing_phases import CompetingPhases
from matscout.simulate.element_energies import ElementEnergies, mp_elements
from matscout.simulate.energy_schemes import MP2020, MP_LEGACY, UNCORRECTED, UNKNOWN, check_scheme, require_one_scheme
from matscout.simulate.formation_energies import formation_energies
from matscout.simulate.mp_legacy import to_mp2020

if TYPE_CHECKING:
    import polars

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
System = tuple[int, ...]
"""Atomic numbers, ascending."""


LOWEST = -5.0
"""Formation energies below this, eV/atom, are wrong: fluorides of rare earths, the lowest, lie at -4.5. A wrong phase
so low lifts all compounds of its system."""


@dataclass(frozen=True, eq=False, repr=False)
class References(ShownTable):
    """n phases with their formation energies.

    Parameters
    ----------
    materials
        The phases; structures may be known or not.
    formation_energies
        float64 [n], eV/atom, relative to the elements.
    scheme
        Which calculation they come from, see :data:`~matscout.simulate.energy_schemes.SCHEMES`.
    source
        Where they come from, in words.
    elements
        Total energies of the elements that the formation energies are relative to; None if only these are known.
    remarks
        What is to be known of them, a sentence each.

    Raises
    ------
    UsageError
        If there is no such scheme.
    InputError
        If there is no phase, or an energy is not finite.
    """

    materials: Materials
    formation_energies: Floats
    scheme: str = UNKNOWN
    source: str = "in memory"
    elements: ElementEnergies | None = None
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_scheme(self.scheme)
        if len(self.materials) != len(self.formation_energies):
            raise ValueError(f"{len(self.materials)} phases, but {len(self.formation_energies)} energies")
        if not len(self.materials):
            raise InputError(f"{self.source} holds no phase with an energy: a hull needs references")
        if bad := int(np.sum(~np.isfinite(self.formation_energies))):
            raise InputError(f"{counted(bad, 'energy', 'energies')} of {self.source} are not finite")
        lock(self)

    @classmethod
    def of_credible(
        cls, materials: Materials, energies: Floats, scheme: str, source: str, elements: ElementEnergies | None = None
    ) -> Self:
        """References of the materials with a credible formation energy; a remark names the others.

        Parameters are those of the class; ``energies`` may be NaN.

        Raises
        ------
        InputError
            If none is left.
        """
        wrong = np.flatnonzero(energies < LOWEST)
        known = np.flatnonzero(np.isfinite(energies) & (energies >= LOWEST))
        remarks: tuple[str, ...] = ()
        if len(wrong):
            first = int(wrong[np.argmin(energies[wrong])])
            text = (
                f"{counted(len(wrong), 'phase')} of {source} below {LOWEST:g} eV/atom {was(len(wrong))} left out; no "
                f"compound is so low (the lowest: {materials.formulas[first]}, {materials.ids[first]}, "
                f"{energies[first]:.2f} eV/atom)."
            )
            remarks = (Remark("references-left-out", text),)
        return cls(materials[known], energies[known], scheme, source, elements, remarks)

    @classmethod
    def of_totals(cls, materials: Materials, energies: Floats, scheme: str, source: str) -> Self:
        """References of phases with total energies, such as those of a force field, the elements among them.

        A table of the Materials Project's schemes without any element is relative to the elements of that.

        Parameters
        ----------
        materials
            n phases.
        energies
            float64 [n], eV/atom; NaN where there is none.
        scheme
            Which calculation they come from; ``uncorrected-pbe`` becomes ``corrected-mp2020``.
        source
            Where they come from, in words.

        Raises
        ------
        InputError
            If an element is missing.
        """
        compositions = materials.compositions
        elements = ElementEnergies.of_phases(compositions, energies, f"elements in {source}")
        if np.isnan(elements.energies).all() and scheme in (MP2020, UNCORRECTED):
            elements = mp_elements()
        else:
            _require_all(elements, compositions, source)
        formation = formation_energies(materials, energies, scheme, elements)
        return cls.of_credible(materials, formation.values, formation.scheme, source, elements)

    def __len__(self) -> int:
        return len(self.materials)

    @cached_property
    def by_system(self) -> Mapping[System, Integers]:
        """Chemical system -> rows of the lowest phase of each composition in exactly these elements."""
        compositions = self.materials.compositions
        keys = compositions.keys()
        order = np.argsort(self.formation_energies, kind="stable")
        _, first = np.unique(keys[order], return_index=True)
        systems: dict[System, list[int]] = {}
        for row in np.sort(order[first]):
            start, stop = compositions.offsets[row], compositions.offsets[row + 1]
            systems.setdefault(tuple(compositions.elements[start:stop].tolist()), []).append(int(row))
        return {system: np.array(rows, dtype=np.int64) for system, rows in systems.items()}

    def rows_within(self, system: System) -> Integers:
        """Rows of the lowest phases of all compositions of two elements and more within a chemical system."""
        parts = [self.by_system[part] for part in subsystems(system) if part in self.by_system]
        return np.sort(np.concatenate([*parts, np.zeros(0, dtype=np.int64)]))

    def without_phases(self, system: System) -> tuple[System, ...]:
        """The systems of two elements and more within a chemical system that have no phase, smallest first."""
        return tuple(part for part in subsystems(system) if part not in self.by_system)

    def phases_of(self, system: System) -> CompetingPhases:
        """The phases that may lie on the hull of a chemical system: the elements, and what lies below them."""
        elements = [self._element(number) for number in system]
        rows = self.rows_within(system)
        rows = rows[self.formation_energies[rows] < 0]
        fractions = self.materials.compositions[rows].dense()[:, np.array(system) - 1]
        lowest = [0.0 if row < 0 else self.formation_energies[row] for row in elements]
        return CompetingPhases(
            np.concatenate([np.eye(len(system)), fractions]),
            np.concatenate([lowest, self.formation_energies[rows]]),
            np.concatenate([elements, rows]).astype(np.int64),
            system,
        )

    def _element(self, number: int) -> int:
        """The row of an element that is no higher than 0, the energy of the element by definition; -1 for none."""
        rows = self.by_system.get((number,), np.zeros(0, dtype=np.int64))
        return int(rows[0]) if len(rows) and self.formation_energies[rows[0]] <= 0 else -1

    def __getitem__(self, rows: Integers) -> References:
        """Some of the phases."""
        return replace(self, materials=self.materials[rows], formation_energies=self.formation_energies[rows])

    def rows_beside(self, compositions: Compositions) -> Integers:
        """Rows of the phases in the chemical systems of ``compositions``: all that a hull of these needs."""
        systems = set(_systems(compositions))
        parts = {part for system in systems for part in [*subsystems(system), *((number,) for number in system)]}
        return np.flatnonzero([system in parts for system in _systems(self.materials.compositions)])

    def beside(self, compositions: Compositions) -> References:
        """The phases of :meth:`rows_beside`; all phases where there is none."""
        rows = self.rows_beside(compositions)
        return self[rows] if 0 < len(rows) < len(self) else self

    def stated(self, scheme: str) -> References:
        """The same phases, of which a user states the scheme.

        Raises
        ------
        UsageError
            If there is no such scheme, or they have another one.
        """
        if self.scheme not in (UNKNOWN, scheme):
            raise UsageError(
                f"the energies of {self.source} are {self.scheme}, not {scheme}: leave out --references-scheme"
            )
        return replace(self, scheme=check_scheme(scheme))

    def require_scheme(self, scheme: str) -> None:
        """Refuse energies of a scheme to which there is no way from that of the references.

        Raises
        ------
        UsageError
            If so; it names both.
        """
        if (self.scheme, scheme) != (MP_LEGACY, MP2020):
            require_one_scheme(scheme, self.scheme)

    def in_scheme(self, scheme: str) -> References:
        """The same phases with energies of another scheme, where there is a way to it.

        Formation energies of the Materials Project before 2020 get the corrections of 2020
        (:mod:`matscout.simulate.mp_legacy`). Other schemes stay as they are.

        Raises
        ------
        InputError
            If the energies of the elements are not at hand, which that takes.
        """
        if (self.scheme, scheme) != (MP_LEGACY, MP2020):
            return self
        converted = to_mp2020(self.materials, self.formation_energies, self.elements or mp_elements())
        return replace(self, formation_energies=converted, scheme=MP2020)

    def elements_for(self, scheme: str) -> ElementEnergies:
        """The energies of the elements for total energies of a scheme: those of the references, else the MP's.

        Raises
        ------
        UsageError
            If the references hold formation energies only, and the scheme is none of the Materials Project.
        InputError
            If the energies of the Materials Project are not at hand.
        """
        if self.elements is not None:
            return self.elements
        if check_scheme(scheme) in (MP2020, UNCORRECTED):
            return mp_elements()
        raise UsageError(
            f"total energies of the scheme {scheme} need those of the elements: state another scheme (--scheme), give "
            "references with total energies and the elements among them, or give formation energies"
        )

    def in_a_line(self) -> str:
        """How many phases, of what scheme, from where."""
        return f"{counted(len(self), 'phase')} of {self.materials.compositions.made_of}, {self.source}, {self.scheme}"

    def to_frame(self) -> polars.DataFrame:
        """A row for each phase: id, formula, formation energy and scheme."""
        import polars

        return polars.DataFrame(
            {
                "id": self.materials.ids.tolist(),
                "formula": self.materials.formulas.tolist(),
                "formation energy (eV/atom)": self.formation_energies,
                "scheme": [self.scheme] * len(self),
            }
        )


def _require_all(elements: ElementEnergies, compositions: Compositions, source: str) -> None:
    numbers = np.unique(compositions.elements)
    lacking = [SYMBOLS[number - 1] for number in numbers if np.isnan(elements.energies[number - 1])]
    if lacking:
        more = f" (nor of {len(lacking) - 1} more)" if len(lacking) > 1 else ""
        raise InputError(
            f"{source} holds total energies and none of the element {lacking[0]}{more}: add the elements, or give "
            "formation energies"
        )


def _systems(compositions: Compositions) -> Iterator[System]:
    """The elements of each."""
    for start, stop in pairwise(compositions.offsets.tolist()):
        yield tuple(compositions.elements[start:stop].tolist())


def subsystems(system: System) -> list[System]:
    """All parts of a chemical system with two elements and more, itself included, smallest first."""
    return [part for size in range(2, len(system) + 1) for part in combinations(system, size)]


def system_name(system: System) -> str:
    """``"Fe-O"``: the symbols in alphabetical order."""
    return "-".join(sorted(SYMBOLS[number - 1] for number in system))
