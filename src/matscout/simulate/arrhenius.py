"""The law of Arrhenius through diffusion coefficients with errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.read_only import lock
from matscout.shown import Shown
from matscout.simulate.thermostats import BOLTZMANN

Floats = NDArray[np.float64]

LEAST_TEMPERATURES = 3
"""With two points a line has no error."""


@dataclass(frozen=True, eq=False, repr=False)
class ArrheniusFit(Shown):
    """ln D = ln D0 - E / (k T).

    Parameters
    ----------
    energy, error
        Activation energy and its standard error, eV.
    log_prefactor
        ln (D0 / (cm²/s)).
    covariance
        float64 [2, 2], of the activation energy and the logarithm of the prefactor.
    temperatures
        float64 [t], K, at which a coefficient is known.
    """

    energy: float
    error: float
    log_prefactor: float
    covariance: Floats
    temperatures: Floats

    def __post_init__(self) -> None:
        lock(self)

    def at(self, temperature: float) -> tuple[float, float]:
        """Coefficient at a temperature (K), cm²/s, and the factor of its standard error.

        Outside of the temperatures of the fit it holds only if nothing else begins there.
        """
        slopes = np.array([-1.0 / (BOLTZMANN * temperature), 1.0])
        log = slopes @ np.array([self.energy, self.log_prefactor])
        return float(np.exp(log)), float(np.exp(np.sqrt(slopes @ self.covariance @ slopes)))

    @property
    def words(self) -> str:
        """``"0.21 ± 0.03 eV"``, with two digits of the error if it is below .1 eV."""
        digits = int(np.clip(1 - np.floor(np.log10(max(self.error, 1e-6))), 2, 5))
        return f"{self.energy:.{digits}f} ± {self.error:.{digits}f} eV"

    def in_a_line(self) -> str:
        """The activation energy."""
        return f"{self.words} from {len(self.temperatures)} temperatures"


def arrhenius_fit(
    temperatures: Sequence[float], coefficients: Sequence[float], errors: Sequence[float]
) -> ArrheniusFit | None:
    """The weighted straight line through ln D; None with fewer than three coefficients.

    Where points scatter more than their errors state, the errors of the line grow by as much.

    Parameters
    ----------
    temperatures
        K.
    coefficients, errors
        cm²/s; those that are NaN do not count.
    """
    hot, values, apart = (np.array(one, dtype=np.float64) for one in (temperatures, coefficients, errors))
    known = np.isfinite(values) & np.isfinite(apart) & (values > 0.0)
    if known.sum() < LEAST_TEMPERATURES:
        return None
    hot, values, apart = hot[known], values[known], apart[known]
    design = np.column_stack([-1.0 / (BOLTZMANN * hot), np.ones(len(hot))])
    weights = values / np.maximum(apart, 1e-6 * values)
    weighted, logs = design * weights[:, None], np.log(values) * weights
    line, *_ = np.linalg.lstsq(weighted, logs, rcond=None)
    misfit = float(((logs - weighted @ line) ** 2).sum()) / (len(hot) - 2)
    covariance = np.asarray(np.linalg.inv(weighted.T @ weighted) * max(1.0, misfit), dtype=np.float64)
    return ArrheniusFit(float(line[0]), float(np.sqrt(covariance[0, 0])), float(line[1]), covariance, hot)
