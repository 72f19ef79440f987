"""Charge-neutral compositions of a set of elements, enumerated by the rules of smact.

Species (element and oxidation state) are grouped by charge; for each combination of charges the neutral ratios are
known before any element is looked at, so that the work grows with the number of results, not with the number of
trials. Only common oxidation states are used, each cation must be known beside each anion
(:mod:`matscout.generate.companions`), and every cation must be less electronegative than every anion, a metal by at
least :data:`METAL_MARGIN`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, combinations_with_replacement, groupby, product

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.chemistry import element_facts
from matscout.crystal.ions import COMMON_SHARE
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.generate.assembly import from_padded, named_candidates
from matscout.generate.base import Candidates, Generator, Wishes
from matscout.generate.companions import MIN_LIKELIHOOD, pair_likelihoods
from matscout.generate.pools import element_pool, element_weights, ratio_weights
from matscout.progress import Progress, silent
from matscout.remarks import Remark

ENUMERATED = "enumerated"
"""What the origin of such a candidate says."""

MOST_ELEMENTS = 4
"""Elements of a composition at most."""

METAL_MARGIN = 0.05
"""By how much (Pauling scale) anions must be more electronegative than a metal.

Metals of nearly the same electronegativity make alloys, no salts (MgPbGe2Sb4 with Ge 2.01 and Sb 2.05). Sb2Te3, with
0.05, is the least polar of the well-known semiconductors. Between non-metals bonds are covalent anyway (CuSCN).
"""

_LEAST_MARGIN = 0.01
_ROUNDING = 1e-6
_BITS = 3 + 7


class Enumeration(Generator):
    """Charge-neutral combinations of elements, the most plausible first, without those that are labelled."""

    def sample(self, wishes: Wishes, n: int, seed: int = 0, progress: Progress = silent) -> Candidates:
        """At most ``n`` compositions of the elements of :func:`matscout.generate.pools.element_pool`."""
        labels = wishes.labels.materials.compositions
        pool = element_pool(labels, wishes.elements, wishes.exclude, wishes.must)
        candidates = enumerate_neutral(
            pool,
            n + len(labels),
            weights=element_weights(labels, pool),
            ratio_weights=ratio_weights(labels),
            must=wishes.must,
        )
        new = candidates[~np.isin(candidates.materials.compositions.keys(), labels.keys())][:n]
        return replace(new, remarks=(_counts(len(new), len(pool)),))


@dataclass(frozen=True, eq=False)
class _Species:
    """The species of one charge: atomic numbers, electronegativities and log plausibilities, [s] each."""

    charge: int
    numbers: NDArray[np.int64]
    electronegativity: NDArray[np.float64]
    plausibility: NDArray[np.float64]

    @property
    def lowest_partner(self) -> NDArray[np.float64]:
        """The electronegativity that the anions of each cation must have at least, [s]."""
        metal = element_facts().metal[self.numbers - 1]
        return np.asarray(self.electronegativity + np.where(metal, METAL_MARGIN, _LEAST_MARGIN) - _ROUNDING)


@dataclass(frozen=True, eq=False)
class _Combinations:
    """m compositions: atomic numbers and amounts [m, 4] (0 where there are fewer elements), log plausibilities [m]."""

    numbers: NDArray[np.int64]
    amounts: NDArray[np.int64]
    plausibility: NDArray[np.float64]

    def codes(self) -> NDArray[np.int64]:
        """One integer per composition, equal for equal compositions."""
        tokens = np.sort((self.numbers << 3) | self.amounts, axis=1)
        return np.asarray((tokens << (_BITS * np.arange(tokens.shape[1]))).sum(axis=1), dtype=np.int64)

    def best(self, limit: int) -> _Combinations:
        """Each composition once with its highest plausibility; the ``limit`` most plausible of them, best first."""
        order = np.lexsort((self.codes(), -self.plausibility))
        _, first = np.unique(self.codes()[order], return_index=True)
        rows = order[np.sort(first)[:limit]]
        return _Combinations(self.numbers[rows], self.amounts[rows], self.plausibility[rows])


def enumerate_neutral(
    elements: Sequence[str],
    limit: int,
    *,
    weights: Mapping[str, float] | None = None,
    ratio_weights: Mapping[tuple[int, ...], float] | None = None,
    max_elements: int = MOST_ELEMENTS,
    max_amount: int = 4,
    max_atoms: int = 8,
    must: Sequence[str] = (),
) -> Candidates:
    """The ``limit`` most plausible charge-neutral compositions of two to four elements.

    Parameters
    ----------
    elements
        Symbols to combine; those without a known oxidation state or electronegativity are left out, with a remark.
    limit
        Number of candidates wanted.
    weights
        Symbol -> how much the element is wanted, e.g. its share among the labels; 1 if not given. The plausibility of
        a composition is the product over its elements of weight and share of the oxidation state in the ICSD, times
        the weight of its ratio.
    ratio_weights
        Ratio without its elements, ascending, e.g. (1, 1, 2) -> how usual it is, e.g. its share among the labels. A
        ratio that is not named has half the smallest weight that is; all have 1 if none is named.
    max_elements, max_amount, max_atoms
        Largest number of elements (at most 4), largest amount of one (at most 7), atoms in the formula: the defaults
        reach A2BCX4.
    must
        Symbols of which each candidate holds all.
    """
    if max_elements > MOST_ELEMENTS or max_amount > 7:
        raise ValueError(f"at most {MOST_ELEMENTS} elements with amounts up to 7, got {max_elements} and {max_amount}")
    species, unusable = _species(elements, weights or {})
    needed = np.array([ATOMIC_NUMBERS[symbol] for symbol in must], dtype=np.int64)
    choices = _Combinations(np.zeros((0, 4), np.int64), np.zeros((0, 4), np.int64), np.zeros(0))
    floor = -np.inf
    for n_elements in range(2, max_elements + 1):
        ratios = _ratios(n_elements, max_amount, max_atoms)
        usual = _ratio_plausibility(ratios, ratio_weights or {})
        for charges in combinations_with_replacement(sorted(species), n_elements):
            neutral = ratios @ np.array(charges) == 0
            if neutral.any():
                groups = [species[charge] for charge in charges]
                choices = _joined(choices, _combine(groups, ratios[neutral], usual[neutral], floor, needed))
            if len(choices.plausibility) > 4 * limit:
                choices = choices.best(limit)
                floor = choices.plausibility[-1]
    choices = choices.best(limit)
    remarks = [_counts(len(choices.plausibility), len(elements))]
    if unusable:
        text = f"Not enumerated, for lack of oxidation states or an electronegativity: {', '.join(unusable)}."
        remarks.append(Remark("elements-not-enumerated", text))
    origins = np.full(len(choices.plausibility), ENUMERATED)
    return named_candidates(from_padded(choices.numbers, choices.amounts.astype(np.float64)), origins, remarks)


def _counts(n: int, n_elements: int) -> Remark:
    text = f"{n:,} candidates by enumeration of neutral compositions of {n_elements} elements."
    return Remark("candidates-by-enumerating", text)


def has_states(symbol: str) -> bool:
    """Whether compositions with an element are enumerated: a common oxidation state and electronegativity are known."""
    z = ATOMIC_NUMBERS[symbol]
    return bool(_common_states(z)) and not np.isnan(element_facts().electronegativity[z - 1])


def _common_states(z: int) -> list[int]:
    """Positions of the common oxidation states of an element among all that are known."""
    facts = element_facts()
    return [s for s in range(facts.n_charges[z - 1]) if facts.shares[z - 1, s] >= COMMON_SHARE]


def _species(elements: Sequence[str], weights: Mapping[str, float]) -> tuple[dict[int, _Species], list[str]]:
    """Charge -> species of that charge, and the symbols that have none."""
    facts = element_facts()
    rows, unusable = [], []
    for symbol in dict.fromkeys(elements):
        z = ATOMIC_NUMBERS[symbol]
        states = _common_states(z)
        weight = weights.get(symbol, 1.0)
        if not has_states(symbol):
            unusable.append(symbol)
        elif weight > 0:
            for s in states:
                score = math.log(facts.shares[z - 1, s] * weight)
                rows.append((int(facts.charges[z - 1, s]), z, float(facts.electronegativity[z - 1]), score))
    species = {}
    for charge, group in groupby(sorted(rows), key=lambda row: row[0]):
        _, numbers, electronegativity, scores = zip(*group, strict=True)
        species[charge] = _Species(charge, np.array(numbers), np.array(electronegativity), np.array(scores))
    return species, unusable


def _ratios(n_elements: int, max_amount: int, max_atoms: int) -> NDArray[np.int64]:
    """All amounts without a common factor, [r, n_elements]."""
    amounts = product(range(1, max_amount + 1), repeat=n_elements)
    return np.array([ratio for ratio in amounts if sum(ratio) <= max_atoms and math.gcd(*ratio) == 1])


def _ratio_plausibility(ratios: NDArray[np.int64], weights: Mapping[tuple[int, ...], float]) -> NDArray[np.float64]:
    """Logarithm of the weight of each ratio, [r]."""
    unusual = min(weights.values(), default=1.0) * (0.5 if weights else 1.0)
    return np.log([weights.get(tuple(sorted(ratio)), unusual) for ratio in ratios.tolist()])


def _combine(
    groups: Sequence[_Species],
    ratios: NDArray[np.int64],
    usual: NDArray[np.float64],
    floor: float,
    needed: NDArray[np.int64],
) -> _Combinations:
    """All choices of distinct elements, one from each group, in all ratios, that are as plausible as ``floor``.

    Every element that is ``needed`` (atomic numbers) is among them.
    """
    choice = np.indices([len(group.numbers) for group in groups]).reshape(len(groups), -1)
    numbers = np.stack([group.numbers[picked] for group, picked in zip(groups, choice, strict=True)], axis=1)
    scores = [group.plausibility[picked] for group, picked in zip(groups, choice, strict=True)]
    plausibility = np.sum(scores, axis=0)
    fits = (plausibility + usual.max() >= floor) & _pauling(groups, choice) & _likely(groups, numbers)
    for i, j in combinations(range(len(groups)), 2):
        fits &= choice[i] < choice[j] if groups[i] is groups[j] else numbers[:, i] != numbers[:, j]
    fits &= (numbers[:, :, None] == needed).any(axis=1).all(axis=1)
    numbers, plausibility = numbers[fits], plausibility[fits]
    padding = ((0, 0), (0, 4 - len(groups)))
    row, ratio = np.nonzero(plausibility[:, None] + usual >= floor)
    return _Combinations(
        np.pad(numbers, padding)[row], np.pad(ratios, padding)[ratio], plausibility[row] + usual[ratio]
    )


def _pauling(groups: Sequence[_Species], choice: NDArray[np.int64]) -> NDArray[np.bool_]:
    """True where every anion is as electronegative as every cation needs it to be, [choices]."""
    pairs = list(zip(groups, choice, strict=True))
    needed = np.max([group.lowest_partner[picked] for group, picked in pairs if group.charge > 0], axis=0)
    offered = np.min([group.electronegativity[picked] for group, picked in pairs if group.charge < 0], axis=0)
    return np.asarray(offered >= needed)


def _likely(groups: Sequence[_Species], numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """True where every cation is known beside every anion with that charge, [choices]."""
    likely = np.ones(len(numbers), dtype=np.bool_)
    for (i, cation), (j, anion) in product(enumerate(groups), repeat=2):
        if cation.charge > 0 > anion.charge:
            charges = np.full(len(numbers), float(cation.charge)), np.full(len(numbers), float(anion.charge))
            likelihood = pair_likelihoods(numbers[:, i], charges[0], numbers[:, j], charges[1])
            likely &= likelihood >= MIN_LIKELIHOOD
    return likely


def _joined(first: _Combinations, second: _Combinations) -> _Combinations:
    return _Combinations(
        np.concatenate([first.numbers, second.numbers]),
        np.concatenate([first.amounts, second.amounts]),
        np.concatenate([first.plausibility, second.plausibility]),
    )
