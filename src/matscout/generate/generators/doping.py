"""Doping series: a host in which dopants replace host elements, on a grid of amounts.

``PbTe:Na,Bi:0:0.1`` means x = 0 to 0.1 dopant atoms per formula unit of the host as written, in 20 steps. Each dopant
replaces the host element that it resembles most (and any other that it resembles nearly as much), alone and together
with each other dopant. Charges may differ between dopant and host ion: that is what doping is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.charges import balance_charges
from matscout.crystal.ions import ion_similarity
from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.data.formulas import format_formula, parse_formula
from matscout.errors import InputError, UsageError
from matscout.generate.assembly import named_candidates
from matscout.generate.base import Candidates, Generator, Wishes
from matscout.generate.weighing import round_steps
from matscout.progress import Progress, silent
from matscout.remarks import Remark

NEARLY_AS_SIMILAR = 0.8
"""A dopant also takes a site to which its similarity is at least this share of that to its best site."""

N_STEPS = 20
"""Steps of a series at most."""

_FORM = "HOST:A,B:LOW:HIGH, for example PbTe:Na,Bi:0:0.1 (dopant atoms per formula unit of the host)"


class Doping(Generator):
    """All members of a doping series.

    Parameters
    ----------
    series
        ``"HOST:A,B:LOW:HIGH"``, for example ``"PbTe:Na,Bi:0:0.1"``.

    Raises
    ------
    UsageError
        If it is something else.
    """

    usual_filters = ("unlabelled",)
    words = "doped"

    def __init__(self, *, series: str) -> None:
        self.series = parse_doping(series)

    def sample(self, wishes: Wishes, n: int, seed: int = 0, progress: Progress = silent) -> Candidates:
        """The whole series, whatever ``n`` is; errors as :func:`dope`."""
        return dope(self.series)


@dataclass(frozen=True)
class DopingSeries:
    """A host (element symbol -> amount), the dopants, and the range of their total amount per formula unit."""

    host: dict[str, float]
    dopants: tuple[str, ...]
    low: float
    high: float


@dataclass(frozen=True)
class _Swap:
    """``amount`` atoms of ``dopant`` in place of ``site``."""

    dopant: str
    site: str
    amount: float


def parse_doping(text: str) -> DopingSeries:
    """Read ``HOST:A,B:LOW:HIGH``.

    Raises
    ------
    UsageError
        If a part is missing, not a formula, not an element, not a number, or the range is empty.
    """
    parts = [part.strip() for part in text.split(":")]
    if len(parts) != 4:
        raise UsageError(f"a doping series is {_FORM}; got {text!r} with {len(parts)} parts")
    try:
        host = parse_formula(parts[0])
        low, high = float(parts[2]), float(parts[3])
    except (InputError, ValueError) as error:
        raise UsageError(f"cannot read the doping series {text!r}: {error}; expected {_FORM}") from error
    dopants = tuple(dict.fromkeys(dopant.strip() for dopant in parts[1].split(",") if dopant.strip()))
    unknown = [dopant for dopant in dopants if dopant not in ATOMIC_NUMBERS]
    if unknown or not dopants:
        raise UsageError(f"{', '.join(unknown) or 'nothing'} in {text!r} is not an element; expected {_FORM}")
    if not 0 <= low < high:
        raise UsageError(
            f"the range {parts[2]}:{parts[3]} in {text!r} must go from low to high and start at 0 or more; expected "
            f"{_FORM}"
        )
    return DopingSeries(host, dopants, low, high)


def dope(series: DopingSeries) -> Candidates:
    """All members of a doping series, each composition once.

    Raises
    ------
    UsageError
        If no dopant fits: each is in the host already, or the amounts exceed those of the host elements.
    """
    sites = _sites(series)
    grid = round_steps(series.low, series.high, N_STEPS)
    plans: list[tuple[_Swap, ...]] = [
        (_Swap(dopant, site, x),) for dopant in series.dopants for site in sites[dopant] for x in grid
    ]
    for first, second in combinations(series.dopants, 2):
        for site, other in product(sites[first], sites[second]):
            pairs = product(grid[grid > 0], grid[grid > 0])
            plans += [(_Swap(first, site, x), _Swap(second, other, y)) for x, y in pairs if x + y <= series.high + 1e-9]
    doped = [(plan, amounts) for plan in plans if (amounts := _doped(series.host, plan)) is not None]
    if not doped:
        raise UsageError(
            f"{format_formula(series.host)} cannot be doped with {', '.join(series.dopants)}: every amount is larger "
            "than that of the element that it replaces"
        )
    host = format_formula(series.host)
    origins = np.array([_origin(host, plan) for plan, _ in doped], dtype=np.str_)
    candidates = named_candidates(Compositions.from_dicts([amounts for _, amounts in doped]), origins)
    where = "; ".join(f"{dopant} for {' or '.join(sites[dopant])}" for dopant in series.dopants)
    text = f"{len(candidates):,} candidates by doping {host} ({where}), {series.low:g} to {series.high:g} atoms."
    return replace(candidates, remarks=(Remark("candidates-by-doping", text),))


def _sites(series: DopingSeries) -> dict[str, tuple[str, ...]]:
    """Dopant -> host elements that it replaces, the most similar first."""
    host = Compositions.from_dicts([series.host])
    charges = balance_charges(host).charges
    return {dopant: _sites_of(dopant, host, charges) for dopant in series.dopants}


def _sites_of(dopant: str, host: Compositions, charges: NDArray[np.float64]) -> tuple[str, ...]:
    table = ion_similarity().same_sign
    if np.isnan(charges).any():
        pairs = table.max(axis=0)[host.elements.astype(np.int64) - 1]
    else:
        pairs = table[(charges > 0).astype(np.int64), host.elements.astype(np.int64) - 1]
    similarity = pairs[:, ATOMIC_NUMBERS[dopant] - 1]
    others = host.elements != ATOMIC_NUMBERS[dopant]
    similarity = np.where(others, similarity, -1.0)
    order = np.argsort(-similarity, kind="stable")
    best = similarity[order[0]]
    return tuple(
        SYMBOLS[host.elements[i] - 1] for i in order if others[i] and similarity[i] >= NEARLY_AS_SIMILAR * best
    )


def _doped(host: dict[str, float], plan: Sequence[_Swap]) -> dict[str, float] | None:
    """The host after the swaps, or None if a site has fewer atoms than are to be replaced."""
    amounts = dict(host)
    for swap in plan:
        amounts[swap.site] = round(amounts[swap.site] - swap.amount, 6)
        amounts[swap.dopant] = round(amounts.get(swap.dopant, 0.0) + swap.amount, 6)
    if min(amounts.values()) < 0:
        return None
    return {symbol: amount for symbol, amount in amounts.items() if amount > 0}


def _origin(host: str, plan: Sequence[_Swap]) -> str:
    swaps = [f"{swap.amount:g} {swap.dopant} for {swap.site}" for swap in plan if swap.amount > 0]
    return f"{host} with {' and '.join(swaps)}" if swaps else f"the host {host}"
