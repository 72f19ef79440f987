"""How fast an ion diffuses in a run, with an error; or why the run does not resolve it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.crystal.chemistry import element_facts
from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS, atomic_masses
from matscout.data.read_only import lock
from matscout.errors import UsageError
from matscout.shown import Shown
from matscout.simulate.mean_squares import hops, mean_squared_displacement, without_drift
from matscout.simulate.simulated_runs import SimulatedRun

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BLOCKS = 5
"""Into which a run is divided: its coefficient is the mean of theirs, and their spread its error."""

STUDENT = 1.14
"""The mean of five lies within so many standard errors with a chance of .68 (Student's t, 4 degrees of freedom)."""

MIDDLE = (0.1, 0.5)
"""Shares of a block; the slope of the mean squared displacement is taken between these lags."""

LEAST_HOPS = 5
LEAST_SQUARES = 3.0
"""Times the square of half the bond length that the ions must have gone."""

LEAST_RATIO = 2.0
"""Of the coefficient to its error."""

CALM = 0.2
"""ps, over which places are averaged before hops are counted."""

FARTHEST_BOND = 6.0
"""Å."""

SQUARE_CENTIMETRES = 1e-4
"""1 Å²/ps in cm²/s."""

SIEMENS = 1.602176634**2 / 1.380649 * 1e5
"""e² / k × Å²/ps / Å³, as S K/cm."""

_ION = re.compile(r"([A-Z][a-z]?)(?:(\d?)([+-]))?")


@dataclass(frozen=True)
class Ion:
    """What diffuses.

    Parameters
    ----------
    symbol
        Of the element.
    charge
        Elementary charges.
    """

    symbol: str
    charge: int

    @classmethod
    def of(cls, text: str) -> Ion:
        """From ``"Na"`` (with the charge that is most often reported), ``"Na+"`` or ``"Mg2+"``.

        Raises
        ------
        UsageError
            If it is none of these.
        """
        match = _ION.fullmatch(text.strip())
        if match is None or match[1] not in ATOMIC_NUMBERS:
            raise UsageError(f"--ion {text!r} is no ion; give an element or an ion such as Na, Na+, Mg2+ or O2-")
        symbol, size, sign = match.groups()
        if sign is not None:
            return cls(symbol, int(f"{sign}{size or 1}"))
        return cls(symbol, int(element_facts().charges[ATOMIC_NUMBERS[symbol] - 1, 0]))

    def __str__(self) -> str:
        size = abs(self.charge)
        return f"{self.symbol}{size if size > 1 else ''}{'+' if self.charge > 0 else '-' if self.charge else ''}"


@dataclass(frozen=True, eq=False, repr=False)
class Diffusion(Shown):
    """How an ion moves in one run.

    Parameters
    ----------
    ion
        Which, and its charge.
    coefficient, error
        Tracer diffusion coefficient and its standard error, cm²/s; NaN where it is not resolved.
    unresolved
        Why it is not resolved; "" where it is.
    conductivity, conductivity_error
        S/cm, by Nernst and Einstein with a Haven ratio of 1, i.e. ions that do not move together; NaN likewise, and of
        neutral atoms.
    hops
        Of all ions.
    ions
        In the cell.
    bond_length
        Å, mean distance of the ions from their nearest neighbours of other elements.
    lags
        ps, [k], up to half of the run.
    msd
        Å², [k], mean squared displacement of the ions over all origins.
    host_msd
        Å², [k], of all other atoms; NaN where there are none.
    """

    ion: Ion
    coefficient: float
    error: float
    unresolved: str
    conductivity: float
    conductivity_error: float
    hops: int
    ions: int
    bond_length: float
    lags: Floats
    msd: Floats
    host_msd: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        lock(self)

    @property
    def resolved(self) -> bool:
        """Whether there is a coefficient."""
        return not self.unresolved

    @property
    def words(self) -> str:
        """``"(1.2 ± 0.1)e-05 cm²/s"`` or ``"not resolved"``."""
        if not self.resolved:
            return "not resolved"
        power = int(np.floor(np.log10(self.coefficient)))
        return f"({self.coefficient / 10.0**power:.2f} ± {self.error / 10.0**power:.2f})e{power:+03d} cm²/s"

    def in_a_line(self) -> str:
        """The coefficient, or why there is none."""
        return f"{self.ion}, {self.words}{f': {self.unresolved}' if self.unresolved else ''}"


def diffusion(run: SimulatedRun, ion: Ion) -> Diffusion:
    """Measure it in one run, whose cell holds such ions.

    Displacements are relative to the centre of mass of the host, which recoils from the ions; without a host, of all
    atoms. A fifth of the run is a block; each gives a slope of the mean squared
    displacement over 6 between a tenth and half of its length.
    """
    crystal, positions = run.start.crystal, run.frames.positions
    numbers = crystal.atomic_numbers
    chosen = numbers == ATOMIC_NUMBERS[ion.symbol]
    counts = np.ones(len(numbers)) if chosen.all() else ~chosen
    places = without_drift(positions, atomic_masses()[numbers - 1] * counts)
    half = max(2, (len(places) + 1) // 2)
    msd = mean_squared_displacement(places[:, chosen])[:half]
    host = mean_squared_displacement(places[:, ~chosen])[:half] if not chosen.all() else np.full(half, np.nan)
    length = _bond_length(crystal, chosen)
    count = hops(places[:, chosen], length, round(CALM / run.spacing))
    coefficient, error = _coefficient(places[:, chosen], run.spacing)
    unresolved = _melting(places, np.where(chosen, 0, numbers), length) or _unresolved(
        msd, length, count, (coefficient, error)
    )
    if unresolved:
        coefficient = error = float("nan")
    density = int(chosen.sum()) / float(crystal.volumes[0])
    factor = SIEMENS * density * ion.charge**2 / run.start.temperature / SQUARE_CENTIMETRES if ion.charge else np.nan
    return Diffusion(
        ion,
        coefficient,
        error,
        unresolved,
        coefficient * factor,
        error * factor,
        count,
        int(chosen.sum()),
        length,
        run.times[:half],
        msd,
        host,
    )


def _coefficient(places: Floats, spacing: float) -> tuple[float, float]:
    """Mean over the blocks and its standard error, cm²/s.

    The slope over the whole run would be less exact than its blocks state: long lags have few independent origins.
    """
    slopes = np.array([_slope(block, spacing) for block in np.array_split(places, BLOCKS)])
    error = STUDENT * slopes.std(ddof=1) / np.sqrt(BLOCKS)
    return float(slopes.mean()) / 6.0 * SQUARE_CENTIMETRES, float(error) / 6.0 * SQUARE_CENTIMETRES


def _slope(places: Floats, spacing: float) -> float:
    """Å²/ps."""
    first, last = (round(share * len(places)) for share in MIDDLE)
    lags = np.arange(first, max(last, first + 1) + 1)
    return float(np.polyfit(lags * spacing, mean_squared_displacement(places)[lags], 1)[0])


def _bond_length(crystal: Crystals, chosen: NDArray[np.bool_]) -> float:
    """Å, mean distance of chosen sites from the nearest one of others; of any where there are no others near."""
    pairs = pairs_within(crystal, FARTHEST_BOND)
    others = chosen[pairs.first] & ~chosen[pairs.second]
    usable = others if others.any() else chosen[pairs.first]
    nearest = np.full(len(chosen), np.inf)
    np.minimum.at(nearest, pairs.first[usable], pairs.distances[usable])
    finite = nearest[np.isfinite(nearest)]
    return float(finite.mean()) if len(finite) else FARTHEST_BOND


def _melting(places: Floats, numbers: Integers, length: float) -> str:
    """What shows that the host is no solid, "" if nothing does; numbers [s] are 0 for the ions.

    Where groups such as SbS4 turn, their outer atoms move and their centres do not: the stillest element counts.
    """
    half = max(2, (len(places) + 1) // 2)
    start = round(MIDDLE[0] * half)
    growths = {}
    for number in set(numbers.tolist()) - {0}:
        msd = mean_squared_displacement(places[:, numbers == number])
        growths[SYMBOLS[number - 1]] = float(msd[half - 1] - msd[start])
    least = min(growths, key=lambda symbol: growths[symbol], default="")
    if not least or growths[least] <= (length / 2.0) ** 2:
        return ""
    what = "the host moves too" if len(growths) == 1 else f"the host moves too, even its {least}"
    return f"{what} (mean squared displacement grows by {growths[least]:.1f} Å²): it melts or decomposes"


def _unresolved(msd: Floats, length: float, count: int, estimate: tuple[float, float]) -> str:
    """Why a run does not resolve a coefficient; "" if it does."""
    coefficient, error = estimate
    square = (length / 2.0) ** 2
    if count < LEAST_HOPS:
        return f"{counted(count, 'hop')} in all, and {LEAST_HOPS} are needed: run it longer or hotter"
    if msd[-1] < LEAST_SQUARES * square:
        return (
            f"the ions have gone {msd[-1]:.1f} Å² (mean square), and {LEAST_SQUARES * square:.1f} Å² are needed: "
            "run it longer or hotter"
        )
    if not coefficient > LEAST_RATIO * error:
        return f"its error is {error:.1g} cm²/s and its value {coefficient:.1g}: run it longer or with more ions"
    return ""
