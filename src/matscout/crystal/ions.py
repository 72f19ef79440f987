"""Which ions can stand in for one another, from the neighbourhoods that they keep in known compounds.

The similarity is the cosine between the SkipSpecies vectors of two ions (Onwuli, Butler and Walsh, 2024, DOI
10.1063/5.0227009), which smact ships as a table of 319 ions. It covers tellurides, arsenides and antimonides, which
the older substitution table of Hautier et al. (2011, DOI 10.1021/ic102031h) does not.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.chemistry import element_facts
from matscout.crystal.tables import smact_folder
from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS

COMMON_SHARE = 0.05
"""An oxidation state is common if it makes up this share of an element's reports (C4- has 0.057, Sn2+ 0.25)."""

_TABLE = ("species_rep", "skipspecies_20221028_319ion_dim200_cosine_similarity.json")
_ION = re.compile(r"([A-Z][a-z]?)(\d+)([+-])")
_LOWEST, _HIGHEST = -4, 8


@dataclass(frozen=True, eq=False)
class IonSimilarity:
    """How well the ion of one element (row ``z - 1``) is replaced by that of another (column ``z - 1``), 0..1.

    It is the cosine similarity, and 0 where the table has no such ion or the incoming one is rare
    (:data:`COMMON_SHARE`).

    Parameters
    ----------
    same_charge
        float64 [13, 118, 118]: ions of equal charge, for the charges -4 to +8 in order.
    any_charge
        float64 [118, 118]: the largest similarity of two elements at any common charge.
    same_sign
        float64 [2, 118, 118]: the largest similarity over all anions (0) and all cations (1), charges free to differ,
        times the share of that sign in the reports of the incoming element.
    """

    same_charge: NDArray[np.float64]
    any_charge: NDArray[np.float64]
    same_sign: NDArray[np.float64]

    def stand_ins(self, number: int, charge: float) -> NDArray[np.float64]:
        """How well each element replaces ``number`` at ``charge`` (at any charge if it is no integer), [118]."""
        if charge.is_integer() and _LOWEST <= charge <= _HIGHEST:
            return np.asarray(self.same_charge[int(charge) - _LOWEST, number - 1])
        return np.asarray(self.any_charge[number - 1])


@cache
def ion_similarity() -> IonSimilarity:
    """The table, read once for each process."""
    pairs = json.loads(smact_folder().joinpath(*_TABLE).read_text(encoding="utf-8"))
    same_charge = np.zeros((_HIGHEST - _LOWEST + 1, N_ELEMENTS, N_ELEMENTS))
    same_sign = np.zeros((2, N_ELEMENTS, N_ELEMENTS))
    ions = {name: _parse(name) for name in {name for first, second, _ in pairs for name in (first, second)}}
    common = {name for name, (number, charge) in ions.items() if _share(number, charge) >= COMMON_SHARE}
    for first, second, cosine in pairs:
        for out, incoming in ((first, second), (second, first)):
            (i, charge_out), (j, charge) = ions[out], ions[incoming]
            if incoming in common and charge_out == charge:
                same_charge[charge - _LOWEST, i, j] = cosine
            if incoming in common and charge_out * charge > 0:
                sign = int(charge > 0)
                same_sign[sign, i, j] = max(same_sign[sign, i, j], cosine)
    return IonSimilarity(same_charge, same_charge.max(axis=0), same_sign * _sign_shares()[:, None, :])


def _share(number: int, charge: int) -> float:
    facts = element_facts()
    return float(facts.shares[number, facts.charges[number] == charge].sum())


def _sign_shares() -> NDArray[np.float64]:
    """Share of anions (0) and cations (1) in the reports of each element, [2, 118]."""
    facts = element_facts()
    return np.stack(
        [(facts.shares * (facts.charges < 0)).sum(axis=1), (facts.shares * (facts.charges > 0)).sum(axis=1)]
    )


def _parse(name: str) -> tuple[int, int]:
    match = _ION.fullmatch(name)
    if match is None:
        raise ValueError(f"smact's ion table names an ion {name!r}; expected e.g. Fe3+")
    symbol, size, sign = match.groups()
    return ATOMIC_NUMBERS[symbol] - 1, int(size) if sign == "+" else -int(size)
