"""Settings of ``matscout arrange``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt

from matscout.errors import UsageError
from matscout.settings.fields import SettingInfo

Method = Literal["auto", "all", "tabu", "anneal"]
"""All arrangements, tabu search, or simulated annealing; "auto": all, or tabu search where there are too many."""

ENDS = ("lowest", "highest")


@dataclass(frozen=True, kw_only=True)
class ArrangeSettings:
    """How arrangements are searched.

    Parameters
    ----------
    goal
        Energy that is wanted: lowest, highest, or a number.
    method
        Go through all arrangements, search by tabu or by annealing (auto: all of up to two million, else tabu).
    restarts
        Number of random arrangements that a search begins with.
    moves
        Exchanges of each tabu search.
    best
        Number of arrangements to report, each once by symmetry.
    temperature
        Temperature of the populations, K.
    seed
        Seed of all random choices.
    """

    goal: Annotated[str, SettingInfo(metavar="lowest|highest|NUMBER")] = "lowest"
    method: Method = "auto"
    restarts: Annotated[int, Ge(1)] = 200
    moves: Annotated[int, Ge(1)] = 500
    best: Annotated[int, Ge(1)] = 20
    temperature: Annotated[float, Gt(0)] = 300.0
    seed: Annotated[int, Ge(0)] = 0

    def __post_init__(self) -> None:
        self.target  # noqa: B018 - refuses what is no goal

    @property
    def target(self) -> float | None:
        """The energy to meet; None where the lowest or highest is wanted."""
        if self.goal in ENDS:
            return None
        try:
            return float(self.goal)
        except ValueError:
            raise UsageError(f"the goal {self.goal!r} is none: use lowest, highest, or an energy") from None
