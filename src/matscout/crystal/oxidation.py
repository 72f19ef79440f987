"""A guess at the oxidation states of every element, in bounded time, for many compositions at once.

Each element takes one of its common states (at most five non-zero ones, or 0 as in a metal). Out of all combinations
the one with the smallest cost is taken,

    cost = - sum_e ln share_e(q_e) + 10 |Q| + 50 Q^2,        Q = sum_e x_e q_e

where x_e is the atomic fraction and share_e(q) how often the element has the state q among its non-zero states in the
ICSD (table ``species``, counted by SMACT, doi:10.21105/joss.01361); the state 0 counts as a share of 0.3 %. The charge
Q is a penalty, not a condition: a doped compound keeps the states of its host, and the charge that remains tells the
doping level. All combinations of the five most abundant elements are searched; rarer ones take their commonest state.
Where the outcome has cations but no anions, or the reverse, it is a metal or an elemental solid and all states are 0.
Mixed valence of one element (Fe3O4) is not resolved: it shows as a remaining charge.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.tables import own_table
from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS

FloatArray = NDArray[np.float64]

N_SEARCHED = 5
N_STATES = 6
_METALLIC_SHARE = 0.003
_COMBINATIONS_PER_BLOCK = 2**20
_DECIMALS_OF_COST = 9
"""Costs that differ by less are a tie, which the first combination wins: rounding of fractions must not decide."""


@dataclass(frozen=True, eq=False)
class OxidationStates:
    """The states that were guessed.

    Parameters
    ----------
    states
        float64 [entries], elementary charges; 0 for an atom in a metal.
    charge
        float64 [n], sum of fraction x state: elementary charges per atom that remain.
    cost
        float64 [n], how unusual the assignment is (see the module); about 1 for a textbook salt, above 10 for a metal.
    """

    states: FloatArray
    charge: FloatArray
    cost: FloatArray


@dataclass(frozen=True, eq=False)
class SpeciesTable:
    """Common states of each element, [118, 6]: position 0 is the state 0, then by falling frequency.

    Parameters
    ----------
    states
        float64, elementary charges; 0 where there are fewer states.
    costs
        float64, minus the logarithm of the share; infinite where there are fewer states.
    radii
        float64, Å; the covalent radius for the state 0.
    """

    states: FloatArray
    costs: FloatArray
    radii: FloatArray


def charge_cost(charge: FloatArray) -> FloatArray:
    """Cost of the charge per atom that is left over."""
    magnitude = np.abs(charge)
    return np.asarray(magnitude * (10.0 + 50.0 * magnitude))


@cache
def species_table() -> SpeciesTable:
    """The table ``species`` as arrays."""
    states = np.zeros((N_ELEMENTS, N_STATES))
    costs = np.full((N_ELEMENTS, N_STATES), np.inf)
    radii = np.full((N_ELEMENTS, N_STATES), np.nan)
    costs[:, 0] = -np.log(_METALLIC_SHARE)
    radii[:, 0] = own_table("elements").column("covalent radius (Å)")
    filled = np.ones(N_ELEMENTS, dtype=np.int64)
    path = Path(__file__).parent / "element_tables" / "species.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            element = ATOMIC_NUMBERS[line["element"]] - 1
            position = filled[element]
            states[element, position] = float(line["state"])
            costs[element, position] = -np.log(float(line["share"]))
            radii[element, position] = float(line["radius (Å)"] or "nan")
            filled[element] += 1
    return SpeciesTable(states, costs, radii)


def ionic_radii(compositions: Compositions, states: FloatArray) -> FloatArray:
    """Radius of each entry in its state, Å, [entries]; the covalent radius for the state 0."""
    table = species_table()
    elements = compositions.elements.astype(np.intp) - 1
    position = np.argmax(table.states[elements] == states[:, None], axis=1)
    return np.asarray(table.radii[elements, position])


def guess_oxidation_states(compositions: Compositions) -> OxidationStates:
    """The most plausible state of every element of n compositions; the cost is bounded by 6^5 combinations each."""
    n = len(compositions)
    states = np.zeros(len(compositions.elements))
    charge, cost = np.zeros(n), np.zeros(n)
    for n_elements in np.unique(compositions.lengths):
        rows = np.flatnonzero(compositions.lengths == n_elements)
        size = max(1, _COMBINATIONS_PER_BLOCK // N_STATES ** min(int(n_elements), N_SEARCHED))
        for start in range(0, len(rows), size):
            chosen = rows[start : start + size]
            entries = compositions.offsets[chosen][:, None] + np.arange(n_elements)
            elements = compositions.elements[entries].astype(np.intp) - 1
            states[entries], charge[chosen], cost[chosen] = _best(elements, compositions.fractions[entries])
    return OxidationStates(states, charge, cost)


def _best(elements: NDArray[np.intp], fractions: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """States [rows, k], charge [rows] and cost [rows] of compositions with k elements each."""
    table = species_table()
    order = np.argsort(-np.round(fractions, _DECIMALS_OF_COST), axis=1, kind="stable")
    choice = np.zeros(elements.shape, dtype=np.intp)
    rare = order[:, N_SEARCHED:]
    has_state = np.isfinite(table.costs[np.take_along_axis(elements, rare, axis=1), 1])
    np.put_along_axis(choice, rare, has_state.astype(np.intp), axis=1)
    fixed = np.take_along_axis(table.states[elements, choice] * fractions, rare, axis=1).sum(axis=1)

    searched = order[:, :N_SEARCHED]
    positions = _search(
        np.take_along_axis(elements, searched, axis=1), np.take_along_axis(fractions, searched, axis=1), fixed
    )
    np.put_along_axis(choice, searched, positions, axis=1)
    states = table.states[elements, choice]
    without_counter_ion = (states <= 0).all(axis=1) | (states >= 0).all(axis=1)
    choice[without_counter_ion] = 0
    states[without_counter_ion] = 0.0
    charge = (fractions * states).sum(axis=1)
    return states, charge, table.costs[elements, choice].sum(axis=1) + charge_cost(charge)


def _search(elements: NDArray[np.intp], fractions: FloatArray, fixed_charge: FloatArray) -> NDArray[np.intp]:
    """Position of the best state of each element, [rows, k], among all 6^k combinations."""
    table = species_table()
    rows, k = elements.shape
    charge, cost = fixed_charge[:, None], np.zeros((rows, 1))
    for position in range(k):
        steps = table.states[elements[:, position]] * fractions[:, position, None]
        charge = (charge[:, :, None] + steps[:, None, :]).reshape(rows, -1)
        cost = (cost[:, :, None] + table.costs[elements[:, position]][:, None, :]).reshape(rows, -1)
    best = np.argmin(np.round(cost + charge_cost(charge), _DECIMALS_OF_COST), axis=1)
    return np.stack(np.unravel_index(best, (N_STATES,) * k), axis=1)
