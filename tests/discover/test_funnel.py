"""Funnels: what each stage keeps and loses, budgets, and what is not computed twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

import matscout
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.discover.base import Brief
from matscout.discover.filters import screen as filtered
from matscout.discover.funnel import FunnelStep, sift
from matscout.discover.stage import Stage, Verdict
from matscout.discover.stages.similarity import Similarity
from matscout.errors import InputError, UsageError
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.represent.embedding import make_representation
from matscout.testing.stages import brief, candidates


def made(formulas: list[str]) -> Candidates:
    materials = Materials.from_formulas(formulas)
    return Candidates(materials, np.array([f"row {row}" for row in range(len(materials))]), ("made up",))


CANDIDATES = candidates()


def never(*arguments: object, **options: object) -> None:
    raise AssertionError("work has begun")


def test_a_rule_is_that_of_scout() -> None:
    step = FunnelStep("rule", {"require": ["neutral", "non-toxic"]}, reason="safe")
    found = sift(CANDIDATES, [step], brief())
    expected = filtered(CANDIDATES, brief().labels.materials, require=["neutral", "non-toxic"])
    assert found.materials.formulas.tolist() == expected.candidates.materials.formulas.tolist()
    (passed,) = found.stages
    assert (passed.before, passed.after) == (48, len(expected.rows))
    assert "PbTe" in passed.formulas
    assert set(passed.reasons.tolist()) <= {f"unmet: {step}" for step in expected.removed_by if step}
    assert found.remarks == ("made up",)


def test_a_budget_of_a_rule_keeps_the_first() -> None:
    settings = {"require": ["neutral", "non-toxic"]}
    free = sift(CANDIDATES, [FunnelStep("rule", settings)], brief())
    found = sift(CANDIDATES, [FunnelStep("rule", settings, keep=3)], brief())
    assert found.materials.formulas.tolist() == free.materials.formulas.tolist()[:3]
    (passed,) = found.stages
    assert passed.reasons[passed.formulas == free.materials.formulas[3]].tolist() == [f"place 4 of {len(free)}, 3 pass"]


def test_likeness_is_the_cosine_on_the_scale_of_the_candidates() -> None:
    found = sift(CANDIDATES, [FunnelStep("similarity", {"like": ["PbTe", "MgO"]}, 6)], brief())
    vectors = make_representation("magpie").represent(CANDIDATES.materials).vectors
    spread = vectors.std(axis=0)
    scaled = np.clip((vectors - vectors.mean(axis=0)) / np.where(spread > 1e-9, spread, 1), -3, 3)
    scaled[:, spread <= 1e-9] = 0
    scaled /= np.linalg.norm(scaled, axis=1, keepdims=True)
    rows = [CANDIDATES.materials.formulas.tolist().index(name) for name in ("PbTe", "MgO")]
    likeness = (scaled @ scaled[rows].T).max(axis=1)
    best = CANDIDATES.materials.formulas[np.argsort(-likeness, kind="stable")[:6]]
    assert set(found.materials.formulas.tolist()) == set(best.tolist())
    assert found.stages[0].reasons[0].startswith("rank 7 of 48, 6 pass (0.")


def test_a_model_ranks_as_scout_does() -> None:
    told = brief()
    found = sift(CANDIDATES, [FunnelStep("model", {"name": "gp", "order": "value"}, 10)], told)
    predicted = matscout.fit(told.labels, "gap", model="gp", fast=True).predict(CANDIDATES.materials).predicted
    best = CANDIDATES.materials.formulas[np.argsort(-predicted)[:10]]
    assert found.materials.formulas.tolist() == best.tolist()


class Counting(Stage):
    calls = 0

    def judge(self, candidates: Candidates, brief: Brief, progress: object = None) -> Verdict:
        type(self).calls += 1
        n = len(candidates)
        return Verdict(np.full(n, ""), np.arange(n, dtype=np.float64), np.full(n, "x"))


def test_what_was_done_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matscout.discover.funnel.load_class", lambda family, name: Counting)
    first = sift(CANDIDATES, [FunnelStep("counting", keep=20)], brief(), store=tmp_path)
    assert Counting.calls == 1
    assert first.stages[0].note.seconds > 0
    other = sift(CANDIDATES, [FunnelStep("counting", keep=10)], brief(), store=tmp_path)
    assert Counting.calls == 1
    assert other.stages[0].note.seconds == 0
    assert other.materials.formulas.tolist() == first.materials.formulas.tolist()[:10]
    # Half a file, as a kill of another program might leave it, is as good as none.
    (stored,) = tmp_path.rglob("verdict.parquet")
    stored.write_bytes(stored.read_bytes()[:50])
    sift(CANDIDATES, [FunnelStep("counting", keep=10)], brief(), store=tmp_path)
    sift(made(["PbTe", "MgO"]), [FunnelStep("counting", keep=10)], brief(), store=tmp_path)
    assert Counting.calls == 3


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (FunnelStep("rules"), "'rules' is not one of the stages; did you mean rule"),
        (FunnelStep("rule", {"exlude": ["Pb"]}), "the stage rule has no 'exlude'; did you mean exclude"),
        (FunnelStep("similarity", {"like": "PbTe"}), "the stage similarity ranks: state how many to keep"),
        (FunnelStep("similarity", {}, 5), "the stage similarity needs like"),
        (FunnelStep("similarity", {"like": "PbTee"}, 5), "'PbTee' is neither a formula nor a file"),
        (FunnelStep("similarity", {"like": "PbTe", "by": "magpies"}, 5), "did you mean magpie"),
        (FunnelStep("model", {"name": "pg"}, 5), "did you mean gp"),
        (FunnelStep("rule", {"require": ["in-domain"]}), "in-domain needs a model"),
        (FunnelStep("rule", {"exclude": ["Xx"]}), "'Xx' is not the symbol of an element"),
        (FunnelStep("similarity", {"like": "PbTe", "by": "structure-basic"}, 5), "structure-basic needs structures"),
    ],
)
def test_a_wrong_stage_is_told_before_any_work(monkeypatch: pytest.MonkeyPatch, step: FunnelStep, words: str) -> None:
    monkeypatch.setattr("matscout.discover.stages.rule.screen", never)
    with pytest.raises(UsageError, match=words):
        sift(CANDIDATES, [FunnelStep("rule", {"exclude": ["Pb"]}), step], brief())


def test_too_few_labels_and_wrong_conditions_are_told_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matscout.discover.stages.rule.screen", never)
    steps = [FunnelStep("rule", {"exclude": ["Pb"]}), FunnelStep("model", {"name": "gp"}, 5)]
    with pytest.raises(InputError, match="is known for 4 rows"):
        sift(CANDIDATES, steps, replace(brief(), labels=brief().labels[:4]))
    with pytest.raises(UsageError, match="'temperature' is set but is not a context column"):
        sift(CANDIDATES, steps, replace(brief(), settings={"temperature": "600"}))


def test_a_stage_that_leaves_nothing_says_for_what() -> None:
    with pytest.raises(InputError, match=r"stage 1 \(rule\) leaves none of 48 candidates; .* reason: unmet: only Fe"):
        sift(CANDIDATES, [FunnelStep("rule", {"elements": ["Fe"]})], brief())


def test_lost_is_a_table() -> None:
    found = sift(
        CANDIDATES, [FunnelStep("rule", {"exclude": ["Te"]}), FunnelStep("similarity", {"like": "PbS"}, 3)], brief()
    )
    assert [one.after for one in found.stages] == [36, 3]
    assert [len(one) for one in found.stages] == [12, 33]


def test_what_a_stage_finds_stays_with_the_candidates() -> None:
    found = sift(CANDIDATES, [FunnelStep("similarity", {"like": "PbTe"}, 10), FunnelStep("non-toxic")], brief())
    likeness = found.facts["likeness_by_magpie"]
    assert len(likeness) == len(found) < 10
    alone = Similarity(like="PbTe").judge(CANDIDATES, brief())
    rows = [CANDIDATES.materials.formulas.tolist().index(name) for name in found.materials.formulas]
    np.testing.assert_allclose(likeness.values, alone.scores[rows])
    assert found.facts["likeness_by_magpie_to"].values.tolist() == ["PbTe"] * len(found)


class Relaxing(Stage):
    """Halves every cell, and says what that gains."""

    ranks = False
    calls = 0

    def judge(self, candidates: Candidates, brief: Brief, progress: object = None) -> Verdict:
        type(self).calls += 1
        n, structures = len(candidates), candidates.materials.structures
        assert structures is not None
        energies = Evidence(
            "energy_eV_per_atom",
            "energy",
            np.where(structures.present, -1.5, np.nan),
            "made up",
            EvidenceSource("relaxing", "1"),
            "eV/atom",
            np.full(n, 0.03),
            "made up, too",
            structures.present,
        )
        nothing = np.full(n, "")
        return Verdict(nothing, None, nothing, (energies,), replace(structures, lattices=structures.lattices / 2))


def test_a_stage_may_replace_structures_and_attach_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matscout.discover.funnel.load_class", lambda family, name: Relaxing)
    cells = Structures.from_pymatgen([Structure(Lattice.cubic(5.6), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])])
    materials = replace(Materials.from_formulas(["NaCl", "KCl", "NaCl2"]), structures=cells.spread(np.array([0]), 3))
    start = Candidates(materials, np.array(["a", "b", "c"]))
    for _ in range(2):  # the second time from the store
        found = sift(start, [FunnelStep("relaxing")], brief(), store=tmp_path)
        structures = found.materials.structures
        assert structures is not None
        np.testing.assert_allclose(structures.lattices[0], np.eye(3) * 2.8)
        assert structures.present.tolist() == [True, False, False]
        energies = found.facts["energy_eV_per_atom"]
        assert energies.known.tolist() == [True, False, False]
        assert energies.errors is not None
        assert energies.errors.tolist() == [0.03] * 3
        assert energies.described()["unit"] == "eV/atom"
        assert str(energies.source) == "relaxing 1"
    assert Relaxing.calls == 1
