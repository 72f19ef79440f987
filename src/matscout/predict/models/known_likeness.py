"""How like known materials others are, learned from known and unlabelled ones (positive-unlabelled learning)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from matscout.data.cells import with_cells
from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset, Task
from matscout.data.made_up import Label, as_known, made_up_dataset
from matscout.data.materials import Materials
from matscout.errors import InputError, UsageError
from matscout.predict.base import Metric
from matscout.predict.features import Features
from matscout.predict.folds import divisions, inner_folds
from matscout.predict.hull_columns import is_called_hull
from matscout.predict.known_materials import KnownMaterials
from matscout.predict.labels import Labels
from matscout.predict.likeness_guard import require_blind
from matscout.predict.likeness_learner import LikenessExamples, LikenessLearner, likeness_learner
from matscout.predict.model import Predictor
from matscout.predict.uncalibrated import RawLikeness, UnseenLikeness
from matscout.progress import Progress
from matscout.represent.addresses import Address, with_whole_path
from matscout.represent.embedding import make_representation
from matscout.represent.embeddings import Embeddings
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]

STRUCTURE_COLUMNS = "structure-basic"
"""What is learned from beside the composition, where every row has a structure."""

N_FOLDS = 3


class KnownLikenessModel(Predictor):
    """``known-likeness``, ``known-likeness:learner=bag``, ``known-likeness=magpie+structure-basic``, ...

    Unlabelled rows are never taken for a no in what it says: it ranks, and tells where a material stands among known
    and unlabelled training rows, each scored by a fit that had not seen it. So do the scores of training rows, when
    they are predicted again.

    Parameters
    ----------
    metric, fast, seed
        See :class:`matscout.predict.model.Predictor`; the metric makes no difference.
    learner
        Which of the family "likeness-learners".
    weights
        Representations with ``+`` between them; by default the plain one of the rows (magpie of compounds) and, where
        every row has a structure, structure-basic.
    energies
        Whether energies above the hull among the context columns are "used" or "ignored".
    """

    tasks: ClassVar[frozenset[Task]] = frozenset({POSITIVE_UNLABELLED})

    def __init__(
        self,
        *,
        metric: Metric = "mae",
        fast: bool = False,
        seed: int = 0,
        learner: str = "naive",
        weights: str = "",
        energies: Literal["used", "ignored"] = "used",
    ) -> None:
        maker = likeness_learner(learner)
        if weights and maker.representations is not None:
            raise UsageError(f"{learner} learns from columns of its own: leave {weights} out")
        named = tuple(with_whole_path(address) for address in weights.split("+")) if weights else ()
        self.named = named if maker.representations is None else maker.representations
        for address in self.named:
            make_representation(address)
        self.learner, self.energies = learner, energies
        super().__init__(metric=metric, fast=fast, seed=seed)

    @property
    def weights(self) -> str:
        """The representations that were asked for, with ``+`` between them; "" for the usual ones."""
        return "+".join(self.named) if likeness_learner(self.learner).representations is None else ""

    @property
    def representations(self) -> tuple[str, ...]:
        """What it learned from; before that, what it was asked to learn from."""
        features: Features | None = getattr(self, "features", None)
        return self.named if features is None else features.representations

    def may_learn_from(self, materials: Materials) -> tuple[str, ...]:
        """What it learns from, if it learns from such rows."""
        if self.named or likeness_learner(self.learner).representations is not None:
            return self.named
        return usual_representations(materials)

    @property
    def address(self) -> str:
        """With learner and representations, where they are not the usual ones."""
        asked = {} if self.learner == "naive" else {"learner": self.learner}
        asked |= {} if self.energies == "used" else {"energies": self.energies}
        if not asked:
            return Address(self.name, weights=self.weights).whole
        return Address(self.name, options=asked | ({"weights": self.weights} if self.weights else {})).whole

    @property
    def origin(self) -> str:
        """Digests of weights of the user's own."""
        return "".join(make_representation(address).version for address in self.named)

    @classmethod
    def example_dataset(
        cls, n: int = 60, *, seed: int = 0, label: Label = as_known, context: bool = False, groups: bool = False
    ) -> Dataset:
        """Made-up rows, a third of them known."""
        return made_up_dataset(cls.learns_from, n, seed=seed, label=label, context=context, groups=groups)

    def learn(self, labels: Labels, dataset: Dataset, progress: Progress) -> UnseenLikeness:
        """Learn from known and unlabelled rows, and score each by a fit on the folds that it is not in."""
        examples = self._examples(labels)
        progress(f"{self.name}: learning", 0, 2)
        folds = inner_folds(labels.units, N_FOLDS, self.seed)
        unseen = np.full(len(labels), np.nan)
        for seen, left_out in divisions(folds):
            if examples.known[seen].any() and not examples.known[seen].all():
                unseen[left_out] = self._fitted(examples.subset(seen)).score(examples.vectors[left_out])
        _require_scored(labels, unseen, examples.known)
        progress(f"{self.name}: learning from all rows", 1, 2)
        self.fitted = self._fitted(examples)
        self.known = KnownMaterials.of(labels.materials, examples.known, unseen)
        progress(f"{self.name}: done", 2, 2)
        return UnseenLikeness(unseen)

    def _examples(self, labels: Labels) -> LikenessExamples:
        maker, prior = likeness_learner(self.learner), labels.target.class_prior
        if maker.needs_prior and prior is None:
            raise UsageError(
                f"{self.learner} needs the share of the unlabelled rows that are of the known class: state it with "
                "--class-prior, or use another learner"
            )
        context = labels.materials.context if maker.takes_context else {}
        if self.energies == "ignored":
            context = {name: column for name, column in context.items() if not is_called_hull(name)}
        materials = replace(labels.materials, context=context)
        representations = self.may_learn_from(materials)
        require_blind(representations, materials)
        self.features = Features(representations)
        matrix = self.features.fit_transform(Embeddings(in_standard_cells(materials, self.features.representations)))
        known = labels.values == 1.0
        return LikenessExamples(matrix.vectors, known, matrix.columns, prior, self.seed, self.fast)

    def _fitted(self, examples: LikenessExamples) -> LikenessLearner:
        return likeness_learner(self.learner)().fit(examples)

    def estimate(self, materials: Materials) -> RawLikeness:
        """Scores and the nearest known materials."""
        cells = in_standard_cells(materials, self.features.representations)
        matrix = self.features.transform(Embeddings(cells))
        scores = self.known.unseen(materials, self.fitted.score(matrix.vectors))
        rows, distances = self.known.nearest(materials)
        remarks = (*matrix.problems, *self.known.remarks(materials))
        return RawLikeness(
            matrix.represented & ~self.known.has_strange_elements(materials),
            materials.ids.astype(np.str_),
            materials.formulas.astype(np.str_),
            scores,
            self.known.ids[rows],
            self.known.formulas[rows],
            distances,
            problems=remarks,
        )

    @classmethod
    def learned(cls) -> Mapping[str, Any]:
        """The features, the learner, and the rows that it learned from."""
        return {"features": Features, "fitted": LikenessLearner, "known": KnownMaterials}


def _require_scored(labels: Labels, unseen: Floats, known: NDArray[np.bool_]) -> None:
    """Refuse groups that leave nothing to compare: rows are scored by fits that have not seen their group."""
    scored = np.isfinite(unseen)
    for kind, rows in (("known", known), ("unlabelled", ~known)):
        if not scored[rows].any():
            raise InputError(
                f"no {kind} row of {labels.target.name!r} can be scored by a fit that has not seen its {labels.unit}: "
                f"all {kind} rows are in one {labels.unit}, so fits without it learn nothing. Name other groups "
                "(--groups), or none"
            )


def usual_representations(materials: Materials) -> tuple[str, ...]:
    """The plain representation of such rows and, where every row has a structure, columns of structures."""
    plain = materials.kind.representation
    return (plain, STRUCTURE_COLUMNS) if len(materials) and materials.has_structure.all() else (plain,)


def in_standard_cells(materials: Materials, representations: tuple[str, ...]) -> Materials:
    """The materials in primitive cells, if a representation depends on the cell: databases write known ones otherwise.

    Perovskites in cells of 20 sites are 29 % of the known ones and 9 % of the unlabelled ones, for example, since they
    were written as they were found, and not as they were computed.
    """
    makers = (make_representation(address) for address in representations)
    if any(isinstance(maker, StructureRepresentation) and not maker.intensive for maker in makers):
        return with_cells(materials, "primitive")
    return materials
