"""Chooses and stacks learners and representations on the training rows; intervals from its own unseen errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.predict.base import (
    AnyPredictions,
    ClassPredictions,
    Explanation,
    LeftOut,
    Metric,
    Model,
    Predictions,
)
from matscout.predict.column_sets import CHEMISTRY, REACTIONS, Menu, needs_structures
from matscout.predict.conformal import assumption
from matscout.predict.domain import Domain
from matscout.predict.explaining import labelled_neighbours, main_effects
from matscout.predict.features import Features
from matscout.predict.folds import inner_folds
from matscout.predict.hurdle import is_zero_inflated
from matscout.predict.labels import Labels, training_labels
from matscout.predict.recipes import CLASSIFIERS, REGRESSORS, Candidate, Plan, Recipe, Training
from matscout.predict.stacks import FEWEST_DESCRIBED, Stacks
from matscout.predict.states import State, join_states, part_state
from matscout.predict.target_facts import facts_of, target_of
from matscout.predict.transforms import Kind, offered_transforms
from matscout.progress import Progress, silent
from matscout.registry import load_class
from matscout.represent.addresses import Address
from matscout.represent.embedding import make_representation
from matscout.represent.embeddings import Embeddings
from matscout.represent.taught import properties_like

Floats = NDArray[np.float64]

N_FOLDS = 5
"""Inner folds."""

FEW_ROWS = 1000
"""Up to here forests of 100 trees judge the inner folds, beyond of 50."""

FAST_TREES = (100, 25)
"""If it is to be fast: of forests that predict, and of those that judge."""


@dataclass(frozen=True)
class Summary:
    """What ``auto`` chose.

    Parameters
    ----------
    n_rows, n_units
        Labelled rows, and groups (compositions where there are no groups) among them.
    unit
        What was kept together inside: "group", "material" or "reaction".
    n_folds
        Inner folds.
    candidates
        Every candidate with its error on unseen rows and its weight, heaviest first.
    error
        Error of the combination on unseen rows, in the target's unit or in decades (classes: log loss).
    notes
        What a reader should know, a sentence each.
    """

    n_rows: int
    n_units: int
    unit: str
    n_folds: int
    candidates: tuple[Candidate, ...]
    error: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Seen:
    """What a stack sees of n materials.

    Parameters
    ----------
    vectors
        Name of a column set -> float64 [n, d].
    represented
        bool [n], False where a representation failed.
    problems
        Remarks on single materials.
    """

    vectors: dict[str, Floats]
    represented: NDArray[np.bool_]
    problems: tuple[RowProblem, ...]


class Auto(Model):
    """The default model.

    Several learners on several representations are judged on the same inner folds, which keep groups (or repeats of a
    composition) together; their out-of-fold predictions are combined (:mod:`matscout.predict.stacking`), and the errors
    of the combination make the intervals (:mod:`matscout.predict.error_model`, :mod:`matscout.predict.conformal`).
    ``scores`` are errors on the rows that chose the combination, so a little optimistic.

    Attributes
    ----------
    summary
        What was chosen.
    """

    version = 2
    donor: str | None = "composition-donor"
    """The representation whose network lends what it learned from other properties."""
    menu: Menu = CHEMISTRY
    """What there is to learn from where the rows are materials."""

    def __init__(self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0) -> None:
        super().__init__(metric=metric, fast=fast, seed=seed)
        self.summary: Summary
        self._target: Target
        self._offer = self.menu
        self._column_sets = self.menu.offered(self.donor, fast=fast, structures=False)
        self._features: dict[str, Features] = {}
        self._stacks: Stacks
        self._divided = False
        self._domain: Domain
        self._formulas: NDArray[np.str_]

    def fit(self, dataset: Dataset, target: str | None = None, progress: Progress = silent) -> Self:
        """Learn from the rows in which the target is known; groups are kept together inside.

        Raises
        ------
        InputError
            If there are too few rows, classes or groups (see :func:`matscout.predict.labels.training_labels`).
        """
        labels = given = training_labels(dataset, target)
        known = labels.materials.has_structure
        self._divided = bool(known.any() and not known.all())
        unused = _unused_structures(labels, known) if self._divided else []
        if unused:
            labels = replace(labels, materials=replace(labels.materials, structures=None))
            self._divided = False
        self._target, self._formulas = labels.target, labels.materials.formulas
        self._domain = Domain.fit(labels.materials, labels.units)
        self._offer = self._offered_to(labels.materials)
        structures = labels.materials.structures is not None
        self._column_sets = {
            # Where some rows have no structure, what describes all of them comes first.
            **(self._offer.offered(self.donor, fast=self.fast, structures=False) if self._divided else {}),
            **self._offer.offered(self.donor, fast=self.fast, structures=structures),
        }
        embeddings = Embeddings(labels.materials, progress)
        self._features = {name: Features(joined).fit(embeddings) for name, joined in self._column_sets.items()}
        matrices = self._matrices(embeddings).vectors
        folds = inner_folds(labels.units, N_FOLDS, self.seed, labels.measured)
        blocks = {name: features.blocks for name, features in self._features.items()}
        described = {
            name: known for name, joined in self._column_sets.items() if self._divided and needs_structures(joined)
        }
        training = Training(matrices, blocks, labels.values, labels, folds, described)
        self._stacks = Stacks.fit(training, self._plan(labels), progress)
        if self._stacks.left_out is not None:
            own = given.subset(given.measured)
            self.left_out = LeftOut(own.materials, self._stacks.left_out, own.groups)
        self.assumption = assumption(labels.unit, self._stacks.n_units)
        self.summary = self._summarise(training, unused)
        self.scores = {"log_loss" if labels.target.task == "classification" else self.metric: self._stacks.error}
        return self

    def predict(self, materials: Materials, level: float = 0.9) -> AnyPredictions:
        """Predictions for every material, intervals at nominal coverage ``level``.

        Raises
        ------
        UsageError
            If ``level`` needs more training rows than there were, or a context column is missing.
        """
        return next(self.predict_at(materials, (level,)))

    def predict_at(self, materials: Materials, levels: Sequence[float]) -> Iterator[AnyPredictions]:
        """The predictions at one level after the other; the stack is asked once."""
        seen, known = self._matrices(Embeddings(materials)), materials.has_structure
        in_domain = self._domain.contains(materials) & seen.represented
        problems = (*seen.problems, *self._domain.remarks(materials))
        if self._stacks.is_of_classes:
            probabilities = self._stacks.probabilities(seen.vectors, known)
            for level in levels:
                yield ClassPredictions(
                    target=self._target.name,
                    level=level,
                    classes=self._target.classes,
                    probabilities=probabilities,
                    sets=self._stacks.class_sets(probabilities, known, level),
                    in_domain=in_domain,
                    assumption=self.assumption,
                    problems=problems,
                )
            return
        distribution = self._stacks.distribution(seen.vectors, known)
        for level in levels:
            self._stacks.require(level)
            yield Predictions(
                target=self._target.name,
                unit=self._target.unit,
                level=level,
                distribution=distribution,
                in_domain=in_domain,
                assumption=self.assumption,
                problems=problems,
            )

    def explain(self, materials: Materials, k: int = 3) -> list[Explanation]:
        """The k nearest labelled materials and the k most important features for each material.

        The features are properties of the elements and ions, and of the structures where all labelled rows had one;
        their effects are those on the members of the stack that use them (see
        :func:`matscout.predict.explaining.main_effects`).
        """
        name = next(iter(self._column_sets))
        features = {name: self._features[name]}
        vectors = {name: features[name].transform(Embeddings(materials)).vectors}
        effects = main_effects(vectors, features, self._stacks.main.outcome, k, self._target)
        nearest = self._domain.nearest(materials, k)
        return [
            Explanation(
                labelled_neighbours(self._target, self._formulas, nearest.rows[i], nearest.similarities[i]),
                effects[i],
                self._target.error_unit,
            )
            for i in range(len(materials))
        ]

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        target = self._target
        spec = {
            "options": self._options(),
            "target": facts_of(target),
            "assumption": self.assumption,
            "scores": dict(self.scores),
            "summary": asdict(self.summary),
            "column_sets": {name: list(joined) for name, joined in self._column_sets.items()},
        }
        parts = {f"features-{name}": features.state() for name, features in self._features.items()}
        parts |= {"domain": self._domain.state(), **self._stacks.parts()}
        return join_states(spec, {**parts, "labels": State({}, {"formulas": self._formulas, "values": target.values})})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted model again, with equal predictions."""
        model = cls(**state.spec["options"])
        model.assumption, model.scores = state.spec["assumption"], state.spec["scores"]
        labels = part_state(state, "labels").arrays
        model._target = target_of(state.spec["target"], labels["values"])
        model._formulas = labels["formulas"]
        model.summary = _read_summary(state.spec["summary"])
        model._column_sets = {name: tuple(joined) for name, joined in state.spec["column_sets"].items()}
        model._features = {
            name: Features.from_state(part_state(state, f"features-{name}")) for name in model._column_sets
        }
        model._domain = Domain.from_state(part_state(state, "domain"))
        of_classes = model._target.task == "classification"
        model._stacks = Stacks.from_state(state, classes=of_classes)
        model._divided = model._stacks.of_formulas is not None
        return model

    @property
    def notes(self) -> tuple[str, ...]:
        """Those of the summary."""
        return self.summary.notes

    @property
    def representations(self) -> tuple[str, ...]:
        """Names of the representations that it learns from."""
        return _whole(self._column_sets)

    def may_learn_from(self, materials: Materials) -> tuple[str, ...]:
        """Those of all column sets that are offered."""
        offer, structures = self._offered_to(materials), materials.structures is not None
        return _whole(offer.offered(self.donor, fast=self.fast, structures=structures))

    def _offered_to(self, materials: Materials) -> Menu:
        return self.menu if materials.reactions is None else REACTIONS

    @property
    def needs_structures(self) -> bool:
        """Whether all labelled rows had structures, so that it predicts no formulas."""
        return super().needs_structures and not self._divided

    def _options(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {"metric": self.metric, "fast": self.fast, "seed": self.seed}

    @property
    def _lends(self) -> bool:
        return any(name in self._offer.lent for name in self._column_sets)

    def _of(self, names: tuple[str, ...]) -> list[str]:
        """Those of the column sets that are offered."""
        return [name for name in names if name in self._column_sets]

    def _plan(self, labels: Labels) -> Plan:
        values, scale = labels.values, labels.target.scale
        numbers = labels.target.task == "regression"
        easier: Kind = "none"
        if numbers:
            easier = "log" if scale == "log" else offered_transforms(values)[-1]
        recipes = [Recipe("extra-trees", columns, easier) for columns in self._column_sets]
        recipes += [Recipe("gaussian-process", name, easier) for name in self._of(self._offer.gaussian)]
        if easier != "none":
            recipes += [Recipe("extra-trees", name) for name in self._of(self._offer.plain)]
        if numbers and is_zero_inflated(values):
            recipes.append(Recipe("hurdle", self._of(self._offer.hurdle)[0]))
        learners = REGRESSORS if numbers else CLASSIFIERS
        on_trial = [] if self.fast else [Recipe(learner, columns, easier) for learner, columns in self._offer.on_trial]
        many = len(labels) > FEW_ROWS
        n_trees, n_fold_trees = FAST_TREES if self.fast else (400, 50 if many else 100)
        tried = tuple(recipe for recipe in on_trial if recipe.learner in learners)
        return Plan(
            tuple(recipes), tried, frozenset(self._offer.lent), scale, self.metric, n_trees, n_fold_trees, self.seed
        )

    def _summarise(self, training: Training, unused: list[str]) -> Summary:
        labels, stacks = training.labels, self._stacks
        candidates = tuple(sorted(stacks.candidates, key=lambda candidate: -candidate.weight))
        notes = [*self._donor_notes(labels), *([] if stacks.is_of_classes else _range_notes(stacks, labels))]
        notes += [*self._structure_notes(labels), *unused]
        if not labels.measured.all():
            notes.append(
                f"{int((~labels.measured).sum())} values are bounds; each was replaced by a likely value within it, "
                "and errors are those on the measured values only."
            )
        return Summary(
            len(labels), labels.n_units, labels.unit, training.n_folds, candidates, stacks.error, tuple(notes)
        )

    def _donor_notes(self, labels: Labels) -> list[str]:
        """What the donor added, or why there is none."""
        if self.donor is None or not self._offer.lent:
            return []
        if not self._lends:
            missing = load_class("representations", self.donor).missing()
            return [f"Nothing was learned from other properties: that needs {missing}."]
        without, seen = self._stacks.error_without_lent, self.seen(labels.materials)[self.donor]
        if without is None:
            return []
        alike = properties_like(labels.target.name, make_representation(self.donor).taught)
        told = f"among them {alike[0]!r}, so errors of new materials may be larger" if alike else "none called like it"
        return [
            f"A network that learned many properties ({self.donor}) lends what it knows: "
            f"{self._errors(labels, without, 'it')}. It was trained on the formulas of {int(seen.sum()):,} of the "
            f"{len(seen):,} labelled rows, with properties of theirs, {told}."
        ]

    def _errors(self, labels: Labels, without: float, them: str) -> str:
        """The error on unseen rows without what was lent, and with it."""
        measure, unit = self._measure(labels)
        told = f"{measure} on unseen rows {without:.4g}{unit} without {them}"
        return f"{told}, {self._stacks.error:.4g}{unit} with {them}"

    def _measure(self, labels: Labels) -> tuple[str, str]:
        """What errors are called, and their unit behind a blank."""
        unit = labels.target.error_unit
        return ("log loss", "") if self._stacks.is_of_classes else (self.metric.upper(), f" {unit}" if unit else "")

    def _structure_notes(self, labels: Labels) -> list[str]:
        """How rows with and without a structure are predicted."""
        of_formulas, n = self._stacks.of_formulas, int(labels.materials.has_structure.sum())
        if of_formulas is None:
            return []
        measure, unit = self._measure(labels)
        return [
            f"{n:,} of the {len(labels):,} labelled rows have a structure. A row with one is predicted from structure "
            f"and formula ({measure} on unseen rows {self._stacks.main.error:.4g}{unit}), a row without one from its "
            f"formula ({of_formulas.error:.4g}{unit} on all rows)."
        ]

    def _matrices(self, embeddings: Embeddings) -> Seen:
        """What the stacks see of the materials, with remarks that do not repeat each other.

        Where rows without a structure have a stack of their own, it is no fault of theirs to have none.
        """
        excused = ~embeddings.materials.has_structure & self._divided
        matrices = {
            name: features.transform(embeddings)
            for name, features in self._features.items()
            if not (len(excused) and excused.all() and needs_structures(self._column_sets[name]))
        }
        problems: dict[tuple[int, str], RowProblem] = {}
        represented = np.ones(len(excused), dtype=np.bool_)
        for name, matrix in matrices.items():
            free = excused & needs_structures(self._column_sets[name])
            represented &= matrix.represented | free
            problems |= {(p.row, p.reason): p for p in matrix.problems if not free[p.row - 1]}
        return Seen({name: matrix.vectors for name, matrix in matrices.items()}, represented, tuple(problems.values()))


def _whole(column_sets: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Names of the representations in column sets, each once."""
    addresses = [address for joined in column_sets.values() for address in joined]
    return tuple(dict.fromkeys(Address.parse(address).whole for address in addresses))


def _unused_structures(labels: Labels, known: NDArray[np.bool_]) -> list[str]:
    """What to say if too few rows (bool [n]) have a structure to learn from it, whichever fold is left out."""
    count = len(np.unique(labels.units[known & labels.measured]))
    if count >= FEWEST_DESCRIBED:
        return []
    return [
        f"{int(known.sum())} of {len(labels):,} labelled rows have a structure, of {count} different {labels.unit}s. "
        f"Structures of fewer than {FEWEST_DESCRIBED} are not learned from: all rows are read by their formulas."
    ]


def _range_notes(stack: Stacks, labels: Labels) -> list[str]:
    """What bounds the predictions."""
    name = labels.target.name
    notes = []
    if labels.target.scale == "log":
        notes.append(
            f"{name} is judged by factors: errors are told in decades (0.30 is a factor of 2, 1 a factor of 10)."
        )
    elif labels.target.limits is None and stack.limits[0] == 0.0:
        notes.append(f"No value of {name} is negative, so predictions and intervals stop at 0.")
    if not stack.extrapolates:
        best = float(labels.values.max())
        notes.append(
            f"No part of the model that carries weight can predict above the best label ({best:.4g}): "
            "go by the upper end of the intervals when looking for more."
        )
    return notes


def _read_summary(spec: dict[str, Any]) -> Summary:
    candidates = tuple(Candidate(**candidate) for candidate in spec["candidates"])
    return Summary(**{**spec, "candidates": candidates, "notes": tuple(spec["notes"])})
