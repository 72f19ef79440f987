"""How models are fitted and candidates are ranked, as settings of commands and steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt, MinLen

from matscout.errors import UsageError
from matscout.settings.fields import SettingInfo
from matscout.workflow.parsing import parse_must

_FIT, _SEARCH = "Fit options", "Search options"

MetricName = Literal["mae", "rmse"]
OrderName = Literal["auto", "quantile", "value", "ei", "probability", "ucb", "thompson"]
AllowedHazard = Literal["explosive", "radioactive"]
GoalWords = Annotated[str | float, SettingInfo(words="a goal such as 'gap=1:2' or max")]


@dataclass(frozen=True, kw_only=True)
class FittingSettings:
    """How models are fitted, whichever they are.

    Parameters
    ----------
    metric
        The error to keep small.
    fast
        A quarter of the time or less, not as accurate.
    seed
        Seed of every random choice.
    """

    metric: Annotated[MetricName, SettingInfo(panel=_FIT)] = "mae"
    fast: Annotated[bool, SettingInfo(panel=_FIT)] = False
    seed: Annotated[int, Ge(0), SettingInfo(panel=_FIT)] = 0


@dataclass(frozen=True, kw_only=True)
class SimulationSettings(FittingSettings):
    """How models are fitted, also by what is computed of structures.

    Parameters
    ----------
    simulate
        Learn also from moduli and vibrations that a force field computes of the structures (slow).
    """

    simulate: Annotated[bool, SettingInfo(panel=_FIT)] = False


@dataclass(frozen=True, kw_only=True)
class LearningSettings(SimulationSettings):
    """What learns, and how.

    Parameters
    ----------
    model
        Which model; fine-tuned, for example.
    """

    model: Annotated[str | None, SettingInfo(metavar="NAME[=FOLDER]", panel=_FIT, default="auto")] = None

    def __post_init__(self) -> None:
        refuse_fitted(self.model)
        if self.simulate and self.model is not None:
            raise UsageError("--simulate chooses the model: leave --model out")

    @property
    def address(self) -> str:
        """The model that is fitted."""
        return self.model or ("auto:simulate=yes" if self.simulate else "auto")


def refuse_fitted(model: str | None) -> None:
    """Refuse the folder of a fitted model where a kind of model is asked for, with a UsageError."""
    if model is not None and Path(model).is_dir():
        raise UsageError(
            f"--model names a kind of model, such as auto or gp, and {model} is a folder: say --use={model} with "
            "scout, or give it to predict, to use the fitted model in it"
        )


@dataclass(frozen=True)
class GoalSettings:
    """What is wanted.

    Parameters
    ----------
    goal
        What a target should be (repeatable).
    """

    goal: Annotated[tuple[str, ...], MinLen(1), SettingInfo(metavar="[COL=]max|min|absmax|VALUE|LOW:HIGH")]


@dataclass(frozen=True)
class RankSettings:
    """How candidates are ranked.

    Parameters
    ----------
    exclude
        Elements to leave out.
    conditions
        Value of a context column, e.g. temperature=600 or 'temperature=60 C'; scout tries several, 300,600
        (repeatable).
    order
        Rank by the value that is reached or bettered with a chance of one in four, by predicted value, expected
        improvement, chance of meeting the goal, better end of the interval, or a random draw (auto: quantile for max
        and min, ei for a range or value; for a class all are its chance).
    require
        Filters (default: these three for generated candidates, new for a file, unlabelled for doping). new: no
        near-copy of a label (1 % of the fractions, in sum); unlabelled: equal to none.
    must
        Elements that candidates must hold (auto, the default: those in 95 % of at least 20 labels).
    allow
        Keep candidates that are explosive or radioactive; they are left out unless a tenth of the labels are so, too.
    batch
        Size of a diverse batch to make next; 0 proposes none.
    level
        Coverage that the intervals should have, between 0 and 1.
    """

    exclude: Annotated[tuple[str, ...], SettingInfo(metavar="A,B", panel=_SEARCH, commas=True)] = ()
    conditions: Annotated[Mapping[str, str | float], SettingInfo(key="set", metavar="COL=VALUE|COL=LOW:HIGH")] = field(
        default_factory=dict
    )
    order: Annotated[OrderName, SettingInfo(panel=_SEARCH)] = "auto"
    require: Annotated[
        tuple[str, ...] | None, SettingInfo(metavar="neutral,in-domain,new", panel=_SEARCH, commas=True)
    ] = None
    must: Annotated[tuple[str, ...], SettingInfo(metavar="none|auto|Li,O", panel=_SEARCH, commas=True)] = ("auto",)
    allow: Annotated[
        tuple[AllowedHazard, ...], SettingInfo(metavar="explosive,radioactive", panel=_SEARCH, commas=True)
    ] = ()
    batch: Annotated[int, Ge(0), SettingInfo(panel=_SEARCH)] = 8
    level: Annotated[float, Gt(0), Lt(1)] = 0.9

    def __post_init__(self) -> None:
        if not self.must:
            raise UsageError("--must takes none, auto or elements with commas between them, like Li,O; got nothing")

    @property
    def elements_held(self) -> tuple[str, ...] | None:
        """The elements that candidates must hold; None for those that the labels share."""
        return parse_must(", ".join(self.must))

    @property
    def set_to(self) -> dict[str, str]:
        """Context column -> what it is set to."""
        return {name: str(value) for name, value in self.conditions.items()}
