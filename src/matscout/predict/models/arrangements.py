"""Pair law or trees for point defects, whichever errs least: energies are sums over pairs of defects, gaps are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from matscout import registry
from matscout.data.dataset import Dataset, Target, Task
from matscout.data.defects.column_store import Defects
from matscout.data.materials import Materials
from matscout.predict.calibrating import AnyUnseen
from matscout.predict.explaining import Effects
from matscout.predict.fitting import make_model
from matscout.predict.labels import Labels
from matscout.predict.model import Predictor
from matscout.predict.states import State, join_states, part_state
from matscout.predict.uncalibrated import RawClasses, RawDraws, RawLikeness, RawNumbers, UnseenClasses, UnseenNumbers
from matscout.progress import Progress
from matscout.remarks import Remark
from matscout.represent.base import defects_of

PAIR_LAW = "defect-pairs"
TREES = ("trees=defect-pairs", "trees=defect-counts", "trees=defect-edges")
OF_SEVERAL_HOSTS = ("trees=defect-counts+magpie", "trees=defect-pairs+magpie")
OF_COUNTS = ("trees=defect-counts", "trees=defect-counts+magpie")


class ArrangementsModel(Predictor):
    """The pair law, and trees on counts, on pairs and on edges; the one with the least error on rows left out predicts.

    Rows of one group are left out together, so what is chosen for new combinations of defects may differ from what is
    chosen for new places of known ones. What has no positions, and classes, is left to trees.
    """

    tasks: ClassVar[frozenset[Task]] = frozenset({"regression", "classification"})
    learns_from = "defect"

    chosen: Predictor
    errors: Mapping[str, float]

    @property
    def representations(self) -> tuple[str, ...]:
        """Of what was chosen; before that, of all it chooses from."""
        if hasattr(self, "chosen"):
            return self.chosen.representations
        return ("defect-pairs", "defect-counts", "defect-edges")

    @property
    def modules(self) -> tuple[str, ...]:
        """Its own, and those of what it chooses from."""
        return (*super().modules, *(type(make_model(one)).__module__ for one in (PAIR_LAW, TREES[0])))

    def learn(self, labels: Labels, dataset: Dataset, progress: Progress) -> AnyUnseen:
        """Learn with each, and keep the best.

        Raises
        ------
        UsageError
            If the rows are no arrangements of defects.
        """
        offered = _offered(defects_of(labels.materials, self.name), labels.target)
        tried: dict[str, tuple[float, Predictor, AnyUnseen]] = {}
        for place, address in enumerate(offered):
            progress(f"{self.name}: {address}", place, len(offered))
            made = make_model(address, metric=self.metric, fast=self.fast, seed=self.seed)
            unseen = made.learn(labels, dataset, lambda *_: None)
            tried[address] = (_error(unseen, labels), made, unseen)
        best = min(tried, key=lambda address: tried[address][0])
        progress(f"{self.name}: done", len(offered), len(offered))
        self.errors = {address: error for address, (error, *_) in tried.items()}
        _, self.chosen, unseen = tried[best]
        return unseen

    def estimate(self, materials: Materials) -> RawNumbers | RawDraws | RawClasses | RawLikeness:
        """What the chosen one says."""
        return self.chosen.estimate(materials)

    def effects(self, materials: Materials, k: int, target: Target) -> list[Effects] | None:
        """Of the chosen one."""
        return self.chosen.effects(materials, k, target)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was chosen, with the errors of all; and what the chosen one says."""
        if not hasattr(self, "chosen"):
            return ()
        listed = ", ".join(f"{name} {error:.3g}" for name, error in sorted(self.errors.items(), key=lambda one: one[1]))
        text = f"{self.chosen.address} predicts: it has the least error on rows left out ({listed})."
        return (Remark("model-of-defects-chosen", text), *self.chosen.notes)

    @classmethod
    def learned(cls) -> Mapping[str, Any]:
        """The errors; what was chosen is kept by :meth:`state`."""
        return {"errors": Mapping[str, float]}

    def state(self) -> State:
        """With that of what was chosen."""
        own = {"options": self.options, "errors": dict(self.errors), "name": self.chosen.name}
        return join_states(own, {"chosen": self.chosen.state()})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The predictor again, with equal estimates."""
        predictor = cls(**state.spec["options"])
        predictor.errors = state.spec["errors"]
        predictor.chosen = registry.load_class("models", state.spec["name"]).from_state(part_state(state, "chosen"))
        return predictor


def _offered(defects: Defects, target: Target) -> tuple[str, ...]:
    """Addresses of what is tried."""
    several = len({defects.hosts[place].formula for place in np.unique(defects.host).tolist()}) > 1
    if not defects.placed.any():
        trees: tuple[str, ...] = OF_COUNTS if several else OF_COUNTS[:1]
    else:
        trees = (*TREES, *OF_SEVERAL_HOSTS) if several else TREES
    return (PAIR_LAW, *trees) if target.task == "regression" else trees


def _error(unseen: AnyUnseen, labels: Labels) -> float:
    """Mean absolute error, or mean logarithmic loss, on rows left out."""
    rows = np.flatnonzero(labels.measured)
    if isinstance(unseen, UnseenNumbers):
        apart = np.abs(unseen.centre[0][rows] - unseen.scale.forward(labels.values[rows]))
        return float(np.nanmean(apart) * unseen.scale.spread)
    assert isinstance(unseen, UnseenClasses)
    given = unseen.probabilities[0][rows, labels.classes[rows]]
    return float(np.nanmean(-np.log(np.maximum(given, 1e-6))))
