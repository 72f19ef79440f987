"""What to learn and how, as a user says it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from matscout.data.dataset import Dataset
from matscout.errors import UsageError
from matscout.workflow.asked_scales import parse_scales


@dataclass(frozen=True)
class FitSettings:
    """What to learn and how: what ``fit``, ``evaluate``, ``scout`` share."""

    targets: tuple[str, ...] | list[str] | None = None
    context: tuple[str, ...] | list[str] | None = None
    groups: str | None = None
    error: str | None = None
    metric: Literal["mae", "rmse"] = "mae"
    fast: bool = False
    seed: int = 0
    simulate: bool = False
    named: str | None = None
    define: tuple[str, ...] | list[str] | None = None
    scales: tuple[str, ...] | list[str] | None = None

    def __post_init__(self) -> None:
        if self.named is not None and Path(self.named).is_dir():
            raise UsageError(
                f"--model names a kind of model, such as auto or gp, and {self.named} is a folder: say --use "
                f"{self.named} with scout, or give it to predict, to use the fitted model in it"
            )
        parse_scales(self.scales)
        if self.simulate and self.named is not None:
            raise UsageError("--simulate chooses the model: leave --model out")

    @property
    def definitions(self) -> dict[str, str]:
        """Name -> law of the properties that follow from others.

        Raises
        ------
        UsageError
            If one is not of the form NAME=LAW.
        """
        found = {}
        for text in self.define or ():
            name, _, law = (part.strip() for part in text.partition("="))
            if not name or not law:
                raise UsageError(f"--define {text!r} is not of the form NAME=LAW")
            found[name] = law
        return found

    def learned(self, dataset: Dataset) -> tuple[str, ...]:
        """The targets to learn: all that were read, but what laws are about only if it was named too."""
        definitions = self.definitions
        if not definitions:
            return tuple(dataset.targets)
        named = (dataset.target(name).name for name in self.targets or ())
        return tuple(dict.fromkeys((*named, *definitions)))

    def model_of(self, target: str) -> str:
        """What learns a target: a law where one is given."""
        from matscout.predict.definitions import model_for

        return model_for(target, self.definitions, self.model)

    @property
    def model(self) -> str:
        """Name of the model that is fitted."""
        return self.named or ("auto:simulate=yes" if self.simulate else "auto")

    @property
    def renamed(self) -> str:
        """What to tell somebody who names a model by an old name, "" if nobody does."""
        from matscout.predict.former_names import renamed_words

        return renamed_words(self.named) if self.named else ""
