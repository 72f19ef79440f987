"""Which oxidation states a metal takes in the company of an anion: Ru4+ beside sulfide, Ru5+ only beside oxide.

The likelihood of a cation beside an anion is the share of the known compounds of the two elements in which the metal
has that charge (Davies et al., 2018, DOI 10.1039/C8FD00032H; smact ships the table: halides and chalcogenides).

The table counts formal charges, and so has Cu2+ in sulfides. :data:`REDUCING` mends that.
"""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.charges import balance_charges
from matscout.crystal.tables import smact_folder
from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS
from matscout.generate.assembly import to_padded

MIN_LIKELIHOOD = 0.02
"""A cation less likely than this beside one of the anions is not proposed."""

REDUCING = {("Cu", 2): ("P", "S", "As", "Se", "Sb", "Te", "I")}
"""Cation -> the elements whose anions reduce it, whatever the formal charges say; from general knowledge.

Photoelectron spectra of copper sulfides, selenides and tellurides show Cu+ only (CuS is Cu+ with S2 pairs), and CuI2
does not exist. Among the 20,000 most plausible compositions for the bundled example are 406 with Cu2+ and S, Se or Te,
of which 2 % are known compounds; of 362 with Cu+ 25 % are.
"""

MAX_CHARGE = 8

_ION = re.compile(r"([A-Z][a-z]?)(-?\d+)")


@cache
def likelihoods() -> NDArray[np.float64]:
    """Likelihood of each cation beside each anion, by charges -2 and -1 of the anion; NaN where the table has none.

    Returns
    -------
    float64 [2, 9, 118, 118]
        Indices: anion charge + 2, cation charge, cation ``z - 1``, anion ``z - 1``.
    """
    path = smact_folder() / "oxidation_state_probability_table.json"
    table = np.full((2, MAX_CHARGE + 1, N_ELEMENTS, N_ELEMENTS), np.nan)
    for anion, cation, likelihood in json.loads(path.read_text(encoding="utf-8")):
        (j, anion_charge), (i, charge) = _parse(anion), _parse(cation)
        table[anion_charge + 2, charge, i, j] = likelihood
    return table


def _parse(name: str) -> tuple[int, int]:
    match = _ION.fullmatch(name)
    if match is None:
        raise ValueError(f"smact's table of oxidation states names an ion {name!r}; expected e.g. Fe3 or O-2")
    return ATOMIC_NUMBERS[match[1]] - 1, int(match[2])


def pair_likelihoods(
    cations: NDArray[np.int64],
    charges: NDArray[np.float64],
    anions: NDArray[np.int64],
    anion_charges: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Likelihood of each cation beside the anion in the same row; 1 where nothing is known, [n].

    Parameters
    ----------
    cations, charges, anions, anion_charges
        Atomic numbers and charges, [n] each; a charge that is not whole, or not of the right sign, is not known.
    """
    whole = (charges == np.round(charges)) & (charges > 0) & (charges <= MAX_CHARGE)
    rows = np.flatnonzero(whole & np.isin(anion_charges, (-2, -1)))
    place = (
        anion_charges[rows].astype(np.int64) + 2,
        charges[rows].astype(np.int64),
        cations[rows] - 1,
        anions[rows] - 1,
    )
    values = np.ones(len(cations))
    values[rows] = np.nan_to_num(likelihoods()[place], nan=1.0)
    values[_reduced(cations, charges, anions, anion_charges)] = 0.0
    return values


def _reduced(
    cations: NDArray[np.int64],
    charges: NDArray[np.float64],
    anions: NDArray[np.int64],
    anion_charges: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """True where the anion reduces the cation (:data:`REDUCING`), [n]."""
    reduced = np.zeros(len(cations), dtype=np.bool_)
    for (symbol, charge), reducing in REDUCING.items():
        partners = np.isin(anions, [ATOMIC_NUMBERS[partner] for partner in reducing]) & (anion_charges < 0)
        reduced |= (cations == ATOMIC_NUMBERS[symbol]) & (charges == charge) & partners
    return reduced


def likely_states(compositions: Compositions) -> NDArray[np.bool_]:
    """True unless the balanced charges put a cation beside an anion with which it is hardly known, [n]."""
    numbers, _ = to_padded(compositions)
    charges = np.zeros(numbers.shape)
    charges[numbers > 0] = np.nan_to_num(balance_charges(compositions).charges)
    likely = np.ones(len(compositions), dtype=np.bool_)
    for i, j in permutations(range(numbers.shape[1]), 2):
        likelihood = pair_likelihoods(numbers[:, i], charges[:, i], numbers[:, j], charges[:, j])
        likely &= likelihood >= MIN_LIKELIHOOD
    return likely
