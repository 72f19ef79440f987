"""The energy corrections of the Materials Project of 2020 (MP2020).

Wang et al. (2021), DOI 10.1038/s41598-021-94550-5: fitted numbers for each atom of an anion, and for each atom of a
transition metal that is calculated with U beside O or F. The rule is that of ``MaterialsProject2020Compatibility`` of
pymatgen, its numbers are in ``mp2020.json`` (``scripts/make_mp2020_table.py``). An anion's correction applies where its
guessed oxidation state is -1 or lower, or where it is the most electronegative element and not guessed as an anion.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.materials import Materials
from matscout.simulate.anion_kinds import holds_sulfide, oxide_kinds
from matscout.simulate.oxidation_guesses import State, guess_states, reduced_amounts

ANIONS = ("Br", "I", "Se", "Si", "Sb", "Te", "H", "N", "F", "Cl")
"""Whose correction depends on the oxidation state."""

PEROXIDES = frozenset([*((metal, 2, 2) for metal in ("Li", "Na", "K", "Cs", "Rb")), *((m, 1, 2) for m in (
    "Be", "Mg", "Ca", "Sr", "Ba"
))])  # fmt: skip
SUPEROXIDES = frozenset((metal, 1, 2) for metal in ("Li", "Na", "K", "Rb", "Cs"))
OZONIDES = frozenset([("Li", 1, 3), ("Na", 1, 3), ("K", 1, 3), ("Na", 1, 5)])
"""Metal, its amount and that of oxygen: what a formula without a structure is taken for."""


@dataclass(frozen=True)
class CorrectionTable:
    """The numbers of MP2020.

    Parameters
    ----------
    anions
        Anion, or kind of oxide -> correction of each of its atoms, eV.
    with_u
        O or F as the most electronegative element -> metal -> correction of each of its atoms, eV.
    states
        Element -> oxidation states, each with how often the ICSD reports it.
    electronegativities
        Element -> electronegativity by Pauling.
    legacy_anions, legacy_with_u
        ``anions`` and ``with_u`` before 2020.
    legacy_gases
        Element -> energy per atom of its gas, eV, to which formation energies before 2020 are relative.
    """

    anions: Mapping[str, float]
    with_u: Mapping[str, Mapping[str, float]]
    states: Mapping[str, Sequence[State]]
    electronegativities: Mapping[str, float]
    legacy_anions: Mapping[str, float]
    legacy_with_u: Mapping[str, Mapping[str, float]]
    legacy_gases: Mapping[str, float]

    def most_electronegative(self, symbols: Sequence[str]) -> str:
        """The last one of those with the highest electronegativity; elements without one rank lowest."""
        return max(reversed(symbols), key=lambda symbol: self.electronegativities.get(symbol, 0.0))


@cache
def correction_table() -> CorrectionTable:
    """The table that comes with matscout."""
    stored = json.loads(files("matscout.simulate").joinpath("mp2020.json").read_text(encoding="utf-8"))
    return CorrectionTable(
        stored["corrections_eV_per_atom"],
        stored["corrections_of_U_eV_per_atom"],
        {symbol: [(state, often) for state, often in states] for symbol, states in stored["oxidation_states"].items()},
        stored["electronegativities"],
        stored["legacy_corrections_eV_per_atom"],
        stored["legacy_corrections_of_U_eV_per_atom"],
        stored["legacy_gases_eV_per_atom"],
    )


def mp2020_corrections(materials: Materials) -> NDArray[np.float64]:
    """Corrections per atom, eV, [n]; added to uncorrected PBE and PBE+U energies per atom.

    Distances tell oxide from peroxide and sulfide from sulfate in rows with a structure. Elsewhere the formula does,
    in which every sulfur counts as a sulfide, as in pymatgen.

    Parameters
    ----------
    materials
        n materials.
    """
    oxides, sulfides = kinds_by_structure(materials)
    corrections = np.zeros(len(materials))
    for row in range(len(materials)):
        amounts = materials.compositions.to_dict(row)
        whole = correction(amounts, oxides.get(row), has_sulfide=sulfides.get(row, True))
        corrections[row] = whole / sum(amounts.values())
    return corrections


def correction(amounts: Mapping[str, float], oxide: str | None = None, *, has_sulfide: bool = True) -> float:
    """The correction of a formula as it is written, eV.

    Parameters
    ----------
    amounts
        Element symbol -> amount; ties of electronegativity and of guesses go by the order of the elements.
    oxide
        ``"oxide"``, ``"peroxide"``, ``"superoxide"`` or ``"ozonide"``; None: by the formula.
    has_sulfide
        Whether sulfur, where there is some, counts as an anion.
    """
    table = correction_table()
    if len(amounts) < 2:
        return 0.0
    others = _anions(amounts, table.most_electronegative(list(amounts)), table)
    kinds = {anion: anion for anion in (*(["S"] if has_sulfide else []), *others)}
    kinds |= {"O": oxide or oxide_of_formula(amounts)} if "O" in amounts else {}
    return sum_of_corrections(amounts, kinds, table.anions, table.with_u)


def sum_of_corrections(
    amounts: Mapping[str, float],
    kinds: Mapping[str, str],
    anions: Mapping[str, float],
    with_u: Mapping[str, Mapping[str, float]],
) -> float:
    """Corrections of the anions of a compound and of its metals, eV.

    Parameters
    ----------
    amounts
        Element symbol -> amount.
    kinds
        Element that counts as an anion, where it occurs -> which entry of ``anions`` corrects it.
    anions, with_u
        As in :class:`CorrectionTable`.
    """
    total = sum(anions[kind] * amounts[symbol] for symbol, kind in kinds.items() if symbol in amounts)
    metals = with_u.get(correction_table().most_electronegative(list(amounts)), {})
    return total + sum(metals[symbol] * amount for symbol, amount in amounts.items() if symbol in metals)


def _anions(amounts: Mapping[str, float], strongest: str, table: CorrectionTable) -> list[str]:
    """Those of :data:`ANIONS` whose correction applies."""
    present = [anion for anion in ANIONS if anion in amounts]
    if not present:
        return []
    states = guess_states(amounts, table.states)
    return [
        anion
        for anion in present
        if states.get(anion, 0.0) <= -1.0 or (states.get(anion, 0.0) >= 0.0 and anion == strongest)
    ]


def oxide_of_formula(amounts: Mapping[str, float]) -> str:
    """What a formula with oxygen is taken for where the structure is not known.

    >>> oxide_of_formula({"Na": 1, "O": 1}), oxide_of_formula({"K": 1, "O": 2}), oxide_of_formula({"Ti": 1, "O": 2})
    ('peroxide', 'superoxide', 'oxide')
    """
    unit = reduced_amounts(amounts) or {}
    metals = [symbol for symbol in unit if symbol != "O"]
    if len(metals) != 1:
        return "oxide"
    key = (metals[0], unit[metals[0]], unit["O"])
    known = {"peroxide": PEROXIDES, "superoxide": SUPEROXIDES, "ozonide": OZONIDES}
    return next((kind for kind, formulas in known.items() if key in formulas), "oxide")


def kinds_by_structure(materials: Materials) -> tuple[dict[int, str], dict[int, bool]]:
    """Row -> kind of oxide, and row -> whether it holds sulfide, of rows with a structure and these elements."""
    structures = materials.structures
    if structures is None:
        return {}, {}
    fractions = materials.compositions.dense()
    with_oxygen = np.flatnonzero(structures.present & (fractions[:, ATOMIC_NUMBERS["O"] - 1] > 0))
    with_sulfur = np.flatnonzero(structures.present & (fractions[:, ATOMIC_NUMBERS["S"] - 1] > 0))
    oxides = dict(zip(with_oxygen.tolist(), oxide_kinds(structures[with_oxygen]), strict=True))
    scale = {ATOMIC_NUMBERS[symbol]: value for symbol, value in correction_table().electronegativities.items()}
    return oxides, dict(zip(with_sulfur.tolist(), holds_sulfide(structures[with_sulfur], scale), strict=True))
