"""A stand-in for fitting that is quick and whose every number can be worked out by hand."""

from __future__ import annotations

from statistics import NormalDist
from types import SimpleNamespace

import numpy as np
import pytest
from tests.foretold import foretold

from matscout import registry
from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset, Target
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.predict.base import ClassPredictions
from matscout.represent.descriptors.magpie import Magpie


def dataset_of(n: int, *, classes: bool = False, censored: bool = False) -> Dataset:
    """n compositions; y is 0, 1, 2, ... or every third row "yes"; every tenth row is a bound if ``censored``."""
    rows = np.arange(n)
    compositions = [{SYMBOLS[row % 80]: 1.0, SYMBOLS[(row // 80 + row + 1) % 80]: 2.0} for row in rows]
    formulas = np.array([f"M{row}" for row in rows])
    values = (rows % 3 == 0).astype(float) if classes else rows.astype(float)
    bounds = np.where(rows % 10 == 0, -1, 0).astype(np.int8) if censored else None
    task, names = ("classification", ("no", "yes")) if classes else ("regression", ())
    target = Target("y", values, unit=None if classes else "eV", task=task, classes=names, censored=bounds)
    return Dataset(
        Materials(formulas, formulas, Compositions.from_dicts(compositions)), {"y": target}, row_numbers=rows + 2
    )


class FakeFit:
    """Stands in for ``matscout.predict.fitting.fit`` and counts how often it was called.

    Each model predicts the training mean plus an offset of its own, with a Gaussian of unit width.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.stop_after: int | None = None

    def __call__(self, dataset, target, *, model, metric, fast, seed, merge):
        if self.stop_after == len(self.calls):
            raise KeyboardInterrupt
        assert not merge
        self.calls.append((model, metric))
        measured = dataset.targets[target]

        def predict(materials, level):
            return self._predict(measured, model, metric, materials, level)

        return SimpleNamespace(
            predict=predict, predict_at=lambda materials, levels: (predict(materials, level) for level in levels)
        )

    @staticmethod
    def _predict(measured, model, metric, materials, level):
        n, n_train = len(materials), len(measured.values)
        in_domain = np.ones(n, dtype=bool)
        if measured.task == "classification":
            chance = measured.values.mean()
            probabilities = np.tile([1 - chance, chance], (n, 1))
            return ClassPredictions(
                measured.name, level, measured.classes, probabilities, probabilities > 0.1, in_domain
            )
        if level > n_train / (n_train + 1):
            raise UsageError("too few rows for the level")
        predicted = np.full(n, measured.values.mean() + {"dummy": 5.0, "gp": 1.0}.get(model, 0.0))
        predicted += 3.0 if (model, metric) == ("extratrees-magpie", "rmse") else 0.0
        half = NormalDist().inv_cdf((1 + level) / 2)
        return foretold(
            predicted, predicted - half, predicted + half, target=measured.name, unit=measured.unit, level=level
        )


@pytest.fixture
def fake_fit(monkeypatch) -> FakeFit:
    fake = FakeFit()
    monkeypatch.setattr("matscout.predict.fitting.fit", fake)
    return fake


class HasSeenOxygen(Magpie):
    """Magpie, as if it had been trained on all that holds oxygen."""

    def seen(self, materials: Materials) -> np.ndarray:
        return materials.compositions.dense()[:, 7] > 0


@pytest.fixture
def pretrained_magpie(monkeypatch) -> None:
    """The representation "magpie" is one that was trained on materials."""
    real = registry.load_class

    def load_class(family: str, name: str):
        return HasSeenOxygen if (family, name) == ("representations", "magpie") else real(family, name)

    monkeypatch.setattr(registry, "load_class", load_class)


@pytest.fixture(name="dataset_of")
def _dataset_of():
    return dataset_of
