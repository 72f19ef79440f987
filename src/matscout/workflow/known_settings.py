"""How labelled rows are read of which some may be unlabelled, as settings of commands and steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Gt, Lt

from matscout.settings.fields import SettingInfo
from matscout.workflow.label_settings import LabelSettings

_FIT = "Fit options"


@dataclass(frozen=True)
class KnownSettings(LabelSettings):
    """How labelled rows are read, also where one class is known and nothing of the other rows.

    Parameters
    ----------
    unlabelled
        What stands in the target where nothing is known, as in a table of materials that are made (1) or not known to
        be made (0).
    positive
        What stands there where the class is known (else the only other value).
    class_prior
        Share of the unlabelled rows that are of the class, if you want to assume one: gives probabilities and an
        estimated precision.
    """

    unlabelled: Annotated[str | None, SettingInfo(metavar="VALUE|blank", panel=_FIT)] = None
    positive: Annotated[str | None, SettingInfo(metavar="VALUE", panel=_FIT)] = None
    class_prior: Annotated[float | None, Gt(0), Lt(1), SettingInfo(metavar="SHARE", panel=_FIT)] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.unlabelled, self.positive, self.class_prior) != (None, None, None):
            from matscout.data.positive_unlabelled import UnlabelledCells

            UnlabelledCells.asked(self.unlabelled, self.positive, self.class_prior)

    @property
    def unlabelled_arguments(self) -> Mapping[str, Any]:
        """The same as arguments of :func:`matscout.read`."""
        return {"unlabelled": self.unlabelled, "positive": self.positive, "class_prior": self.class_prior}
