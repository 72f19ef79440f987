"""The benchmark of shortlists: draws, scores and the page, without fitting anything that takes time."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from tests.foretold import foretold

from matscout.data.dataset import Target
from matscout.discover.acquisition import Order
from matscout.discover.base import Goal
from matscout.discover.goals import Aim
from matscout.predict.base import Predictions

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module


def predictions_of(predicted: np.ndarray, half: float) -> Predictions:
    return foretold(predicted, predicted - half, predicted + half, unit=None)


def aims_of(low: float, best: float) -> dict[str, Aim]:
    goal = Goal("y", np.inf, np.inf)
    return {"top": Aim(goal, low, np.inf, low, None), "better": Aim(goal, best, np.inf, best, None)}


def test_the_best_are_a_twentieth_and_all_as_good_as_its_last(module):
    scores = module("shortlist_scores")
    # 5 % of 40 are 2: 39 and 38
    assert np.flatnonzero(scores.is_best(np.arange(40.0))).tolist() == [38, 39]
    assert scores.bound_of_best(np.arange(40.0)) == 37.5
    assert scores.is_best(np.array([3.0, 1, 3, 2])).tolist() == [True, False, True, False]
    # of 21 the best 5 % are 1.05, so 2
    assert scores.is_best(np.arange(21.0)).sum() == 2


def test_the_aim_at_the_best_is_met_by_the_best(module):
    scores = module("shortlist_scores")
    values = np.arange(40.0)
    for goal, goodness, best in (
        (Goal("y", np.inf, np.inf), values, [38, 39]),
        (Goal("y", -np.inf, -np.inf), -values, [0, 1]),
        (Goal("y", 20.3, 20.3), -np.abs(values - 20.3), [20, 21]),
    ):
        assert np.flatnonzero(scores.reaches(scores.aim_at_best(goal, goodness), values)).tolist() == best


def test_hits_count_the_best_among_the_first(module):
    scores = module("shortlist_scores")
    truth, said = np.arange(100.0), np.arange(100.0)
    said[[99, 98]] = [-1, 85.5]  # the best goes last; the second stands behind 97, 96, ..., 86
    found = scores.hits(scores.ranking(said), scores.is_best(truth))
    # the best are 95 to 99; three stand first, 98 stands at place 13
    assert found == {"first10": 3, "first20": 4, "first50": 4}
    assert scores.ranking(np.array([1.0, 2, 1, 2])).tolist() == [1, 3, 0, 2]


def test_calibration_against_numbers_by_hand(module):
    scores = module("shortlist_scores")
    chances, came = np.array([0.05, 0.15, 0.12, 1.0, 0.95]), np.array([False, True, False, True, False])
    found = scores.calibration(chances, came)
    assert found["n"] == [1, 2, 0, 0, 0, 0, 0, 0, 0, 2]
    assert found["hits"] == [0, 1, 0, 0, 0, 0, 0, 0, 0, 1]
    # bins: |.05 - 0|, |.27 - 1|, |1.95 - 1| over five rows
    assert scores.calibration_error(found) == pytest.approx((0.05 + 0.73 + 0.95) / 5)
    squares = 0.05**2 + 0.85**2 + 0.12**2 + 0.0 + 0.95**2
    assert scores.brier(found) == pytest.approx(squares / 5)
    assert scores.brier_of_rate(found) == pytest.approx(0.4 * 0.6)
    twice = scores.pooled([found, found])
    assert scores.calibration_error(twice) == pytest.approx(scores.calibration_error(found))
    assert scores.brier(twice) == pytest.approx(squares / 5)
    assert scores.promised(chances, came, np.arange(5)) == {"n": 5, "chances": pytest.approx(2.27), "hits": 2}


def test_widths_are_in_spreads_of_the_labels_on_their_scale(module):
    scale = module("shortlist_scores").LabelSpread
    linear = scale.of(Target("y", np.linspace(0.0, 100.0, 101)))
    assert (linear.logarithmic, linear.spread) == (False, pytest.approx(90.0))
    assert linear.widths(predictions_of(np.zeros(3), 45.0)) == pytest.approx(np.ones(3))
    decades = scale.of(Target("y", 10.0 ** np.linspace(0, 4, 101)))
    assert (decades.logarithmic, decades.spread) == (True, pytest.approx(3.6))
    predictions = foretold(10.0, [1.0, -5.0], 100.0, unit=None)
    # two decades; and from the least number, 1e-12 of the smallest label, 14
    assert decades.widths(predictions) == pytest.approx([2 / 3.6, 14 / 3.6])
    assert not scale.of(Target("y", np.array([0.0, 1e-3, 1e3]))).logarithmic


def test_every_order_is_judged(module):
    judged = module("shortlist_cells").judged
    truth = np.arange(100.0)
    best = module("shortlist_scores").is_best(truth)
    labels = Target("y", np.linspace(0, 98, 50))
    found = judged(predictions_of(truth, 10.0), aims_of(94.5, 98.0), labels, truth, best)
    assert set(found["orders"]) == set(get_args(Order))
    # same widths for all, so every order is that of the values
    for order in found["orders"].values():
        assert (order["first10"], order["first20"], order["first50"], order["inside"]) == (5, 5, 5, 1.0)
        assert (order["top"]["hits"], order["better"]["hits"], order["top"]["n"]) == (5, 1, 20)
        assert order["width"] == pytest.approx(20 / (0.9 * 98))
    assert sum(found["top"]["n"]) == 100
    json.dumps(found, allow_nan=False)


def test_random_draws_are_seeded_and_share_no_row(module):
    tasks = module("shortlist_tasks")
    first, again, other = (tasks.divide(3000, None, 100, draw) for draw in (0, 0, 1))
    assert first.mark == again.mark != other.mark
    assert (len(first.labels), len(first.candidates)) == (100, 2000)
    assert not set(first.labels) & set(first.candidates)


def test_whole_families_are_held_out(module):
    tasks = module("shortlist_tasks")
    rng = np.random.default_rng(0)
    families = rng.integers(0, 40, 400).astype(str)
    for draw in range(5):
        division = tasks.divide(400, families, 100, draw)
        held = set(families[division.candidates])
        assert not held & set(families[division.labels])
        # all rows of these families are candidates, and about half of all
        assert len(division.candidates) == np.isin(families, list(held)).sum()
        assert 200 <= len(division.candidates) <= 240
        assert len(np.unique(division.labels)) == 100
    # where few rows are left to draw from, fewer are held out
    few = tasks.divide(150, families[:150], 100, 0)
    assert len(few.labels) == 100
    assert 40 <= len(few.candidates) <= 50


def test_tasks_are_one_row_for_each_composition(module, data_dir):
    tasks = module("shortlist_tasks")
    for task in tasks.TASKS:
        if not (data_dir / task.file).is_file():
            pytest.skip(f"no {data_dir / task.file}")
        dataset = task.load()
        assert len(np.unique(dataset.materials.keys())) == len(dataset), task.name
        assert np.isfinite(dataset.target().values).all()
    estm = tasks.BY_NAME["estm-300K-ZT"]
    assert (len(estm.load()), len(np.unique(estm.families()))) == (355, 79)
    assert not tasks.is_tried(estm, 310)


def cell_of(module, model: str, draw: int, noise: float) -> dict:
    """As a cell tells it, of values that stand for predictions with noise."""
    rng = np.random.default_rng([draw, int(100 * noise)])
    truth = np.random.default_rng(draw).permutation(np.arange(100.0))
    best = module("shortlist_scores").is_best(truth)
    names = {"task": "estm-300K-ZT", "split": "random", "labels": 100, "draw": draw, "model": model, "rows": f"{draw}"}
    found = names | {"n": 100, "best": 5, "beyond": 2, "seconds": [1.0, 0.1]}
    if model == "nearest-label":
        return found | {"orders": {"value": {"first10": 0, "first20": 1, "first50": 2}}}
    predictions = predictions_of(truth + noise * rng.normal(size=100), 10.0)
    labels = Target("y", np.linspace(0, 97, 50))
    return found | module("shortlist_cells").judged(predictions, aims_of(94.5, 97.0), labels, truth, best)


def test_the_page_tells_goals_and_every_order(module):
    noises = {"nearest-label": 0.0, "extratrees-magpie": 40.0, "gp": 20.0, "auto": 5.0}
    cells = [cell_of(module, model, draw, noise) for model, noise in noises.items() for draw in range(3)]
    facts = {
        "date": "2026-11-25",
        "machine": "two cores",
        "versions": "numpy 2",
        "code": "0" * 16,
        "data": {},
        "ours": "auto",
    }
    page = module("shortlist_pages").page(facts | {"cells": cells, "codes": {"0" * 16: 12}, "missing": ["some"]})
    assert "**Missing of what was asked for:**\n\n- some" in page
    assert "## Random split, 100 labels" in page
    # all of the best 5 % in the first 20, in each draw: 5 times chance
    assert "| estm-300K-ZT | 0.050 | **0.25 ± 0.00** |" in page
    assert "| value | 1 of 1 tasks; mean 5.0 x, least 5.0 x (estm-300K-ZT) | yes |" in page
    assert "| estm-300K-ZT | max | 3 | 100 | 5.0 | 2.0 | - |" in page
    for order in get_args(Order):
        assert f"auto, {order}" in page
    assert "nan" not in page


def test_pairs_are_of_the_same_rows_and_noise_is_not_a_difference(module):
    blocks = module("shortlist_blocks")
    cells = [cell_of(module, model, draw, 5.0) for model in ("extratrees-magpie", "auto") for draw in range(3)]
    cells[0]["rows"] = "others"
    block = blocks.blocks(cells, "auto")[0]
    who = blocks.Contender("auto", "value")
    assert block.pairs("estm-300K-ZT", who, blocks.precision(20)) == {1: 0.0, 2: 0.0}
    assert block.pairs_of_all(who, blocks.precision(20)) == [0.0, 0.0]
    assert not blocks.beyond_noise([0.1, 0.1])
    assert not blocks.beyond_noise([0.1, -0.05, 0.02])
    assert blocks.beyond_noise([-0.1, -0.12, -0.11])


def test_what_the_donor_has_learned_is_shown_and_not_judged(module):
    blocks = module("shortlist_blocks")
    cells = [cell_of(module, model, draw, 5.0) for model in ("extratrees-magpie", "auto") for draw in range(3)]
    known = [cell | {"task": "supercon-Tc", "seen": 1.0} for cell in cells]
    assert blocks.blocks(cells + known, "auto")[0].judged == ["estm-300K-ZT"]
    assert blocks.blocks(cells + known, "auto-without-donor")[0].judged == ["estm-300K-ZT", "supercon-Tc"]
    facts = {"date": "2026-11-25", "machine": "two cores", "versions": "numpy 2", "code": "0" * 16, "data": {}}
    page = module("shortlist_pages").page(facts | {"cells": cells + known, "codes": {}, "missing": [], "ours": "auto"})
    assert "| supercon-Tc † | max | 3 | 100 | 5.0 | 2.0 | 100 % |" in page
    assert "(supercon-Tc)" not in page


def test_chances_of_the_first_are_means_over_the_judged_tasks(module):
    """By hand: 10 and 30 of 20 candidates' chances and 4 and 12 hits; the task that the donor knows does not count."""
    pages, blocks = module("shortlist_pages"), module("shortlist_blocks")
    made = {
        "estm-300K-ZT": ("quantile", 10.0, 4),
        "expt-gap-1.34": ("ei", 30.0, 12),
        "supercon-Tc": ("quantile", 0.0, 20),
    }
    cells = []
    for task, (order, chances, hits) in made.items():
        for draw in range(2):
            orders = {
                name: {"top": {"n": 20, "chances": chances * (name == order), "hits": hits * (name == order)}}
                for name in ("ei", "quantile")
            }
            cells.append(
                {"task": task, "split": "random", "labels": 100, "draw": draw, "model": "auto", "orders": orders}
            )
    (block,) = blocks.blocks(cells, "auto")
    by_default, by_ei, by_quantile, *others = pages._kept(block, block.judged, "top", 3)
    assert by_default == "1.000 -> 0.400"
    assert (by_ei, by_quantile) == ("0.750 -> 0.300", "0.250 -> 0.100")
    assert set(others) == {"-"}
    assert pages._kept(block, ["supercon-Tc"], "top")[0] == "0.00 -> 1.00"
