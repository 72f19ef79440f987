"""Chooses and stacks learners and representations on the training rows; intervals from its errors on unseen rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.errors import ArtefactError, RowProblem, UsageError
from matscout.extras import require
from matscout.predict.base import Metric
from matscout.predict.column_sets import (
    CHEMISTRY,
    DONATED_ONLY,
    MENUS,
    SIMULATED,
    Menu,
    is_at_hand,
    needs_structures,
    offered,
    with_vectors,
)
from matscout.predict.conformal import Conformal
from matscout.predict.explaining import Effects, main_effects
from matscout.predict.features import Features
from matscout.predict.folds import inner_folds
from matscout.predict.labels import Labels
from matscout.predict.model import Predictor
from matscout.predict.recipes import StackPlan, StackRecipes, Training
from matscout.predict.stacks import FEWEST_DESCRIBED, ClassStacks, RegressionStacks, Stacks
from matscout.predict.standardised import Standardised
from matscout.predict.states import State
from matscout.predict.summary import Summary
from matscout.predict.transforms import TransformKind, offered_transforms
from matscout.predict.uncalibrated import RawClasses, RawNumbers, UnseenClasses, UnseenNumbers
from matscout.progress import Progress
from matscout.registry import load_class, plug_ins
from matscout.remarks import Remark
from matscout.represent.addresses import Address, with_whole_path
from matscout.represent.descriptors.force_field_response import ForceFieldResponse
from matscout.represent.embedding import make_representation, representation_class
from matscout.represent.embeddings import Embeddings
from matscout.represent.taught import properties_like

Floats = NDArray[np.float64]

N_FOLDS = 5
"""Inner folds."""

FEW_ELEMENTS = 24
"""Up to so many in all rows, bare amounts of the elements are tried as columns, too."""

FEW_ROWS = 1000
"""Up to here forests of 100 trees judge the inner folds, beyond of 50."""


@dataclass(frozen=True, eq=False)
class StackInputs:
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


class Auto(Predictor):
    """The default model.

    Several learners on several representations are judged on the same inner folds, which keep groups (or repeats of a
    composition) together; their out-of-fold predictions are combined (:mod:`matscout.predict.stacking`), and the errors
    of the combination make the intervals (:mod:`matscout.predict.error_model`, :mod:`matscout.predict.conformal`).
    ``scores`` are errors on the rows that chose the combination, so a little optimistic.

    Parameters
    ----------
    metric, fast, seed
        See :class:`matscout.predict.model.Predictor`.
    donor
        The representation whose network lends what it learned from other properties; None for nothing lent.
        ``composition-donor-strict`` has seen no formula of matscout's benchmarks, for honest measurements on these.
    vectors
        Address of one more representation, whose vectors stand beside the descriptors as a block of their own, in the
        kernel of a Gaussian process and in trees, and alone: the inner folds decide what counts, and the summary says
        how much the error fell.
    simulate
        Whether it learns from what a force field computes of each structure: about a second for each, which is kept for
        the next time.
    descriptors
        Whether there are descriptors; without, it learns from the donor's columns only.
    """

    version = 2
    calibrator = Conformal(floor=0.0, rows_equally=True)
    fast_trees: ClassVar[tuple[int, int]] = (100, 25)
    """If it is to be fast: trees of forests that predict, and of those that judge; as ``Trees.n_trees``."""

    column_sets: Mapping[str, tuple[str, ...]]
    features: Mapping[str, Features]
    stacks: Stacks
    fitted_with: str = ""
    """Digest of the weights that made the vectors when it learned."""

    def __init__(
        self,
        *,
        metric: Metric = "mae",
        fast: bool = False,
        seed: int = 0,
        donor: str | None = "composition-donor",
        vectors: str = "",
        simulate: bool = False,
        descriptors: bool = True,
    ) -> None:
        super().__init__(metric=metric, fast=fast, seed=seed)
        self.donor = None if donor is None else _known(donor)
        self.vectors = _known(vectors) if vectors else ""
        self.simulate, self.descriptors = simulate, descriptors
        if not descriptors and (donor is None or simulate):
            raise UsageError(
                f"{self.name}:descriptors=no learns from a transfer source alone: omit donor=none and simulate"
            )
        self.menu = self._menu()
        self.column_sets = _representations(self._offered(self.menu, structures=False))

    def _menu(self) -> Menu:
        """What there is to learn from where the rows are materials."""
        menu = DONATED_ONLY if not self.descriptors else SIMULATED if self.simulate else CHEMISTRY
        return with_vectors(menu, self.donor) if self.vectors else menu

    def learn(self, labels: Labels, dataset: Dataset, progress: Progress) -> UnseenNumbers | UnseenClasses:
        """Learn from the rows of one table, some of which may have structures; groups are kept together inside.

        Raises
        ------
        UsageError
            If it is to simulate and there are no structures, or the vectors describe structures and there are none, or
            cannot be made.
        MissingExtraError
            If the force field is not installed.
        """
        self._require_usable(labels.materials)
        self.fitted_with = self.origin
        known, materials = labels.materials.has_structure, labels.materials
        divided = bool(known.any() and not known.all())
        unused = _unused_structures(labels, known) if divided else []
        if unused:
            materials, divided = replace(materials, structures=None), False
        menu = self._menu_of(materials)
        few = _are_of_few_elements(materials)
        sets = self._offered(menu, structures=materials.structures is not None, few_elements=few)
        if divided:
            # What describes all rows comes first.
            of_formulas = self._offered(menu, structures=False, few_elements=few)
            sets = tuple(dict.fromkeys([*of_formulas, *sets]))
        self.column_sets = _representations(sets)
        embeddings = Embeddings(materials, progress)
        self.features = {name: Features(joined).fit(embeddings) for name, joined in self.column_sets.items()}
        matrices = self._matrices(embeddings, divided=divided).vectors
        folds = inner_folds(labels.units, N_FOLDS, self.seed, labels.measured)
        blocks = {name: features.blocks for name, features in self.features.items()}
        described = {name: known for name, joined in self.column_sets.items() if divided and needs_structures(joined)}
        training = Training(matrices, blocks, labels.values, labels, folds, described)
        self.stacks = Stacks.fitted(training, self._plan(labels, sets), progress)
        self.summary = self._summarise(training, menu, unused)
        return self._unseen(labels)

    def _offered(self, menu: Menu, *, structures: bool, few_elements: bool = False) -> Menu:
        donor = self.vectors or self.donor
        return offered(menu, donor, fast=self.fast, structures=structures, few_elements=few_elements)

    def _require_usable(self, materials: Materials) -> None:
        if self.simulate and materials.structures is None:
            raise UsageError(
                "simulations need crystal structures of the labels and of the materials to predict, but there are "
                "formulas only: name the structures (--structure=COL|DIR; for candidates, --candidates=FILE), or "
                "omit --simulate"
            )
        if self.simulate:
            require(*ForceFieldResponse.packages, extra=ForceFieldResponse.extra)
        if not self.vectors:
            return
        if not is_at_hand(self.vectors):
            raise UsageError(f"{self.vectors} needs {representation_class(self.vectors).missing()}")
        if needs_structures([self.vectors]) and materials.structures is None:
            raise UsageError(
                f"{self.vectors} describes crystal structures, but there are formulas only: name the structures "
                "(--structure=COL|DIR), or use another representation"
            )

    def _unseen(self, labels: Labels) -> UnseenNumbers | UnseenClasses:
        if isinstance(self.stacks, ClassStacks):
            everything = np.ones(len(labels), dtype=np.bool_)
            return UnseenClasses(self.stacks.unseen(everything), scores={"log_loss": self.stacks.error})
        unseen = self.stacks.unseen(labels.measured)
        return UnseenNumbers(self._scale, *unseen, scores={self.metric: self.stacks.error})

    @property
    def _scale(self) -> Standardised:
        assert isinstance(self.stacks, RegressionStacks)
        return Standardised(self.stacks.main.combination.scale)

    def estimate(self, materials: Materials) -> RawNumbers | RawClasses:
        """What the stacks say."""
        there, known = self._matrices(Embeddings(materials), divided=self._divided), materials.has_structure
        kinds = self.stacks.kinds(known)
        if isinstance(self.stacks, ClassStacks):
            probabilities = self.stacks.probabilities(there.vectors, known)
            return RawClasses(there.represented, probabilities, problems=there.problems, kinds=kinds)
        assert isinstance(self.stacks, RegressionStacks)
        expected = self.stacks.expect(there.vectors, known)
        return RawNumbers(
            there.represented, self._scale, expected.centre, expected.error, problems=there.problems, kinds=kinds
        )

    def effects(self, materials: Materials, k: int, target: Target) -> list[Effects]:
        """Of properties of the elements and ions, and of the structures where all labelled rows had one.

        Those on the members of the stack that use them.
        """
        name = next(iter(self.column_sets))
        features = {name: self.features[name]}
        vectors = {name: features[name].transform(Embeddings(materials)).vectors}
        return main_effects(vectors, features, self.stacks.main.outcome, k, target)

    @classmethod
    def learned(cls) -> Mapping[str, Any]:
        """The column sets, what was chosen of them, and the summary."""
        return {
            "column_sets": Mapping[str, tuple[str, ...]],
            "features": Mapping[str, Features],
            "stacks": Stacks,
            "summary": Summary,
            "fitted_with": str,
        }

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The predictor again, with equal estimates.

        Raises
        ------
        ArtefactError
            If the weights that made its vectors are missing, or no longer those that it was fitted with.
        """
        predictor = super().from_state(state)
        if predictor.origin != predictor.fitted_with:
            raise ArtefactError(
                f"the weights of {predictor.vectors} differ from those that the model was fitted with (digest "
                f"{predictor.origin[:16]}…, expected {predictor.fitted_with[:16]}…): restore those, or fit the model "
                "again"
            )
        return predictor

    @property
    def origin(self) -> str:
        """Digest of the weights that make its vectors."""
        return make_representation(self.vectors).version if self.vectors else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """Those of the summary."""
        return () if self.summary is None else self.summary.notes

    @property
    def representations(self) -> tuple[str, ...]:
        """Names of the representations that it learns from."""
        return self._with_vectors(self.column_sets)

    def may_learn_from(self, materials: Materials) -> tuple[str, ...]:
        """Those of all column sets that are offered."""
        few = _are_of_few_elements(materials)
        sets = self._offered(self._menu_of(materials), structures=materials.structures is not None, few_elements=few)
        return self._with_vectors(_representations(sets))

    def _with_vectors(self, column_sets: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """Names of the representations, with that of the vectors also where it is not known if there are structures."""
        addresses = [address for joined in column_sets.values() for address in joined]
        named = [*addresses, *([self.vectors] if self.vectors else [])]
        return tuple(dict.fromkeys(Address.parse(address).whole for address in named))

    @property
    def modules(self) -> tuple[str, ...]:
        """Its own, and those of all learners."""
        return (*super().modules, *(plug_in.target.partition(":")[0] for plug_in in plug_ins("learners")))

    def _menu_of(self, materials: Materials) -> Menu:
        return MENUS.get(materials.kind.name, self.menu)

    @property
    def needs_structures(self) -> bool:
        """Whether all labelled rows had structures, so that it predicts no formulas."""
        return super().needs_structures and not self._divided

    @property
    def _divided(self) -> bool:
        """Whether some labelled rows had a structure and others had none."""
        return hasattr(self, "stacks") and self.stacks.of_formulas is not None

    def _plan(self, labels: Labels, sets: Menu) -> StackPlan:
        values, scale, task = labels.values, labels.target.scale, labels.target.task
        easier: TransformKind = "none"
        if task == "regression":
            easier = "log" if scale == "log" else offered_transforms(values)[-1]
        recipes = StackRecipes.of(sets, values, task, easier, fast=self.fast)
        n_trees, n_fold_trees = self.fast_trees if self.fast else (400, 50 if len(labels) > FEW_ROWS else 100)
        lent = frozenset(one.name for one in sets if one.lent)
        return StackPlan(recipes, lent, scale, self.metric, n_trees, n_fold_trees, self.seed)

    def _summarise(self, training: Training, menu: Menu, unused: list[str]) -> Summary:
        labels, stacks = training.labels, self.stacks
        candidates = tuple(sorted(stacks.candidates, key=lambda candidate: -candidate.weight))
        lent = {one.name for one in menu if one.lent}
        notes = self._donor_notes(labels, lends=bool(lent & set(self.column_sets))) if lent else []
        notes += _range_notes(stacks, labels) if isinstance(stacks, RegressionStacks) else []
        notes += [*self._structure_notes(labels), *unused]
        if not labels.measured.all():
            text = (
                f"{int((~labels.measured).sum())} values are bounds; each is replaced by a likely value within it, "
                "and errors are measured on the other values only."
            )
            notes.append(Remark("bounds-replaced", text))
        return Summary(
            len(labels), labels.n_units, labels.unit, training.n_folds, candidates, stacks.error, tuple(notes)
        )

    def _donor_notes(self, labels: Labels, *, lends: bool) -> list[str]:
        """What the donor, or the vectors, added, or why there is none."""
        if self.vectors:
            return self._vector_notes(labels)
        if self.donor is None:
            return []
        if not lends:
            missing = load_class("representations", self.donor).missing()
            return [Remark("nothing-lent", f"No transfer learning from other properties: it needs {missing}.")]
        without, seen = self.stacks.error_without_lent, self.seen(labels.materials)[self.donor]
        if without is None:
            return []
        alike = properties_like(labels.target.name, make_representation(self.donor).taught)
        among = (
            f"among them {alike[0]!r}, so errors of new materials may be larger"
            if alike
            else ("none of them with the same name")
        )
        text = (
            f"The model transfers from a network trained on many properties ({self.donor}): "
            f"{self._errors(labels, without, 'it')}. The network was trained on the formulas of {int(seen.sum()):,} "
            f"of the {len(seen):,} labelled rows with some of their properties, {among}."
        )
        return [Remark("donor-lends", text)]

    def _vector_notes(self, labels: Labels) -> list[str]:
        without = self.stacks.error_without_lent
        notes: list[str] = [
            Remark("trained-on-labelled-rows", f"{name} was trained on the formulas of {_shares(known)} labelled rows.")
            for name, known in self.seen(labels.materials).items()
        ]
        if without is None:
            return notes
        errors = self._errors(labels, without, "them")
        chosen = "the same rows decided whether they are used, so a few percent may be chance: compare with evaluate"
        return [Remark("vectors-compared", f"Vectors of {self.vectors}: {errors} ({chosen})."), *notes]

    def _errors(self, labels: Labels, without: float, them: str) -> str:
        """The error on unseen rows without what was lent, and with it."""
        measure, unit = self._measure(labels)
        comparison = f"{measure} on unseen rows {without:.4g}{unit} without {them}"
        return f"{comparison}, {self.stacks.error:.4g}{unit} with {them}"

    def _measure(self, labels: Labels) -> tuple[str, str]:
        """What errors are called, and their unit behind a blank."""
        unit = labels.target.error_unit
        if isinstance(self.stacks, ClassStacks):
            return "log loss", ""
        return self.metric.upper(), f" {unit}" if unit else ""

    def _structure_notes(self, labels: Labels) -> list[str]:
        """How rows with and without a structure are predicted."""
        of_formulas, n = self.stacks.of_formulas, int(labels.materials.has_structure.sum())
        if of_formulas is None:
            return []
        measure, unit = self._measure(labels)
        text = (
            f"{n:,} of the {len(labels):,} labelled rows have a structure. The model predicts a row with a structure "
            f"from structure and formula ({measure} on unseen rows {self.stacks.main.error:.4g}{unit}), and a row "
            f"without one from its formula ({of_formulas.error:.4g}{unit} on all rows)."
        )
        return [Remark("structures-of-some-rows", text)]

    def _matrices(self, embeddings: Embeddings, *, divided: bool) -> StackInputs:
        """What the stacks see of the materials, with remarks that do not repeat each other.

        Where rows without a structure have a stack of their own (``divided``), it is no fault of theirs to have none.
        """
        excused = ~embeddings.materials.has_structure & divided
        matrices = {
            name: features.transform(embeddings)
            for name, features in self.features.items()
            if not (len(excused) and excused.all() and needs_structures(self.column_sets[name]))
        }
        problems: dict[tuple[int, str], RowProblem] = {}
        represented = np.ones(len(excused), dtype=np.bool_)
        for name, matrix in matrices.items():
            free = excused & needs_structures(self.column_sets[name])
            represented &= matrix.represented | free
            problems |= {(p.row, p.reason): p for p in matrix.problems if not free[p.row - 1]}
        return StackInputs(
            {name: matrix.vectors for name, matrix in matrices.items()}, represented, tuple(problems.values())
        )


def _known(address: str) -> str:
    """The address of a representation.

    Raises
    ------
    UsageError
        If there is no such representation.
    """
    if Path(address).is_dir():
        raise UsageError(
            f"{address} is a folder; for the network in it use auto:vectors=composition-network={address}, or, for "
            f"crystals, auto:vectors=crystal-network={address}"
        )
    representation_class(address)
    return with_whole_path(address)


def _are_of_few_elements(materials: Materials) -> bool:
    """Whether all rows are made of the same few elements, so that amounts tell more than what elements are like."""
    return materials.kind.is_compound and len(np.unique(materials.compositions.elements)) <= FEW_ELEMENTS


def _representations(sets: Menu) -> dict[str, tuple[str, ...]]:
    return {one.name: one.representations for one in sets}


def _unused_structures(labels: Labels, known: NDArray[np.bool_]) -> list[str]:
    """What to say if too few rows (bool [n]) have a structure to learn from it, whichever fold is left out."""
    count = len(np.unique(labels.units[known & labels.measured]))
    if count >= FEWEST_DESCRIBED:
        return []
    text = (
        f"{int(known.sum())} of {len(labels):,} labelled rows have a structure, of {count} different {labels.unit}s. "
        f"At least {FEWEST_DESCRIBED} are needed to use structures, so the formulas of all rows are used."
    )
    return [Remark("too-few-structures", text)]


def _shares(known: NDArray[np.bool_]) -> str:
    return f"{int(known.sum()):,} of the {len(known):,}"


def _range_notes(stacks: RegressionStacks, labels: Labels) -> list[str]:
    """What bounds the predictions."""
    name = labels.target.name
    notes: list[str] = []
    if labels.target.scale == "log":
        text = f"{name} is compared by factors: errors are in decades (0.30 is a factor of 2, 1 a factor of 10)."
        notes.append(Remark("errors-in-decades", text))
    elif labels.target.limits is None and stacks.limit_below == 0.0:
        text = f"No value of {name} is negative, so predictions and intervals stop at 0."
        notes.append(Remark("no-value-negative", text))
    if not stacks.extrapolates:
        best = float(labels.values.max())
        text = (
            f"No part of the model that carries weight can predict above the best label ({best:.4g}): to look for "
            "higher values, use the upper ends of the intervals."
        )
        notes.append(Remark("nothing-above-the-best-label", text))
    return notes
