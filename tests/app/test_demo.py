from __future__ import annotations

from pathlib import Path

import pytest
from tests.generate.making import generate

from matscout.app.demo import GOAL, LEFT_OUT, N_CANDIDATES, UNWANTED, demo_settings, example_labels
from matscout.app.front import scout
from matscout.data.formulas import parse_formulas
from matscout.data.reading import read

pytestmark = pytest.mark.usefixtures("few_trees")


def test_example_leaves_the_known_answers_out() -> None:
    dataset = read(example_labels(), target="band gap")
    assert len(dataset) >= 150
    assert dataset.target().unit == "eV"
    keys = set(dataset.materials.compositions.keys())
    assert not keys & set(parse_formulas(LEFT_OUT).compositions.keys())


def test_enough_candidates_are_generated() -> None:
    labels = read(example_labels(), target="band gap")
    assert len(generate(labels, N_CANDIDATES, exclude=UNWANTED)) >= 20_000


@pytest.mark.slow
def test_demo_states_where_known_answers_rank(tmp_path: Path) -> None:
    found = scout(read(example_labels(), target="band gap"), GOAL, out=tmp_path / "demo", **demo_settings().changed)
    assert [found.goals[0].low, found.goals[0].high] == [float(end) for end in GOAL.split(":")]
    ranks = {watched.formula: watched.rank for watched in found.ranking.watched}
    assert set(ranks) == set(LEFT_OUT)
    assert ranks["GaAs"] is None
    assert sum(rank is not None for rank in ranks.values()) >= 5
    assert (tmp_path / "demo" / "report.html").stat().st_size > 10_000
    assert "GaAs: filtered out" in found.summary()
