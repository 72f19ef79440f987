"""The steps from labels to models in one folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matscout.predict.definitions import model_for
from matscout.settings.sharing import taken_over
from matscout.workflow.kind import StepKind
from matscout.workflow.learning_settings import LearningSettings
from matscout.workflow.step_names import names_of
from matscout.workflow.steps.bundle import BundleStep
from matscout.workflow.steps.fit import FitStep


def fitting_steps(targets: Sequence[str], laws: Mapping[str, str], learning: LearningSettings) -> dict[str, StepKind]:
    """A model of each target, learned from the step ``labels``, and all of them together as ``models``.

    Parameters
    ----------
    targets
        What is learned.
    laws
        Name -> law of those that follow from others.
    learning
        How.
    """
    steps: dict[str, StepKind] = {
        name("model"): taken_over(
            FitStep, learning, labels="labels", target=target, model=model_for(target, dict(laws), learning.address)
        )
        for target, name in zip(targets, names_of(targets), strict=True)
    }
    return {**steps, "models": BundleStep(tuple(steps))}
