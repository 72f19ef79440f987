"""A property that follows from others by a law, by a model of each of them: by-definition=S**2*sigma*T/kappa."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Target
from matscout.data.made_up import Label, as_number
from matscout.data.materials import Materials
from matscout.data.repeats import material_keys
from matscout.errors import ArtefactError, InputError, UsageError
from matscout.predict import transforms
from matscout.predict.base import AnyPredictions, Explanation, LeftOut, Metric, Model, Predictions
from matscout.predict.conformal import Conformal, assumption
from matscout.predict.definitions import Definition, Ingredients, definition, ingredients_of
from matscout.predict.distributions import NO_LIMITS, limits_as_json, stored_limits
from matscout.predict.fitting import fit, make_model
from matscout.predict.labels import Labels, training_labels
from matscout.predict.laws import Law
from matscout.predict.propagation import propagate
from matscout.predict.stacking import select_weights
from matscout.predict.states import State, join_states, part_state
from matscout.predict.target_facts import limits_of
from matscout.predict.transforms import LINEAR, TargetTransform, transform_of
from matscout.predict.unseen_errors import mean_error, scores_of
from matscout.progress import Progress, silent
from matscout.registry import load_class

Floats = NDArray[np.float64]

BASE = 0.9
"""Level of the intervals that the properties are drawn from, whatever level is asked for."""

BASE_OF_FEW = 0.5
"""The same where the labels are fewer than 9."""

FEWEST = 50
"""Rows in which all properties were measured, from which on the errors of the law itself make the intervals."""

SMALLEST = 0.5
"""A property that was positive in all labels is predicted to be at least this share of the smallest one."""


EXAMPLE_LAW = "area/height"


class ByDefinition(Model):
    """Learns every property that a law is about, and propagates their uncertainties by drawing.

    The data set must hold these properties as targets beside the one that follows from them (``--define``).

    Parameters
    ----------
    metric, fast, seed
        See :class:`matscout.predict.base.Model`.
    weights
        The law, over names of targets and context columns; ``by-definition/MODEL=WEIGHTS=LAW`` for weights of a model.
    part
        The model of each property that the law is about.
    """

    merges: ClassVar[bool] = False
    classifies: ClassVar[bool] = False
    explains_parts: ClassVar[bool] = True

    @classmethod
    def example_model(cls, *, seed: int = 0, brief: bool = False) -> Self:
        """A law over the columns of its example data set, each learned by a Gaussian process."""
        return cls(fast=True, seed=seed, part="gp", weights=EXAMPLE_LAW)

    @classmethod
    def example_dataset(
        cls, n: int = 60, *, seed: int = 0, label: Label = as_number, context: bool = False, groups: bool = False
    ) -> Dataset:
        """As :meth:`matscout.predict.base.Model.example_dataset`, with the area and the height that make the target."""
        made = super().example_dataset(n, seed=seed, label=label, context=context, groups=groups)
        compositions, target = made.materials.compositions, made.target()
        height = 1.0 + np.bincount(compositions.rows, compositions.elements * compositions.fractions).astype(np.float64)
        area = replace(target, name="area", values=target.values * height, unit=None)
        return replace(made, targets={target.name: target, "area": area, "height": Target("height", height)})

    def __init__(
        self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0, weights: str = "", part: str = ""
    ) -> None:
        super().__init__(metric=metric, fast=fast, seed=seed)
        self.part, self.weights = part, weights
        asked = Definition.of(part, weights)
        if not asked.law:
            raise UsageError(f"{self.name} needs a law: --define 'zT=S**2*sigma*T/kappa', or {self.name}=LAW")
        self.law = Law.parse(asked.law)
        self.component = asked.component
        make_model(self.component)
        self._target, self._unit = "", ""
        self._about = Ingredients({}, {})
        self._models: dict[str, Model] = {}
        self._least: dict[str, float] = {}
        self._share = 1.0
        self._direct: Model | None = None
        self._intervals: Conformal | None = None
        self._limits, self._scale = NO_LIMITS, LINEAR

    @property
    def address(self) -> str:
        """With the law."""
        return definition(self.law.text, self.component)

    @property
    def representations(self) -> tuple[str, ...]:
        """Those of the models of all properties."""
        return tuple(dict.fromkeys(name for model in self._models.values() for name in model.representations))

    def may_learn_from(self, materials: Materials) -> tuple[str, ...]:
        """Those that the models of properties may choose from."""
        return make_model(self.component, fast=self.fast).may_learn_from(materials)

    @property
    def modules(self) -> tuple[str, ...]:
        """Its own, and those of the models of properties."""
        return (*super().modules, *make_model(self.component).modules)

    @property
    def notes(self) -> tuple[str, ...]:
        """Which properties were learned, and what each model has to say."""
        told = [f"{self._target} = {self.law.text}, from models of {', '.join(self._about.targets.values())}."]
        if self._direct is not None:
            told.append(
                f"Of each prediction {self._share:.0%} is this law and the rest a model of {self._target} itself, as "
                "their errors on unseen rows asked for."
            )
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
        chosen = dataset.target(target)
        self._target, self._unit = chosen.name, chosen.unit or ""
        self._about = ingredients_of(self.law, dataset)
        for name in self._about.targets.values():
            try:
                self._models[name] = self._learned(dataset, name, progress)
            except InputError as error:
                raise InputError(f"{chosen.name} follows from {name}, which cannot be learned: {error}") from error
            values = dataset.target(name).values
            least = float(np.nanmin(values))
            if least > 0:
                self._least[name] = least
        self._judge(dataset, progress)
        return self

    def _learned(self, dataset: Dataset, target: str, progress: Progress) -> Model:
        return fit(
            dataset,
            target,
            model=self.component,
            metric=self.metric,
            fast=self.fast,
            seed=self.seed,
            progress=progress,
        )

    def _judge(self, dataset: Dataset, progress: Progress) -> None:
        """What the law, and a model of the target itself, were wrong by on rows that no model had seen.

        If these are few, draws are all that is told.
        """
        labels = training_labels(dataset, self._target)
        self._limits, self._scale = limits_of(labels.values, labels.target), transform_of(labels.target.scale)
        said = self._of_unseen(labels)
        if (labels.measured & np.isfinite(said)).sum() < FEWEST:
            independent = f"draws of {', '.join(self._models)}, as if their errors were independent"
            each = dict.fromkeys(f"{name}: {model.assumption}" for name, model in self._models.items())
            self.assumption = f"Intervals come from {independent}. {'. '.join(each)}."
            return
        said = self._shared(said, self._learned(dataset, self._target, progress), labels)
        known = labels.measured & np.isfinite(said)
        centre, values = self._on_scale(said), self._scale.forward(labels.values)
        errors = np.where(known, values - centre, np.nan)
        names = (labels.units, f"{labels.unit}s")
        self._intervals = Conformal.fit(errors, self._sizes(centre), values, *names, doubted=False)
        self.assumption = assumption(labels.unit, self._intervals.support())
        self.scores = scores_of(errors[known], labels.target.scale)

    def _on_scale(self, said: Floats) -> Floats:
        """What the law says, on the scale of the target; a factor needs a positive number."""
        return self._scale.forward(said if self._scale == LINEAR else np.maximum(said, transforms.SMALLEST))

    def _sizes(self, centre: Floats) -> Floats:
        """What errors are proportional to: the value itself, or nothing where they are factors anyway."""
        return np.abs(centre) if self._scale == LINEAR else np.where(np.isfinite(centre), 1.0, np.nan)

    def _shared(self, said: Floats, direct: Model, labels: Labels) -> Floats:
        """What the law said with a share of what a model of the target said, as the errors of both on [n] rows ask."""
        if direct.left_out is None:
            return said
        both = np.column_stack([said, unseen(direct.left_out, labels)])
        known = labels.measured & np.isfinite(both).all(axis=1)

        def loss(weights: Floats, rows: Floats) -> float:
            said = self._on_scale(both[known] @ weights)
            return mean_error(said - self._scale.forward(labels.values[known]), self.metric, rows)

        own = labels.subset(known)
        weights = select_weights(2, loss, own.units, own.weights, self.seed)
        if weights[1] > 0:
            self._share, self._direct = float(weights[0]), direct
        return np.maximum(both @ weights, self._limits[0])

    def _of_unseen(self, labels: Labels) -> Floats:
        """The law of what the models said before they had seen these materials, NaN where one of them said nothing."""
        values: dict[str, Floats] = self._conditions(labels.materials)
        for name, column in self._about.targets.items():
            told = self._models[column].left_out
            values[name] = np.full(len(labels), np.nan) if told is None else unseen(told, labels)
            if column in self._least:
                values[name] = np.maximum(values[name], self._floor(column))
        found = self.law(values)
        return np.where(np.isfinite(found), found, np.nan)

    def _conditions(self, materials: Materials) -> dict[str, Floats]:
        context = self._about.context.items()
        return {name: np.asarray(materials.context[column], dtype=np.float64) for name, column in context}

    def _floor(self, column: str) -> float:
        return SMALLEST * self._least[column]

    def predict(self, materials: Materials, level: float = 0.9) -> AnyPredictions:
        """The law of drawn properties: median, standard deviation and interval; errors as those of their models."""
        return next(iter(self.predict_at(materials, [level])))

    def predict_at(self, materials: Materials, levels: Sequence[float]) -> Iterator[AnyPredictions]:
        """The predictions of :meth:`predict` at one level after the other."""
        # Every model was trained with all conditions, and says which one is missing.
        told = {name: self._predicted(column, materials) for name, column in self._about.targets.items()}
        for level in levels:
            for model in self._models.values():
                # Refuses a level that the labels of one of them do not support.
                model.predict(materials[:1], level)
            yield (
                self._drawn(told, materials, level)
                if self._intervals is None
                else self._judged(self._intervals, told, materials, level)
            )

    def _judged(
        self, intervals: Conformal, told: Mapping[str, Predictions], materials: Materials, level: float
    ) -> Predictions:
        """The law of the predicted properties, with what it was wrong by on rows that no model had seen."""
        predicted = self._lawful({name: one.predicted for name, one in told.items()}, materials)
        if self._direct is not None:
            direct = self._direct.predict(materials, BASE)
            assert isinstance(direct, Predictions)
            predicted = self._share * predicted + (1 - self._share) * direct.predicted
        intervals.require(level)
        centre = self._on_scale(np.maximum(predicted, self._limits[0]))
        return Predictions(
            target=self._target,
            unit=self._unit or None,
            level=level,
            distribution=intervals.distribution(self._scale, centre, self._sizes(centre), self._limits),
            in_domain=np.logical_and.reduce([one.in_domain for one in told.values()]),
            assumption=self.assumption,
            problems=tuple(dict.fromkeys(problem for one in told.values() for problem in one.problems)),
        )

    def _lawful(self, values: Mapping[str, Floats], materials: Materials) -> Floats:
        """The law of predicted properties; refuses where it has no value."""
        values = {**values, **self._conditions(materials)}
        found = self.law(values)
        wrong = np.flatnonzero(~np.isfinite(found))
        if len(wrong):
            row = int(wrong[0])
            told = ", ".join(f"{name} = {values[name][row]:.4g}" for name in self.law.names)
            raise UsageError(
                f"{self._target} = {self.law.text} has no value for {materials.formulas[row]}, of which {told} is "
                f"predicted ({len(wrong):,} of {len(materials):,} materials): leave such materials out, or write a law "
                "that has a value everywhere"
            )
        return found

    def _drawn(self, told: Mapping[str, Predictions], materials: Materials, level: float) -> Predictions:
        conditions = {name: one[:, None] for name, one in self._conditions(materials).items()}
        return propagate(
            told,
            lambda drawn: self.law({**drawn, **conditions}),
            target=self._target,
            unit=self._unit or None,
            positive=[name for name, column in self._about.targets.items() if column in self._least],
            level=level,
            scale=self._scale,
            seed=self.seed,
        )

    def _predicted(self, column: str, materials: Materials) -> Predictions:
        """Predictions of one property, above 0 where all labels are."""
        model = self._models[column]
        try:
            found = model.predict(materials, BASE)
        except UsageError:  # The labels are too few for this level; if that is not the reason, it is told again.
            found = model.predict(materials, BASE_OF_FEW)
        assert isinstance(found, Predictions)
        if column not in self._least:
            return found
        lowest, highest = found.distribution.widest_limits
        floor = max(lowest, self._floor(column))
        return replace(found, distribution=replace(found.distribution, limits=(floor, highest)))

    def explain(self, materials: Materials, k: int = 3) -> list[Explanation]:
        """As the model of the first property of the law explains it."""
        return next(iter(self._models.values())).explain(materials, k)

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        models = list(self._models.values())
        spec = {
            "options": {
                "metric": self.metric,
                "fast": self.fast,
                "seed": self.seed,
                "weights": self.weights,
                "part": self.part,
            },
            "target": self._target,
            "unit": self._unit,
            "targets": dict(self._about.targets),
            "context": dict(self._about.context),
            "least": self._least,
            "assumption": self.assumption,
            "limits": limits_as_json(self._limits),
            "scale": self._scale.kind,
            "models": [[name, model.name, model.version] for name, model in self._models.items()],
            "share": self._share,
        }
        if self._direct is not None:
            models.append(self._direct)
        parts = {f"model-{place}": model.state() for place, model in enumerate(models)}
        return join_states(spec, parts | ({} if self._intervals is None else {"intervals": self._intervals.state()}))

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
        model._limits = stored_limits(spec)
        model._scale = TargetTransform(spec.get("scale", LINEAR.kind))
        if "intervals" in spec:
            model._intervals = Conformal.from_state(part_state(state, "intervals"))
        for place, (name, plug_in, version) in enumerate(spec["models"]):
            maker: type[Model] = load_class("models", plug_in)
            if maker.version != version:
                raise ArtefactError(f"the model of {name} is of another version of {plug_in}: fit the model again")
            model._models[name] = maker.from_state(part_state(state, f"model-{place}"))
        model._share, place = spec["share"], len(spec["models"])
        if f"model-{place}" in spec:
            # Of the same kind as the others.
            model._direct = maker.from_state(part_state(state, f"model-{place}"))
        return model


def unseen(told: LeftOut, labels: Labels) -> Floats:
    """What was said of labelled materials that were left out, NaN of others, [n].

    Repeats of a material have the same; but not those of another group, of which a model may have seen this one.
    """
    said = dict(zip(_keys(told.materials, told.groups), told.predicted.tolist(), strict=True))
    return np.array([said.get(key, np.nan) for key in _keys(labels.materials, labels.groups)], dtype=np.float64)


def _keys(materials: Materials, groups: NDArray[np.str_] | None) -> list[tuple[object, ...]]:
    keys = material_keys(materials)
    return keys if groups is None else [(*key, group) for key, group in zip(keys, groups.tolist(), strict=True)]
