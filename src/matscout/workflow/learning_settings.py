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
        Error that the model minimises.
    fast
        Fit in a quarter of the time or less, with lower accuracy.
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
        Also learn from elastic moduli and vibrations that a force field computes for the structures (slow).
    """

    simulate: Annotated[bool, SettingInfo(panel=_FIT)] = False


@dataclass(frozen=True, kw_only=True)
class LearningSettings(SimulationSettings):
    """What learns, and how.

    Parameters
    ----------
    model
        Model to fit, e.g. gp or fine-tuned.
    """

    model: Annotated[str | None, SettingInfo(metavar="NAME[=FOLDER]", panel=_FIT, default="auto")] = None

    def __post_init__(self) -> None:
        refuse_fitted(self.model)
        if self.simulate and self.model is not None:
            raise UsageError("--simulate chooses the model: omit --model")

    @property
    def address(self) -> str:
        """The model that is fitted."""
        return self.model or ("auto:simulate=yes" if self.simulate else "auto")


def refuse_fitted(model: str | None) -> None:
    """Refuse the folder of a fitted model where a kind of model is asked for, with a UsageError."""
    if model is not None and Path(model).is_dir():
        raise UsageError(
            f"--model names a kind of model, such as auto or gp, but {model} is a folder: to use the fitted model in "
            f"it, give scout --use={model}, or pass the folder to predict"
        )


@dataclass(frozen=True)
class GoalSettings:
    """What is wanted.

    Parameters
    ----------
    goal
        What the target should be (repeatable).
    """

    goal: Annotated[tuple[str, ...], MinLen(1), SettingInfo(metavar="[COL=]max|min|absmax|VALUE|LOW:HIGH")]


@dataclass(frozen=True)
class RankSettings:
    """How candidates are ranked.

    Parameters
    ----------
    exclude
        Elements that candidates must not contain.
    conditions
        Value of a condition, e.g. temperature=600 or 'temperature=60 C'; scout also takes several: 300,600
        (repeatable).
    order
        Score by which candidates are ranked. quantile: the value reached or exceeded with a chance of one in four;
        value: the predicted value; ei: expected improvement; probability: chance of meeting the goal; ucb: the better
        end of the interval; thompson: a random draw. auto: quantile for max and min, ei for a range or value. For a
        class, all of them are its chance.
    require
        Filters (default: these three for generated candidates, new for a file, unlabelled for doping). new: no
        near-duplicate of a label (element fractions within 1 % in sum); unlabelled: not equal to a label.
    must
        Elements that candidates must contain (auto: those in 95 % of at least 20 labels).
    allow
        Keep candidates that are explosive or radioactive. By default they are left out, unless a tenth of the labels
        are explosive or radioactive, too.
    batch
        Size of the batch to make next; 0 for none.
    level
        Level of the intervals, between 0 and 1.
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
            raise UsageError("--must takes none, auto or elements separated by commas, such as Li,O; got nothing")

    @property
    def elements_held(self) -> tuple[str, ...] | None:
        """The elements that candidates must hold; None for those that the labels share."""
        return parse_must(", ".join(self.must))

    @property
    def set_to(self) -> dict[str, str]:
        """Context column -> what it is set to."""
        return {name: str(value) for name, value in self.conditions.items()}
