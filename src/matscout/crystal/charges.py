"""Charge balance: which oxidation states make a composition neutral, for 100,000 compositions in a second.

The rule is that of smact (Davies et al., 2016, DOI 10.1016/j.chempr.2016.09.010): some choice of known oxidation
states adds up to zero, and every cation is less electronegative than every anion. Two things are added that formulas
from the laboratory need: an element of mixed valence may take an average state (Fe3O4), and a composition with
fractional amounts may miss neutrality by a little (a doped semiconductor pays with carriers or vacancies).

Two more keep to what a chemist accepts. Electronegativity orders cations and anions as in their formulas: tellurium is
the anion of arsenic, hydrogen and phosphorus, and no late transition metal is one of a pnictogen or chalcogen. And a
cation and an anion of one family (Te6+ beside Se2-) are unlikely, unless the anion is O, F, N or Cl (SO2, ICl3, P3N5)
or oxygen is there, too (the sulfate beside tellurium in Ag4TeSO4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from matscout.crystal.chemistry import ElementFacts, element_facts
from matscout.crystal.element_kinds import KINDS, flags_of
from matscout.data.compositions import Compositions

DOPING_TOLERANCE = 0.04
"""Charge per atom (in e) that a composition with fractional amounts may miss neutrality by."""

MAX_COMBINATIONS = 300_000
"""Combinations of states tried for one composition; beyond, the rarest states are left out."""

PLAUSIBLE_SHARE = 0.003
"""States below this share of an element's reports are not tried (peroxide O- has 0.0044, Ca+ 0.0002)."""

AVERAGED_SHARE = 0.02
"""An average state lies between the extreme states that make up at least this share of an element's reports."""

AVERAGING = 0.2
"""How plausible an average state is beside the geometric mean of those that it is made of: Cu+ and Sb5+ in Cu3SbSe4,
not Cu1.67+ and Sb3+, but Cu2.33+ in YBa2Cu3O7, not Y4+. (Compounds with known states ask for .1 to .6.)"""

SWAPPED = 0.01
"""How plausible a cation is beside an anion of its own family: Te6+ and Se2-, Bi3+ and Sb3-."""

TELLURIUM = 2.25
"""Electronegativity that orders Te behind As (2.18), P (2.19) and H (2.20): it has 2.10 on the scale of Pauling, yet
As2Te3, P2Te3 and H2Te are tellurides (and the IUPAC sequence of 2005 puts it there)."""

NOBLEST = 2.0
"""Highest electronegativity at which a metal counts, below that of antimony (2.05): PtSb2 and AuTe2 hold cations of Pt
(2.28) and Au (2.54). Bismuth keeps its own, as it is the anion of Mg3Bi2."""

OXYGEN = 7
"""Column of oxygen."""

MILD = ("N", "O", "F", "Cl")
"""Anions that oxidise the heavier elements of their own family."""

LOG_AVERAGING, LOG_AVERAGED_SHARE = float(np.log(AVERAGING)), float(np.log(AVERAGED_SHARE))
LOG_SWAPPED = float(np.log(SWAPPED))

UNBALANCED, BALANCED, MIXED_VALENCE, NOT_IONIC = 0, 1, 2, 3


@dataclass(frozen=True, eq=False)
class ChargeBalance:
    """Oxidation states of n compositions.

    Parameters
    ----------
    verdicts
        int8 [n]: ``UNBALANCED``, ``BALANCED`` (by whole states), ``MIXED_VALENCE`` (by an average state only), or
        ``NOT_IONIC`` (an element, or metals only: charge counting does not apply).
    charges
        float64 [entries], the most often reported states that add up to zero (in the order of electronegativity if
        any do so), an average being :data:`AVERAGING` times as plausible as what it is made of, and so the choice
        where whole states would be far rarer; NaN in compositions without any.
    """

    verdicts: NDArray[np.int8]
    charges: NDArray[np.float64]

    @cached_property
    def acceptable(self) -> NDArray[np.bool_]:
        """True unless charge counting speaks against the composition, [n]."""
        return np.asarray(self.verdicts != UNBALANCED)


def log_likelihoods(compositions: Compositions, charges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of the logarithms of the shares that states have among those reported of their elements, [n].

    Parameters
    ----------
    compositions
        n compositions.
    charges
        float64 [entries], as in :class:`ChargeBalance`; an average counts as :data:`AVERAGING`, none (NaN) as 1, and
        a cation beside an anion of its family as :data:`SWAPPED`.
    """
    facts = element_facts()
    columns = compositions.elements.astype(np.int64) - 1
    shares = np.where(facts.charges[columns] == charges[:, None], facts.shares[columns], 0.0).sum(axis=1)
    swapped = _swapped_pairs(compositions, charges)
    known = np.where(np.isnan(charges), 1.0, np.where(charges == np.round(charges), shares, AVERAGING))
    logarithms = np.log(np.maximum(known, 1e-300))
    return np.asarray(np.bincount(compositions.rows, logarithms, len(compositions)) + LOG_SWAPPED * swapped)


def _swapped_pairs(compositions: Compositions, charges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Pairs of a cation and an anion of one family in each composition, [n]."""
    columns = compositions.elements.astype(np.int64) - 1
    families, mild = _states().family[columns], _states().mild[columns]
    rows, counts = compositions.rows, np.zeros(len(compositions), dtype=np.int64)
    for family in np.unique(families[families > 0]):
        cations = np.bincount(rows, (families == family) & (charges > 0), len(compositions))
        anions = np.bincount(rows, (families == family) & (charges < 0) & ~mild, len(compositions))
        counts += (cations * anions).astype(np.int64)
    oxygen = np.bincount(rows, columns == OXYGEN, len(compositions)) > 0
    return np.where(oxygen, 0, counts)


def balance_charges(compositions: Compositions) -> ChargeBalance:
    """Find the most often reported oxidation states that make each composition neutral."""
    facts = element_facts()
    verdicts = np.zeros(len(compositions), dtype=np.int8)
    charges = np.full(len(compositions.elements), np.nan)
    columns = compositions.elements.astype(np.int64) - 1
    _balance(_Entries(compositions.offsets, columns, compositions.amounts), _states(), verdicts, charges)
    only_metals = np.bincount(compositions.rows, ~facts.metal[columns], len(compositions)) == 0
    verdicts[(verdicts == UNBALANCED) & (only_metals | (compositions.lengths == 1))] = NOT_IONIC
    return ChargeBalance(verdicts, charges)


class _Entries(NamedTuple):
    """The compositions as the kernel sees them; the columns of the elements count from 0."""

    offsets: NDArray[np.int64]
    columns: NDArray[np.int64]
    amounts: NDArray[np.float64]


class _States(NamedTuple):
    """The oxidation states of the elements, one row each; averages of mixed valence lie in ``lowest..highest``."""

    charges: NDArray[np.float64]
    log_shares: NDArray[np.float64]
    counts: NDArray[np.int64]
    electronegativity: NDArray[np.float64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    family: NDArray[np.int64]
    mild: NDArray[np.bool_]


@cache
def _states() -> _States:
    facts = element_facts()
    averaged = facts.mixed_valence[:, None] & (facts.shares >= AVERAGED_SHARE)
    usual = np.where(averaged, facts.charges, 0).astype(np.float64)
    return _States(
        facts.charges.astype(np.float64),
        np.log(np.maximum(facts.shares, 1e-300)),
        (facts.shares >= PLAUSIBLE_SHARE).sum(axis=1),
        _order_of_elements(facts),
        np.where(usual > 0, usual, np.inf).min(axis=1),
        usual.max(axis=1),
        flags_of(KINDS["pnictogen"]) + 2 * flags_of(KINDS["chalcogen"]) + 3 * flags_of(KINDS["halogen"]),
        flags_of(MILD),
    )


def _order_of_elements(facts: ElementFacts) -> NDArray[np.float64]:
    """Electronegativities, as they order the elements of a formula, [118]."""
    order = np.where(
        facts.metal & ~flags_of(("Bi",)), np.minimum(facts.electronegativity, NOBLEST), facts.electronegativity
    )
    return np.asarray(np.where(flags_of(("Te",)), TELLURIUM, order))


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _balance(entries: _Entries, states: _States, verdicts: NDArray[np.int8], charges: NDArray[np.float64]) -> None:
    """Fill ``verdicts`` and ``charges``; an odometer runs through the states of the elements of each composition."""
    offsets = entries.offsets
    for row in range(len(offsets) - 1):
        first = offsets[row]
        own = entries.columns[first : offsets[row + 1]]
        amount = entries.amounts[first : offsets[row + 1]]
        counts = _limited(states.counts[own])
        tolerance = DOPING_TOLERANCE * amount.sum() if (amount != np.round(amount)).any() else 1e-6
        wheel = np.zeros(len(own), dtype=np.int64)
        state = np.zeros(len(own))
        best, disordered = -np.inf, -np.inf
        for _ in range(counts.prod()):
            share = 0.0
            for i in range(len(own)):
                state[i] = states.charges[own[i], wheel[i]]
                share += states.log_shares[own[i], wheel[i]]
            net = (state * amount).sum()
            neutral = abs(net) <= tolerance
            share += _swap(state, states.family[own], states.mild[own], (own == OXYGEN).any())
            ordered = _ordered(state, states.electronegativity[own])
            averaged = -1
            if ordered and not neutral:
                averaged, change = _averaged(own, wheel, net / amount, states)
                share += change
            if ordered and (neutral or averaged >= 0):
                verdicts[row] = BALANCED if neutral or verdicts[row] == BALANCED else MIXED_VALENCE
                if share > best:
                    best = share
                    charges[first : offsets[row + 1]] = state
                    if averaged >= 0:
                        charges[first + averaged] -= net / amount[averaged]
            elif neutral and verdicts[row] == UNBALANCED and share > disordered:
                disordered = share
                charges[first : offsets[row + 1]] = state
            _advance(wheel, counts)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _swap(state: NDArray[np.float64], family: NDArray[np.int64], mild: NDArray[np.bool_], oxygen: bool) -> float:
    """Logarithm of how plausible the pairs of cation and anion of one family are; beside oxygen they are usual."""
    logarithm = 0.0
    if oxygen:
        return logarithm
    for i in range(len(state)):
        for j in range(len(state)):
            if state[i] > 0 and state[j] < 0 and family[i] > 0 and family[i] == family[j] and not mild[j]:
                logarithm += LOG_SWAPPED
    return logarithm


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _averaged(
    own: NDArray[np.int64], wheel: NDArray[np.int64], excess: NDArray[np.float64], states: _States
) -> tuple[int, float]:
    """The cation whose average, non-integer state is the most plausible that restores neutrality, or -1.

    And by how much that changes the logarithm of the share, :data:`AVERAGING` included.
    """
    cation, most = -1, -np.inf
    for i in range(len(own)):
        state = states.charges[own[i], wheel[i]]
        needed = state - excess[i]
        fractional = abs(needed - np.round(needed)) > 1e-6
        if state > 0 and fractional and states.lowest[own[i]] <= needed <= states.highest[own[i]]:
            change = LOG_AVERAGING + _log_share_of(needed, own[i], states) - states.log_shares[own[i], wheel[i]]
            if change > most:
                cation, most = i, change
    return cation, most


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _log_share_of(mean: float, element: int, states: _States) -> float:
    """Logarithm of the geometric mean of the shares of the two usual states around a mean, weighted as they mix."""
    low, high = states.lowest[element], states.highest[element]
    log_low, log_high = 0.0, 0.0
    for charge, log_share in zip(states.charges[element], states.log_shares[element]):  # noqa: B905 - for numba
        if log_share >= LOG_AVERAGED_SHARE and low <= charge <= mean:
            low, log_low = charge, log_share
        if log_share >= LOG_AVERAGED_SHARE and mean <= charge <= high:
            high, log_high = charge, log_share
    return float(log_low + (log_high - log_low) * (mean - low) / (high - low))


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _limited(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of states with a product of at most ``MAX_COMBINATIONS``."""
    counts = counts.copy()
    while counts.prod() > MAX_COMBINATIONS:
        counts[counts.argmax()] -= 1
    return counts


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _advance(wheel: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
    """The next combination of states."""
    for i in range(len(wheel)):
        wheel[i] += 1
        if wheel[i] < counts[i]:
            return
        wheel[i] = 0


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _ordered(state: NDArray[np.float64], electronegativity: NDArray[np.float64]) -> bool:
    """True if every cation is less electronegative than every anion (an unknown electronegativity fails)."""
    highest_cation, lowest_anion = -np.inf, np.inf
    for i in range(len(state)):
        if np.isnan(electronegativity[i]):
            return False
        if state[i] > 0:
            highest_cation = max(highest_cation, electronegativity[i])
        else:
            lowest_anion = min(lowest_anion, electronegativity[i])
    return highest_cation < lowest_anion
