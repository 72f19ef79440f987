"""A property that follows from others by a law, by a model of each of them: by-definition=S**2*sigma*T/kappa."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.errors import ArtefactError, InputError, UsageError
from matscout.predict.base import AnyPredictions, Explanation, Metric, Model, Predictions, State
from matscout.predict.definitions import Ingredients, ingredients_of
from matscout.predict.laws import Law
from matscout.predict.propagation import propagate
from matscout.predict.states import join_states, part_state
from matscout.progress import Progress, silent
from matscout.registry import load_class

Floats = NDArray[np.float64]

COMPONENT = "auto"
"""The model of each property that the law is about."""

BASE = 0.9
"""Level of the intervals that the properties are drawn from, whatever level is asked for."""

SMALLEST = 0.5
"""A property that was positive in all labels is predicted to be at least this share of the smallest one."""


class ByDefinition(Model):
    """Learns every property that a law is about, and propagates their uncertainties by drawing.

    The data set must hold these properties as targets beside the one that follows from them (``--define``).

    Parameters
    ----------
    metric, fast, seed
        See :class:`matscout.predict.base.Model`.
    weights
        The law, over names of targets and context columns.
    """

    merges: ClassVar[bool] = False

    def __init__(self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0, weights: str = "") -> None:
        super().__init__(metric=metric, fast=fast, seed=seed)
        if not weights:
            raise UsageError(f"{self.name} needs a law: --define 'zT=S**2*sigma*T/kappa', or {self.name}=LAW")
        self.law = Law.parse(weights)
        self._target, self._unit = "", ""
        self._about = Ingredients({}, {})
        self._models: dict[str, Model] = {}
        self._least: dict[str, float] = {}

    @property
    def address(self) -> str:
        """With the law."""
        return f"{self.name}={self.law.text}"

    @property
    def representations(self) -> tuple[str, ...]:
        """Those of the models of all properties."""
        return tuple(dict.fromkeys(name for model in self._models.values() for name in model.representations))

    @property
    def notes(self) -> tuple[str, ...]:
        """Which properties were learned, and what each model has to say."""
        told = [f"{self._target} = {self.law.text}, from models of {', '.join(self._about.targets.values())}."]
        return (*told, *(f"{name}: {note}" for name, model in self._models.items() for note in model.notes))

    def fit(self, dataset: Dataset, target: str | None = None, progress: Progress = silent) -> Self:
        """Learn every property from all rows in which it is known.

        Raises
        ------
        UsageError
            If the law is about a column that the data set does not have.
        InputError
            If a property has too few labels.
        """
        from matscout.predict.fitting import fit

        chosen = dataset.target(target)
        self._target, self._unit = chosen.name, chosen.unit or ""
        self._about = ingredients_of(self.law, dataset)
        for name in self._about.targets.values():
            try:
                self._models[name] = fit(
                    dataset,
                    name,
                    model=COMPONENT,
                    metric=self.metric,
                    fast=self.fast,
                    seed=self.seed,
                    progress=progress,
                )
            except InputError as error:
                raise InputError(f"{chosen.name} follows from {name}, which cannot be learned: {error}") from error
            values = dataset.target(name).values
            least = float(np.nanmin(values))
            if least > 0:
                self._least[name] = least
        self.assumption = (
            f"Intervals come from draws of {', '.join(self._models)}, as if their errors were independent."
        )
        return self

    def predict(self, materials: Materials, level: float = 0.9) -> AnyPredictions:
        """The law of drawn properties: median, standard deviation and interval; errors as those of their models."""
        return next(iter(self.predict_at(materials, [level])))

    def predict_at(self, materials: Materials, levels: Sequence[float]) -> Iterator[AnyPredictions]:
        """The predictions of :meth:`predict` at one level after the other."""
        # Every model was trained with all conditions, and says which one is missing.
        told = {name: self._predicted(column, materials) for name, column in self._about.targets.items()}
        conditions = {
            name: np.asarray(materials.context[column], dtype=np.float64)[:, None]
            for name, column in self._about.context.items()
        }
        positive = [name for name, column in self._about.targets.items() if column in self._least]
        for level in levels:
            for model in self._models.values():
                # Refuses a level that the labels of one of them do not support.
                model.predict(materials[:1], level)
            found = propagate(
                told,
                lambda drawn: self.law({**drawn, **conditions}),
                target=self._target,
                unit=self._unit or None,
                positive=positive,
                level=level,
                seed=self.seed,
            )
            yield found

    def _predicted(self, column: str, materials: Materials) -> Predictions:
        """Predictions of one property, above 0 where all labels are."""
        found = self._models[column].predict(materials, BASE)
        assert isinstance(found, Predictions)
        if column not in self._least:
            return found
        floor = SMALLEST * self._least[column]
        middle = np.maximum(found.predicted, floor)
        return replace(found, predicted=middle, upper=np.maximum(found.upper, middle * (1 + 1e-6)))

    def explain(self, materials: Materials, k: int = 3) -> list[Explanation]:
        """As the model of the first property of the law explains it."""
        return next(iter(self._models.values())).explain(materials, k)

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        models = list(self._models.values())
        spec = {
            "options": {"metric": self.metric, "fast": self.fast, "seed": self.seed, "weights": self.law.text},
            "target": self._target,
            "unit": self._unit,
            "targets": dict(self._about.targets),
            "context": dict(self._about.context),
            "least": self._least,
            "assumption": self.assumption,
            "models": [[name, model.name, model.version] for name, model in self._models.items()],
        }
        return join_states(spec, {f"model-{place}": model.state() for place, model in enumerate(models)})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted model again, with equal predictions.

        Raises
        ------
        ArtefactError
            If the model of a property is of another version.
        """
        spec = state.spec
        model = cls(**spec["options"])
        model._target, model._unit, model.assumption = spec["target"], spec["unit"], spec["assumption"]
        model._about = Ingredients(spec["targets"], spec["context"])
        model._least = dict(spec["least"])
        for place, (name, plug_in, version) in enumerate(spec["models"]):
            maker: type[Model] = load_class("models", plug_in)
            if maker.version != version:
                raise ArtefactError(f"the model of {name} is of another version of {plug_in}: fit the model again")
            model._models[name] = maker.from_state(part_state(state, f"model-{place}"))
        return model
