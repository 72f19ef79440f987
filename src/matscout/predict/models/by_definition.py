"""A property that follows from others by a law, with a model of each: by-definition=S**2*sigma*T/kappa."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Target, Task
from matscout.data.made_up import Label, as_number
from matscout.data.materials import Materials
from matscout.data.repeats import material_keys
from matscout.errors import InputError, UsageError
from matscout.predict import transforms
from matscout.predict.base import LeftOut, Metric, Predictions
from matscout.predict.conformal import Conformal
from matscout.predict.definitions import Definition, Ingredients, definition, ingredients_of
from matscout.predict.fitting import fit, make_model
from matscout.predict.labels import Labels
from matscout.predict.laws import Law
from matscout.predict.model import Model, Predictor
from matscout.predict.propagation import draw, drawn_words
from matscout.predict.stacking import select_weights
from matscout.predict.standardised import PLAIN, Standardised
from matscout.predict.target_facts import limits_of
from matscout.predict.transforms import transform_of
from matscout.predict.uncalibrated import RawDraws, RawNumbers, UnseenNumbers
from matscout.predict.unseen_errors import mean_errors
from matscout.progress import Progress
from matscout.remarks import Remark, worded

Floats = NDArray[np.float64]

BASE = 0.9
"""Level of the intervals that the properties are drawn from, whatever level is asked for."""

BASE_OF_FEW = 0.5
"""The same where the labels are fewer than 9."""

FEWEST = 50
"""Rows in which all properties were measured, from which on the errors of the law itself make the intervals."""

LEAST_PART = 0.5
"""A property that was positive in all labels is predicted to be at least this share of the smallest one."""


EXAMPLE_LAW = "area/height"


class ByDefinition(Predictor):
    """Learns every property that a law is about, and propagates their uncertainties by drawing.

    The data set must hold these properties as targets beside the one that follows from them (``--define``).

    Parameters
    ----------
    metric, fast, seed
        See :class:`matscout.predict.model.Predictor`.
    weights
        The law, over names of targets and context columns; ``by-definition/MODEL=WEIGHTS=LAW`` for weights of a model.
    part
        The model of each property that the law is about.
    """

    merges: ClassVar[bool] = False
    tasks: ClassVar[frozenset[Task]] = frozenset({"regression"})
    calibrator = Conformal(doubted=False)

    @classmethod
    def example_model(cls, *, seed: int = 0, brief: bool = False) -> Self:
        """A law over the columns of its example data set, each learned by a Gaussian process."""
        return cls(fast=True, seed=seed, part="gp", weights=EXAMPLE_LAW)

    @classmethod
    def example_dataset(
        cls, n: int = 60, *, seed: int = 0, label: Label = as_number, context: bool = False, groups: bool = False
    ) -> Dataset:
        """As for any model, with the area and the height that make the target."""
        made = super().example_dataset(n, seed=seed, label=label, context=context, groups=groups)
        compositions, target = made.materials.compositions, made.target()
        height = 1.0 + np.bincount(compositions.rows, compositions.elements * compositions.fractions).astype(np.float64)
        area = replace(target, name="area", values=target.values * height, unit=None, limits=None)
        return replace(made, targets={target.name: target, "area": area, "height": Target("height", height)})

    def __init__(
        self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0, weights: str = "", part: str = ""
    ) -> None:
        super().__init__(metric=metric, fast=fast, seed=seed)
        self.part, self.weights = part, weights
        definition = Definition.of(part, weights)
        if not definition.law:
            raise UsageError(f"{self.name} needs a law: --define='zT=S**2*sigma*T/kappa', or {self.name}=LAW")
        self.law = Law.parse(definition.law)
        self.component = definition.component
        make_model(self.component)
        self.target = ""
        self.about = Ingredients({}, {})
        self.models: Mapping[str, Model] = {}
        self.least: Mapping[str, float] = {}
        self.share = 1.0
        self.direct: Model | None = None
        self.scale = PLAIN
        self.limit_below = -np.inf
        self.judged = False

    @property
    def address(self) -> str:
        """With the law."""
        return definition(self.law.text, self.component)

    @property
    def representations(self) -> tuple[str, ...]:
        """Those of the models of all properties."""
        return tuple(dict.fromkeys(name for model in self.models.values() for name in model.representations))

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
        text = f"{self.target} = {self.law.text}, from models of {', '.join(self.about.targets.values())}."
        remarks = [Remark("predicted-by-a-law", text)]
        if self.direct is not None:
            text = (
                f"Each prediction is {self.share:.0%} this law and for the rest a model of {self.target} itself, "
                "weighted by their errors on unseen rows."
            )
            remarks.append(Remark("law-and-model-share", text))
        own = (worded(note, f"{name}: {note}") for name, model in self.models.items() for note in model.notes)
        return (*remarks, *own)

    @property
    def made_of(self) -> tuple[Model, ...]:
        """The models of the properties, in the order of the law."""
        return tuple(self.models.values())

    def learn(self, labels: Labels, dataset: Dataset, progress: Progress) -> UnseenNumbers:
        """Learn every property from all rows in which it is known.

        Raises
        ------
        UsageError
            If the law is about a column that the data set does not have.
        InputError
            If a property has too few labels.
        """
        self.target = labels.target.name
        self.about = ingredients_of(self.law, dataset)
        models = {}
        for name in self.about.targets.values():
            try:
                models[name] = self._learned(dataset, name, progress)
            except InputError as error:
                raise InputError(f"{self.target} follows from {name}, which cannot be learned: {error}") from error
        self.models = models
        smallest = {name: float(np.nanmin(dataset.target(name).values)) for name in models}
        self.least = {name: value for name, value in smallest.items() if value > 0}
        self.limit_below, _ = limits_of(labels.values, labels.target)
        self.scale = Standardised(transform_of(labels.target.scale))
        return self._judge(labels, dataset, progress)

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

    def _judge(self, labels: Labels, dataset: Dataset, progress: Progress) -> UnseenNumbers:
        """What the law, and a model of the target itself, said of rows that no model had seen.

        If these are few, draws are all that is told.
        """
        predicted = self._of_unseen(labels)
        self.judged = bool((labels.measured & np.isfinite(predicted)).sum() >= FEWEST)
        if not self.judged:
            nothing, drawn = np.zeros((0, len(labels))), drawn_words(self.target, self.about.targets)
            each = dict.fromkeys(f"{name}: {model.assumption}" for name, model in self.models.items())
            return UnseenNumbers(self.scale, nothing, nothing, scores={}, remark=f"{drawn} {'. '.join(each)}.")
        centre = self._on_scale(self._shared(predicted, self._learned(dataset, self.target, progress), labels))
        return UnseenNumbers(self.scale, centre[None], self._sizes(centre)[None])

    def _on_scale(self, predicted: Floats) -> Floats:
        """What the law says, on the scale of the target; a factor needs a positive number."""
        return self.scale.forward(predicted if self.scale == PLAIN else np.maximum(predicted, transforms.SMALLEST))

    def _sizes(self, centre: Floats) -> Floats:
        """What errors are proportional to: the value itself, or nothing where they are factors anyway."""
        return np.abs(centre) if self.scale == PLAIN else np.where(np.isfinite(centre), 1.0, np.nan)

    def _shared(self, predicted: Floats, direct: Model, labels: Labels) -> Floats:
        """What the law said with a share of what a model of the target said, as the errors of both on [n] rows ask."""
        if direct.left_out is None:
            return predicted
        both = np.column_stack([predicted, unseen(direct.left_out, labels)])
        known = labels.measured & np.isfinite(both).all(axis=1)

        def losses(combinations: Floats, rows: Floats) -> Floats:
            predicted = self._on_scale(both[known] @ combinations)
            return mean_errors(predicted - self.scale.forward(labels.values[known])[:, None], self.metric, rows)

        own = labels.subset(known)
        weights = select_weights(2, losses, own.units, own.weights, self.seed)
        if weights[1] > 0:
            self.share, self.direct = float(weights[0]), direct
        return np.maximum(both @ weights, self.limit_below)

    def _of_unseen(self, labels: Labels) -> Floats:
        """The law of what the models said before they had seen these materials, NaN where one of them said nothing."""
        values: dict[str, Floats] = self._conditions(labels.materials)
        for name, column in self.about.targets.items():
            left_out = self.models[column].left_out
            values[name] = np.full(len(labels), np.nan) if left_out is None else unseen(left_out, labels)
            if column in self.least:
                values[name] = np.maximum(values[name], self._floor(column))
        computed = self.law(values)
        return np.where(np.isfinite(computed), computed, np.nan)

    def _conditions(self, materials: Materials) -> dict[str, Floats]:
        context = self.about.context.items()
        return {name: np.asarray(materials.context[column], dtype=np.float64) for name, column in context}

    def _floor(self, column: str) -> float:
        return LEAST_PART * self.least[column]

    def estimate(self, materials: Materials) -> RawNumbers | RawDraws:
        """The law of the predicted properties; of drawn ones, where no errors on rows left out tell how wrong it is.

        Raises
        ------
        UsageError
            If the law has no value for a material.
        """
        # Every model was trained with all conditions, and says which one is missing.
        predictions = {name: self._predicted(column, materials) for name, column in self.about.targets.items()}
        in_domain = np.logical_and.reduce([one.in_domain for one in predictions.values()])
        problems = tuple(dict.fromkeys(problem for one in predictions.values() for problem in one.problems))
        if not self.judged:
            return RawDraws(in_domain, self.scale, self._drawn(predictions, materials), problems=problems)
        predicted = self._lawful({name: one.predicted for name, one in predictions.items()}, materials)
        if self.direct is not None:
            direct = self.direct.predict(materials, BASE)
            assert isinstance(direct, Predictions)
            predicted = self.share * predicted + (1 - self.share) * direct.predicted
        centre = self._on_scale(np.maximum(predicted, self.limit_below))
        return RawNumbers(in_domain, self.scale, centre, self._sizes(centre), problems=problems)

    def _lawful(self, values: Mapping[str, Floats], materials: Materials) -> Floats:
        """The law of predicted properties; refuses where it has no value."""
        values = {**values, **self._conditions(materials)}
        computed = self.law(values)
        wrong = np.flatnonzero(~np.isfinite(computed))
        if len(wrong):
            row = int(wrong[0])
            parts = ", ".join(f"{name} = {values[name][row]:.4g}" for name in self.law.names)
            raise UsageError(
                f"{self.target} = {self.law.text} has no value for {materials.formulas[row]}, for which {parts} is "
                f"predicted ({len(wrong):,} of {len(materials):,} materials): remove such materials, or write a law "
                "that has a value everywhere"
            )
        return computed

    def _drawn(self, predictions: Mapping[str, Predictions], materials: Materials) -> Floats:
        conditions = {name: one[:, None] for name, one in self._conditions(materials).items()}
        return draw(
            predictions,
            lambda drawn: self.law({**drawn, **conditions}),
            target=self.target,
            positive=[name for name, column in self.about.targets.items() if column in self.least],
            scale=self.scale.transform,
            seed=self.seed,
        )

    def _predicted(self, column: str, materials: Materials) -> Predictions:
        """Predictions of one property, above 0 where all labels are."""
        model = self.models[column]
        try:
            predictions = model.predict(materials, BASE)
        except UsageError:  # The labels are too few for this level; if that is not the reason, it is told again.
            predictions = model.predict(materials, BASE_OF_FEW)
        assert isinstance(predictions, Predictions)
        if column not in self.least:
            return predictions
        lowest, highest = predictions.distribution.widest_limits
        floor = max(lowest, self._floor(column))
        return replace(predictions, distribution=replace(predictions.distribution, limits=(floor, highest)))

    @classmethod
    def learned(cls) -> Mapping[str, Any]:
        """The models of the properties and of the target itself, and what the law is about."""
        return {
            "target": str,
            "about": Ingredients,
            "models": Mapping[str, Model],
            "least": Mapping[str, float],
            "share": float,
            "direct": Model | None,
            "scale": Standardised,
            "limit_below": float,
            "judged": bool,
        }


def unseen(left_out: LeftOut, labels: Labels) -> Floats:
    """What was said of labelled materials that were left out, NaN of others, [n].

    Repeats of a material have the same; but not those of another group, of which a model may have seen this one.
    """
    predictions = dict(zip(_keys(left_out.materials, left_out.groups), left_out.predicted.tolist(), strict=True))
    return np.array([predictions.get(key, np.nan) for key in _keys(labels.materials, labels.groups)], dtype=np.float64)


def _keys(materials: Materials, groups: NDArray[np.str_] | None) -> list[tuple[object, ...]]:
    keys = material_keys(materials)
    return keys if groups is None else [(*key, group) for key, group in zip(keys, groups.tolist(), strict=True)]
