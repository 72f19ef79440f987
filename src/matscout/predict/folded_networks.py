"""What models made of networks of several folds share: intervals from what each said of rows that it had not seen."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Target
from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.predict.base import AnyPredictions, LeftOut, Metric, Model, Predictions
from matscout.predict.conformal import Conformal, assumption
from matscout.predict.distributions import NO_LIMITS, limits_as_json, stored_limits
from matscout.predict.domain import Domain
from matscout.predict.features import FeatureMatrix, Features
from matscout.predict.labels import Labels
from matscout.predict.learners.scaling import Scaling
from matscout.predict.standardised import Standardised
from matscout.predict.states import State, join_states, part_state
from matscout.predict.target_facts import facts_of, limits_of, target_of
from matscout.predict.transforms import LINEAR
from matscout.predict.unseen_errors import scores_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Heard:
    """What the networks say of m materials: centre and spread on the scale that is learned, [m], and of what."""

    centre: Floats
    spread: Floats
    matrix: FeatureMatrix


class FoldedNetworks(Model):
    """A concrete one learns in ``fit``, calls :meth:`_judge` with what each fold said of its unseen rows, and says
    :meth:`_say`.
    """

    classifies: ClassVar[bool] = False

    def __init__(self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0) -> None:
        super().__init__(metric=metric, fast=fast, seed=seed)
        self._target: Target
        self._features: Features
        self._scaling: Scaling
        self._scale: Standardised
        self._n_folds = 1
        self._intervals: Conformal
        self._limits = NO_LIMITS
        self._domain: Domain
        self._formulas: NDArray[np.str_]

    @abstractmethod
    def _say(self, materials: Materials) -> Heard:
        """What the networks say."""

    @abstractmethod
    def _options(self) -> dict[str, Any]:
        """Arguments of the constructor."""

    def _judge(self, labels: Labels, centre: Floats, spread: Floats) -> None:
        """Intervals and scores from what was said of every label before it was seen, both [n]."""
        values = self._scale.forward(labels.values)
        residuals = np.where(labels.measured, values - centre, np.nan)
        self._intervals = Conformal.fit(residuals, spread, values, labels.units, f"{labels.unit}s")
        self._limits = limits_of(labels.values, labels.target)
        self.assumption = assumption(labels.unit, self._intervals.support())
        self.left_out = LeftOut(labels.materials, self._scale.inverse(centre), labels.groups)
        self.scores = scores_of(self._scale.spread * residuals[labels.measured], labels.target.scale)

    def predict(self, materials: Materials, level: float = 0.9) -> AnyPredictions:
        """Predictions for every material, intervals at nominal coverage ``level``.

        Raises
        ------
        UsageError
            If ``level`` needs more training rows than there were, or a context column is missing.
        """
        return next(self.predict_at(materials, (level,)))

    def predict_at(self, materials: Materials, levels: Sequence[float]) -> Iterator[AnyPredictions]:
        """The predictions at one level after the other; the networks are asked once."""
        heard = self._say(materials)
        in_domain = self._domain.contains(materials) & heard.matrix.represented
        problems = (*heard.matrix.problems, *self._domain.remarks(materials))
        for level in levels:
            yield self._numbers(heard, in_domain, problems, level)

    def _numbers(
        self, heard: Heard, in_domain: NDArray[np.bool_], problems: tuple[RowProblem, ...], level: float
    ) -> Predictions:
        self._intervals.require(level)
        standardised = self._intervals.distribution(LINEAR, heard.centre, heard.spread)
        return Predictions(
            target=self._target.name,
            unit=self._target.unit,
            level=level,
            distribution=self._scale.restored(standardised, self._limits),
            in_domain=in_domain,
            assumption=self.assumption,
            problems=problems,
        )

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        target = self._target
        spec = {
            "options": self._options(),
            "target": facts_of(target),
            "scale": self._scale.state(),
            "folds": self._n_folds,
            "limits": limits_as_json(self._limits),
            "assumption": self.assumption,
            "scores": dict(self.scores),
        }
        parts = {
            "features": self._features.state(),
            "domain": self._domain.state(),
            "intervals": self._intervals.state(),
            "scaling": State({}, self._scaling.arrays()),
            "labels": State({}, {"formulas": self._formulas, "values": target.values}),
        }
        return join_states(spec, parts)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted model again, with equal predictions; a concrete one adds its networks."""
        spec, labels = state.spec, part_state(state, "labels").arrays
        model = cls(**spec["options"])
        model._target = target_of(spec["target"], labels["values"])
        model._n_folds, model._formulas = spec["folds"], labels["formulas"]
        model._scale, model._limits = Standardised.from_state(spec["scale"]), stored_limits(spec)
        model.assumption, model.scores = spec["assumption"], spec["scores"]
        model._features = Features.from_state(part_state(state, "features"))
        model._domain = Domain.from_state(part_state(state, "domain"))
        model._intervals = Conformal.from_state(part_state(state, "intervals"))
        model._scaling = Scaling.from_arrays(part_state(state, "scaling").arrays)
        return model
