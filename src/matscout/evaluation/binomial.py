"""Shares of n cases with their exact 95 % intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

LEVEL = 0.95


@dataclass(frozen=True)
class BinomialShare:
    """How many of n independent cases; the interval is that of Clopper and Pearson (doi:10.2307/2331986)."""

    count: int
    n: int

    @property
    def share(self) -> float:
        """From 0 to 1; NaN of no case."""
        return self.count / self.n if self.n else math.nan

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        from scipy.stats import beta

        return float(beta.ppf((1 - LEVEL) / 2, self.count, self.n - self.count + 1)) if self.count else 0.0

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        from scipy.stats import beta

        if self.count >= self.n:
            return 1.0
        return float(beta.ppf((1 + LEVEL) / 2, self.count + 1, self.n - self.count))

    def __str__(self) -> str:
        """``"81.2 % (78.6-83.6, n 1,000)"``."""
        if not self.n:
            return "none of 0"
        return f"{100 * self.share:.1f} % ({100 * self.low:.1f}-{100 * self.high:.1f}, n {self.n:,})"
