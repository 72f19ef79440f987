"""Networks that predict yields with their uncertainty from graphs, SMILES and descriptors (needs torch, rdkit)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Task
from matscout.data.materials import Materials
from matscout.data.reactions.column_store import Reactions
from matscout.errors import ArtefactError, UsageError
from matscout.extras import require
from matscout.predict.base import Metric
from matscout.predict.error_forest import ErrorForest
from matscout.predict.features import FeatureMatrix, Features
from matscout.predict.folds import inner_folds
from matscout.predict.labels import Labels, resolve_bounds
from matscout.predict.model import Predictor
from matscout.predict.scaling import Scaling
from matscout.predict.standardised import PLAIN, Standardised
from matscout.predict.transforms import LINEAR
from matscout.predict.uncalibrated import RawNumbers, UnseenNumbers
from matscout.progress import Progress, silent
from matscout.registry import load_class
from matscout.represent.base import reactions_of
from matscout.represent.embeddings import Embeddings

if TYPE_CHECKING:
    from torch import Tensor

    from matscout.predict.yield_network import Spread, TrainedYields, YieldLesson, YieldNetwork, YieldShape

Floats = NDArray[np.float64]

DESCRIPTORS = ("reaction-rdkit", "reaction-one-hot")
"""What the experts see. Names of the components beside their properties: in a plate most is told by who they are."""
ROUNDS = 120
"""Times that a network sees all rows, if these make so many steps as below."""
STEPS = (600, 2000)
"""Fewest and most steps of a network."""
FAST_ROUNDS, FAST_STEPS = 50, (150, 850)
"""The same if it is to be fast."""
FOLDS, FAST_FOLDS = 5, 3
"""Networks that tell how wrong predictions are, each by the rows that it has not seen."""
WHOLE, FAST_WHOLE = 2, 1
"""Networks that have seen all rows, and predict."""

SWITCHES: dict[str, dict[str, bool]] = {
    "whole": {},
    "without-graph": {"graph": False},
    "without-smiles": {"smiles": False},
    "without-descriptors": {"descriptors": False},
    "without-experts": {"mixture": False},
    "without-balance": {"balanced": False},
    "without-variance": {"variance": False},
}
"""Part of the model -> what of the network is switched off: the paper's ablations."""


@dataclass(frozen=True, eq=False)
class YieldUncertainty:
    """Where the doubt about n yields comes from, in the target's unit.

    Parameters
    ----------
    aleatoric
        float64 [n], standard deviation of repeats, as the networks estimate it.
    epistemic
        float64 [n], standard deviation of the mean over networks and over units that are dropped.
    """

    aleatoric: Floats
    epistemic: Floats


class Uam(Predictor):
    """``uam``, ``uam/without-graph`` and the other ablations, ``uam=RUN/artefact``.

    The network of :mod:`matscout.predict.yield_network`, each with units dropped at random when it predicts, too. Two
    that have seen all rows predict (one if ``fast``). Five more (three if ``fast``), each on a fold of rows that it has
    not seen, tell by how much it errs where it predicts such a yield, takes so much for noise, and its passes disagree
    so much (:mod:`matscout.predict.error_forest`; the last alone says little, since units that are dropped move a large
    output more). That makes the intervals, which are a little wide: these networks had fewer rows to learn from.

    Parameters
    ----------
    metric, fast, seed
        See :class:`matscout.predict.base.Model`. Mean and median are the same, so ``metric`` changes nothing.
    part
        A name of :data:`SWITCHES`.
    weights
        Folder of encoders that have learned without yields (``matscout pretrain clme``); "" to begin at random.

    Attributes
    ----------
    steps
        Fewest and most steps of a network; may be set before fitting.
    """

    parts: ClassVar[tuple[str, ...]] = tuple(SWITCHES)
    tasks: ClassVar[frozenset[Task]] = frozenset({"regression"})
    packages = ("torch", "rdkit")
    extra = "torch,reactions"
    learns_from = "reaction"
    costly = True

    @classmethod
    def example_model(cls, *, seed: int = 0, brief: bool = False) -> Self:
        """With few steps if it is to be ``brief``; it learns little then."""
        made = cls(fast=True, seed=seed)
        made.steps = (20, 20) if brief else FAST_STEPS
        return made

    def __init__(
        self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0, part: str = "whole", weights: str = ""
    ) -> None:
        super().__init__(metric=metric, fast=fast, seed=seed)
        if part not in SWITCHES:
            raise UsageError(f"{self.name} has no part {part!r}; its parts are {', '.join(SWITCHES)}")
        self.part, self.weights = part, weights
        self.steps: tuple[int, int] = FAST_STEPS if fast else STEPS
        self.features = Features(DESCRIPTORS)
        self.scaling: Scaling
        self.scale = PLAIN
        self.networks: TrainedYields
        self.errors: ErrorForest

    @property
    def address(self) -> str:
        """With what is switched off, and the weights that it began with."""
        part = "" if self.part == "whole" else f"/{self.part}"
        return f"{self.name}{part}" + (f"={self.weights}" if self.weights else "")

    @property
    def representations(self) -> tuple[str, ...]:
        """What the experts see."""
        return DESCRIPTORS

    @property
    def origin(self) -> str:
        """Digest of weights of the user's own."""
        if not self.weights:
            return ""
        from matscout.represent.artefact import load_pretrained

        return load_pretrained(self.weights).digest

    def learn(self, labels: Labels, dataset: Dataset, progress: Progress) -> UnseenNumbers:
        """Learn from reactions; groups are kept together inside.

        Raises
        ------
        UsageError
            If the rows are no reactions.
        MissingExtraError
            If torch or RDKit is not installed.
        """
        require("torch", extra="torch")
        reactions = reactions_of(labels.materials, self.name)
        self.scale = _scale_of(labels)
        progress(f"{self.name}: features", 0, 1)
        self.features = Features(DESCRIPTORS)
        vectors = self.features.fit_transform(Embeddings(labels.materials)).vectors
        self.scaling = Scaling.fit(vectors)
        return self._learn(self._lesson(reactions, self.scaling.transform(vectors), labels), labels, progress)

    def _lesson(self, reactions: Reactions, inputs: Floats, labels: Labels) -> YieldLesson:
        from matscout.predict.yield_network import YieldLesson

        weights = np.ones(len(labels)) if labels.weights is None else labels.weights

        def predict_from(rows: NDArray[np.bool_]) -> Floats:
            known = YieldLesson(reactions, inputs, self.scale.forward(labels.values), weights)
            spread = self._outputs_of(self._trained([known.part(np.flatnonzero(rows))], silent), known)
            return self.scale.inverse(spread.means.mean(axis=(0, 1)))

        return YieldLesson(reactions, inputs, self.scale.forward(resolve_bounds(labels, predict_from)), weights)

    def _learn(self, lesson: YieldLesson, labels: Labels, progress: Progress) -> UnseenNumbers:
        from matscout.predict.yield_network import TrainedYields

        folds = inner_folds(labels.units, FAST_FOLDS if self.fast else FOLDS, self.seed, labels.measured)
        n_folds = int(folds.max()) + 1
        kept = [lesson.part(np.flatnonzero(folds != fold)) for fold in range(n_folds)]
        trained = self._trained([*kept, *[lesson] * (FAST_WHOLE if self.fast else WHOLE)], progress)
        spread = self._outputs_of(trained[:n_folds], lesson)
        unseen = np.arange(len(folds))
        signs = _signs(spread.means[folds, :, unseen].T[None], spread.variances[folds, :, unseen].T[None])
        errors = np.abs(signs[:, 0] - self.scale.forward(labels.values))
        self.errors = ErrorForest(self.seed)
        expected = self.errors.fit(signs, errors, folds, labels.measured)
        self.networks = TrainedYields(trained[n_folds:], seed=self.seed)
        return UnseenNumbers(self.scale, signs[None, :, 0], expected[None])

    def _outputs_of(self, networks: list[YieldNetwork], lesson: YieldLesson) -> Spread:
        from matscout.predict.yield_network import TrainedYields

        return TrainedYields(networks, seed=self.seed).say(lesson.reactions, lesson.inputs)

    def _trained(self, lessons: list[YieldLesson], progress: Progress) -> list[YieldNetwork]:
        from matscout.predict.yield_network import BATCH, train

        shape, start, networks = self._shape(lessons[0].inputs.shape[1]), self._start(), []
        rounds, (fewest, most) = FAST_ROUNDS if self.fast else ROUNDS, self.steps
        for place, lesson in enumerate(lessons):
            progress(f"{self.name}: network {place + 1}", place, len(lessons))
            steps = int(np.clip(rounds * len(lesson.values) / BATCH, fewest, most))
            networks.append(train(shape, lesson, steps=steps, seed=self.seed + place, start=start))
        return networks

    def _shape(self, inputs: int) -> YieldShape:
        from matscout.predict.yield_network import YieldShape

        return YieldShape(inputs, **SWITCHES[self.part])

    def _start(self) -> dict[str, Tensor] | None:
        """Weights of the encoders that have learned without yields, by their names in the network."""
        if not self.weights:
            return None
        from matscout.represent.artefact import load_pretrained

        shape, pretrained = self._shape(1), load_pretrained(self.weights)
        for name in ("graph", "smiles"):
            wanted = load_class("encoders", f"reaction-{name}")(width=shape.width).settings
            encoder = pretrained.encoders.get(name)
            if encoder is None or encoder.needs != "reaction" or encoder.settings != wanted:
                settings = ", ".join(f"{key} {value}" for key, value in wanted.items())
                raise ArtefactError(
                    f"{self.weights} holds no encoder {name!r} of reactions with {settings}: matscout pretrain clme "
                    "trains such weights"
                )
        return {
            f"{name}.{key}": weight
            for name, encoder in pretrained.encoders.items()
            for key, weight in encoder.state_dict().items()
        }

    def estimate(self, materials: Materials) -> RawNumbers:
        """The mean over networks and over units that are dropped, and the error that is expected."""
        matrix = self._matrix(materials)
        outputs = self.networks.say(reactions_of(materials, self.name), self.scaling.transform(matrix.vectors))
        signs = _signs(outputs.means, outputs.variances)
        return RawNumbers(
            matrix.represented, self.scale, signs[:, 0], self.errors.predict(signs), problems=matrix.problems
        )

    def _matrix(self, materials: Materials) -> FeatureMatrix:
        return self.features.transform(Embeddings(materials))

    def uncertainty(self, materials: Materials) -> YieldUncertainty:
        """What of the doubt is noise, and what is want of data; before any calibration."""
        inputs = self.scaling.transform(self._matrix(materials).vectors)
        outputs = self.networks.say(reactions_of(materials, self.name), inputs)
        return YieldUncertainty(
            self.scale.spread * np.sqrt(outputs.variances.mean(axis=(0, 1))),
            self.scale.spread * outputs.means.std(axis=(0, 1)),
        )

    @classmethod
    def learned(cls) -> Mapping[str, Any]:
        """The networks, what makes their inputs, and what tells their errors."""
        require("torch", extra="torch")
        from matscout.predict.yield_network import TrainedYields

        return {
            "features": Features,
            "scaling": Scaling,
            "scale": Standardised,
            "networks": TrainedYields,
            "errors": ErrorForest,
        }


def _signs(means: Floats, variances: Floats) -> Floats:
    """What k networks say in p passes [k, p, m] as centre, noise and disagreement of the passes of one, [m, 3]."""
    noise, disagreement = np.sqrt(variances.mean(axis=1)), means.std(axis=1)
    return np.column_stack([means.mean(axis=(0, 1)), noise.mean(axis=0), disagreement.mean(axis=0)])


def _scale_of(labels: Labels) -> Standardised:
    """Yields as they are, with mean 0 and standard deviation 1: errors near 0 and near 100 % count alike."""
    if labels.target.scale == "log":
        return Standardised.fit(labels.values, "log")
    return Standardised(LINEAR, float(labels.values.mean()), float(labels.values.std()) or 1.0)
