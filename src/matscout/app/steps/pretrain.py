"""An encoder pretrained on much data, for tasks with few labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from matscout.errors import UsageError
from matscout.extras import require
from matscout.settings.fields import SettingInfo
from matscout.workflow.kind import StepKind, StepWork, WrittenFiles


@dataclass(frozen=True, kw_only=True)
class PretrainStep(StepKind):
    """Pretrain.

    Parameters
    ----------
    experiment
        Name of a recipe in experiments.
    changes
        Changes to it, KEY=VALUE in the grammar of Hydra.
    """

    experiment: str
    changes: Annotated[tuple[str, ...], SettingInfo(key="set")] = ()

    output: ClassVar[str] = "Run"
    predicts: ClassVar[bool] = True

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> WrittenFiles:
        """The folder of the run, with its artefact; a run that was stopped goes on after its last whole epoch."""
        require("torch", "lightning", "hydra", extra="torch")
        from matscout.represent.pretraining.sweeps import plan_runs
        from matscout.represent.pretraining.training import pretrain

        place = work.lasting("training", self.experiment, self.changes)
        runs = plan_runs(self.experiment, self.changes, place / "run", multirun=False)
        if len(runs) != 1:
            raise UsageError("a step pretrains one network: give one value for each setting")
        ((folder, settings),) = runs.items()
        result = pretrain(settings, folder, work.progress)
        loss = result.values["validation loss"]
        return WrittenFiles(folder, "", f"{result.epochs} epochs, lowest validation loss {loss:.4g}: {result.ended}")

    def summary(self, result: WrittenFiles) -> str:
        """How long, and how well."""
        return result.words
