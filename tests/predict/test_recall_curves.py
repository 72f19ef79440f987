"""Recall at a share of the unlabelled rows, against scikit-learn, brute force and published numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from matscout.predict.recall_curves import RecallCurve, area, estimated_precision, lee_liu, recall_at, recall_of

scores = st.lists(st.integers(0, 6), min_size=1, max_size=30).map(lambda cells: np.array(cells, dtype=np.float64))


@given(scores, scores)
def test_the_area_is_that_of_scikit_learn(known: np.ndarray, unlabelled: np.ndarray) -> None:
    labels = np.repeat([1, 0], [len(known), len(unlabelled)])
    assert area(known, unlabelled) == pytest.approx(roc_auc_score(labels, np.concatenate([known, unlabelled])))


@given(scores, scores)
def test_whole_weights_are_repeated_rows(known: np.ndarray, unlabelled: np.ndarray) -> None:
    weights = np.arange(len(unlabelled), dtype=np.float64) % 3
    if not weights.any():
        return
    curve, repeated = RecallCurve.of(known, unlabelled), np.repeat(unlabelled, weights.astype(int))
    np.testing.assert_allclose(curve.ahead(weights), RecallCurve.of(known, repeated).ahead())


def test_recall_without_ties_is_a_count() -> None:
    rng = np.random.default_rng(0)
    known, unlabelled = rng.normal(1.0, 1.0, 200), rng.normal(0.0, 1.0, 1000)
    for share in (0.01, 0.1, 0.5):
        above = (unlabelled[None, :] > known[:, None]).sum(axis=1)
        assert recall_at(known, unlabelled, share) == pytest.approx((above <= share * 1000).mean())


def test_ties_stand_in_random_order() -> None:
    # 22 % of the unlabelled rows and 68 % of the known ones have the best score there is: taking all of them at a
    # share of a tenth would give a recall of .68 at an attained share of .22.
    known = np.where(np.arange(10_000) < 6800, 1.0, 0.0)
    unlabelled = np.where(np.arange(10_000) < 2200, 1.0, 0.0)
    assert recall_at(known, unlabelled, 0.1) == pytest.approx(0.68 * 0.1 / 0.22, abs=0.02)
    assert recall_at(known, unlabelled, 0.22) == pytest.approx(0.68, abs=0.01)
    assert recall_at(known, unlabelled, 0.1, seed=1) != recall_at(known, unlabelled, 0.1, seed=2)


def test_a_constant_score_calls_each_share_of_both() -> None:
    same = np.zeros(5000)
    assert area(same, same) == 0.5
    assert recall_at(same, same, 0.2) == pytest.approx(0.2, abs=0.02)


def test_lee_and_liu_and_precision_under_a_prior() -> None:
    assert lee_liu(0.8, 0.4) == pytest.approx(1.6)
    assert np.isnan(lee_liu(0.0, 0.0))
    assert estimated_precision(0.5, 0.1, 0.04) == pytest.approx(0.2)
    assert estimated_precision(0.9, 0.1, 0.5) == 1.0


@pytest.fixture(scope="module")
def published(data_dir: Path) -> tuple[np.ndarray, ...]:
    """The published score of the held-out known rows, of all unlabelled ones, and which of the former are new."""
    place = data_dir / "perovskite_synthesizability" / "structures.csv.gz"
    if not place.is_file():
        pytest.skip(f"no data at {place}")
    columns = ["reduced_formula", "icsd", "published_positive_test", "clscore"]
    table = pl.read_csv(place, columns=columns, null_values=[""])
    known, held_out = (table[name].to_numpy() == 1 for name in ("icsd", "published_positive_test"))
    score, formulas = table["clscore"].to_numpy(), table["reduced_formula"].to_numpy()
    new = ~np.isin(formulas[held_out], formulas[known & ~held_out])
    return score[held_out], score[~known], new


def test_the_published_numbers_come_out(published: tuple[np.ndarray, ...]) -> None:
    # Gu and others 2022, doi:10.1038/s41524-022-00757-z: .957 of 94 held-out perovskites above .5, as 90 of 94.
    known, unlabelled, new = published
    assert (len(known), int((known > 0.5).sum()), int(new.sum())) == (94, 90, 73)
    share = float((unlabelled > 0.5).mean())
    assert share == pytest.approx(0.0937, abs=5e-5)
    assert recall_at(known, unlabelled, share) == pytest.approx(90 / 94)
    assert area(known, unlabelled) == pytest.approx(0.982, abs=5e-4)
    assert area(known[new], unlabelled) == pytest.approx(0.984, abs=5e-4)
    assert recall_at(known[new], unlabelled, share) == pytest.approx(0.973, abs=5e-4)
    shares = RecallCurve.of(known, unlabelled).shares()
    assert recall_of(shares, 0.01) == pytest.approx(0.702, abs=0.011)
    assert recall_of(shares, 0.05) == pytest.approx(0.936, abs=5e-4)
