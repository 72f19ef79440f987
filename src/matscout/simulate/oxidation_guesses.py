"""The most probable oxidation states of a composition, as pymatgen guesses them.

``Composition.oxi_state_guesses`` of pymatgen (MIT) tries all combinations of states of all atoms. Here the same guess
comes from sums: for each element the best score of every sum of charges that its atoms can have, then the best choice
of one sum for each element with a total of zero. The work grows with the square of the number of atoms, so it is
bounded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache

State = tuple[int, int]
"""An oxidation state, and how often it is reported."""

MOST_ATOMS = 20
"""Formula units with more atoms get no guess (the limit of pymatgen's corrections)."""

NOT_REDUCED = frozenset([("Li", "O"), ("Na", "O"), ("K", "O"), ("H", "O"), ("Cs", "O"), ("Rb", "O")])
"""Formula units of two atoms, such as LiO, that pymatgen counts twice (Li2O2)."""

_WHOLE = 1e-8


def reduced_amounts(amounts: Mapping[str, float]) -> dict[str, int] | None:
    """The formula unit; None if an amount is not a whole number.

    >>> reduced_amounts({"Fe": 4, "O": 6}), reduced_amounts({"Li": 1, "O": 1}), reduced_amounts({"Pb": 0.5, "Te": 1})
    ({'Fe': 2, 'O': 3}, {'Li': 2, 'O': 2}, None)
    """
    whole = {symbol: round(amount) for symbol, amount in amounts.items()}
    if any(abs(amount - whole[symbol]) >= _WHOLE or not whole[symbol] for symbol, amount in amounts.items()):
        return None
    factor = max(math.gcd(*whole.values()), 1)
    unit = {symbol: amount // factor for symbol, amount in whole.items()}
    doubled = len(unit) == 2 and set(unit.values()) == {1} and any(set(pair) == set(unit) for pair in NOT_REDUCED)
    return {symbol: 2 * amount for symbol, amount in unit.items()} if doubled else unit


def guess_states(amounts: Mapping[str, float], states: Mapping[str, Sequence[State]]) -> dict[str, float]:
    """Average oxidation state of each element; empty if none balances, or the formula unit is too large or not whole.

    Of guesses with the same score the first one counts, in the order of the elements and of their states.

    Parameters
    ----------
    amounts
        Element symbol -> amount.
    states
        Element symbol -> the states that are tried.
    """
    unit = reduced_amounts(amounts)
    if unit is None or sum(unit.values()) > MOST_ATOMS:
        return {}
    symbols = list(unit)
    options = [list(_sums(tuple(map(tuple, states[symbol])), unit[symbol]).items()) for symbol in symbols]
    chosen = _balanced(options)
    if chosen is None:
        return {}
    return {symbol: total / unit[symbol] for symbol, total in zip(symbols, chosen, strict=True)}


@cache
def _sums(states: tuple[State, ...], count: int) -> dict[int, int]:
    """Sum of the charges of ``count`` atoms -> its best score; in the order in which combinations reach the sums.

    Combinations are compared by how many atoms have the first state, then the second one: the most come first.
    """
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())} if count == 0 else {}
    if not states:
        return {total: score for total, (score, _) in best.items()}
    reached = _reached(states, count)
    ordered = sorted(reached, key=lambda total: tuple(-part for part in reached[total][1]))
    return {total: reached[total][0] for total in ordered}


@cache
def _reached(states: tuple[State, ...], count: int) -> dict[int, tuple[int, tuple[int, ...]]]:
    """Sum -> its best score, and the numbers of atoms in each state of the first combination that reaches it."""
    (state, often), *rest = states
    if not rest:
        return {count * state: (count * often, (count,))}
    reached: dict[int, tuple[int, tuple[int, ...]]] = {}
    for here in range(count, -1, -1):
        for total, (score, numbers) in _reached(tuple(rest), count - here).items():
            whole, better = here * state + total, here * often + score
            known = reached.get(whole)
            reached[whole] = (better, (here, *numbers)) if known is None else (max(known[0], better), known[1])
    return reached


def _balanced(options: Sequence[Sequence[tuple[int, int]]]) -> list[int] | None:
    """One sum for each element, with a total of zero and the highest score; None if there is no such choice."""
    # From the last element: the total still missing -> score, and the sums of the elements from here on.
    best: dict[int, tuple[int, list[int]]] = {0: (0, [])}
    for sums in reversed(options):
        longer: dict[int, tuple[int, list[int]]] = {}
        for total, score in sums:
            for behind, (scored, chosen) in best.items():
                known = longer.get(total + behind)
                if known is None or score + scored > known[0]:
                    longer[total + behind] = (score + scored, [total, *chosen])
        best = longer
    return best[0][1] if 0 in best else None
