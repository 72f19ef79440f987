"""The main job on made-up labels: is the outcome what its parts say?"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import polars as pl
import pytest
from ase.io import write
from pymatgen.core import Structure
from tests.discover.noble_solids import energy, mixture, solid, write_solids

from matscout.app.front import scout
from matscout.app.output import facts, prediction_table
from matscout.data import sources
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.data.reading import read
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.discover.goals import parse_goals
from matscout.discover.stages.in_domain import InDomain
from matscout.errors import InputError, UsageError
from matscout.predict.artefact import save_models
from matscout.predict.fitting import fit
from matscout.remarks import codes
from matscout.workflow.model_context import context_of_folder
from matscout.workflow.prepared import structures_unused
from matscout.workflow.results import Scouting
from matscout.workflow.search import Search, find_field

pytestmark = pytest.mark.usefixtures("few_trees")

CATIONS = {"Li": 1, "Na": 1, "K": 1, "Mg": 2, "Ca": 2, "Zn": 2, "Sr": 2, "Al": 3, "Ga": 3, "In": 3}
ANIONS = {"O": 2, "S": 2, "Se": 2, "F": 1, "Cl": 1}
WEIGHTS = {"O": 7.0, "S": 4.0, "Se": 3.0, "F": 10.0, "Cl": 8.0}


def _formula(cation: str, anion: str) -> str:
    charge, opposite = CATIONS[cation], ANIONS[anion]
    divisor = int(np.gcd(charge, opposite))
    return f"{cation}{opposite // divisor}{anion}{charge // divisor}"


def frame() -> pl.DataFrame:
    """50 salts with a made-up gap that depends on anion and cation, and a made-up temperature and class."""
    rows = [
        {
            "formula": _formula(cation, anion),
            "gap (eV)": WEIGHTS[anion] - 0.5 * CATIONS[cation] + 0.1 * place,
            "temperature (K)": 300.0 + 100 * (place % 3),
            "wide": "yes" if WEIGHTS[anion] > 5 else "no",
        }
        for place, cation in enumerate(CATIONS)
        for anion in ANIONS
    ]
    return pl.DataFrame(rows)


def quick(dataset: Dataset, goals: str | list[str], **settings: object) -> Scouting:
    defaults = {"model": "gp", "fast": True, "n_candidates": 150, "batch": 4}
    return scout(dataset, goals, **(defaults | settings))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def scouting() -> Scouting:
    dataset = read(frame(), target="gap (eV)")
    return quick(dataset, "3:4", exclude=("Tl", "Br"), watch=("BaS", "TlBr", "RbF"))


def test_predictions_are_those_of_the_model(scouting: Scouting) -> None:
    ranking = scouting.ranking
    materials = ranking.candidates.materials[ranking.conditions.rows]
    again = scouting.findings["gap"].model.predict(materials, 0.9)
    np.testing.assert_array_equal(ranking.predictions["gap"].predicted, again.predicted)
    table = prediction_table(scouting)
    np.testing.assert_array_equal(table["gap_predicted"].to_numpy(), again.predicted)
    assert table["formula"].to_list() == materials.formulas.tolist()
    by_formula = dict(zip(table["formula"], table["gap_predicted"], strict=True))
    for row in ranking.shortlist.table.iter_rows(named=True):
        assert row["gap_predicted"] == by_formula[row["formula"]]


def test_shortlist_obeys_the_filters(scouting: Scouting) -> None:
    formulas = scouting.ranking.shortlist.table["formula"].to_list()
    assert len(formulas) > 10
    assert not any("Br" in formula or "Tl" in formula for formula in formulas)
    assert not set(formulas) & set(frame()["formula"])
    assert scouting.ranking.shortlist.table["in_domain"].all()


def test_only_what_passes_the_screening_is_predicted_and_what_is_watched(scouting: Scouting) -> None:
    ranking = scouting.ranking
    removed = ranking.shortlist.removed_by[ranking.conditions.rows]
    assert set(removed[3:]) <= {"", InDomain.step}
    assert ranking.candidates.materials.formulas[ranking.conditions.rows[:3]].tolist() == ["BaS", "TlBr", "RbF"]
    assert removed[1] == "without Tl, Br"
    screened_out = ~np.isin(ranking.shortlist.removed_by, ["", InDomain.step])
    assert not np.isin(np.flatnonzero(screened_out), ranking.conditions.rows[3:]).any()


def test_watched_materials_are_found_again(scouting: Scouting) -> None:
    bas, tlbr, rbf = scouting.ranking.watched
    assert tlbr.rank is None
    assert "without Tl, Br" in str(tlbr)
    table = scouting.ranking.shortlist.table
    ranks = dict(zip(table["formula"], table["rank"], strict=True))
    for watched in (bas, rbf):
        if watched.rank is not None:
            assert ranks[watched.formula] == watched.rank
        else:
            assert watched.removed_by


def test_model_is_measured_beside_baselines(scouting: Scouting) -> None:
    finding = scouting.findings["gap"]
    assert finding.scores.beside is None
    assert finding.scores.asked.n == 50
    assert set(finding.scores.asked.scores) == {"extratrees-magpie", "dummy", "gp"}
    assert finding.learning_curve is not None
    assert {fold.n_train for fold in finding.learning_curve.folds} == {25}
    assert finding.back_test is not None
    assert finding.back_test.n_rows == 50


def test_hints_stand_in_the_folder_and_change_no_rank(
    scouting: Scouting, hinting_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", hinting_weights)
    hinted = quick(scouting.dataset, "3:4", exclude=("Tl", "Br"), watch=("BaS", "TlBr", "RbF"), out=tmp_path / "out")
    table = hinted.ranking.shortlist.table
    assert "donor_PBE_band_gap_eV" in hinted.ranking.shortlist.facts
    assert table["formula"].to_list() == scouting.ranking.shortlist.table["formula"].to_list()
    written = pl.read_csv(tmp_path / "out" / "shortlist.csv")
    np.testing.assert_allclose(written["donor_PBE_band_gap_eV"], table["donor_PBE_band_gap_eV"])
    assert "candidates-without-hints" not in codes(hinted.ranking.shortlist.remarks)
    assert "hint: PBE band gap (eV)" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_facts_are_plain_json(scouting: Scouting) -> None:
    numbers = json.loads(json.dumps(facts(scouting), allow_nan=False))
    assert numbers["rows_used"] == 50
    assert numbers["goals"] == [{"target": "gap", "kind": "range", "low": 3.0, "high": 4.0}]
    assert numbers["candidates"] == len(scouting.ranking.candidates)
    assert [entry["formula"] for entry in numbers["watched"]] == ["BaS", "TlBr", "RbF"]


def test_summary_names_what_matters(scouting: Scouting) -> None:
    text = scouting.summary()
    assert "50 of 50 rows" in text
    assert "mean absolute error" in text
    assert "eV" in text
    assert scouting.ranking.shortlist.table["formula"][0] in text
    assert "TlBr: filtered out" in text
    assert "to make next, different from each other" in text
    nothing = replace(scouting, search=replace(scouting.search, batch=0)).summary()
    assert "to make next: nothing is proposed, as requested (--batch 0)" in nothing
    assert "nothing is proposed" not in text


def test_groups_are_measured_side_by_side() -> None:
    table = frame().with_columns(pl.Series("paper", [f"paper {row % 12}" for row in range(50)]))
    found = quick(read(table, target="gap", groups="paper"), "max").findings["gap"]
    assert found.scores.beside is not None
    assert found.scores.asked.protocol.startswith("kfold")
    assert found.scores.beside.protocol.startswith("group")


def test_too_few_groups_are_set_aside_and_loudly_so() -> None:
    table = frame().with_columns(pl.Series("paper", [f"paper {row % 3}" for row in range(50)]))
    found = quick(read(table, target="gap", groups="paper"), "max", n_candidates=60)
    assert found.dataset.groups is None
    assert found.findings["gap"].scores.beside is None
    first = found.ranking.shortlist.remarks[0]
    assert codes([first]) == ["groups-not-used"]
    assert "there are 3" in first
    assert first in found.summary()


def test_process_settings_are_optimised_or_fixed() -> None:
    dataset = read(frame(), target="gap", context="temperature")
    fixed = quick(dataset, "max", settings={"temperature_K": "400"})
    assert set(fixed.ranking.shortlist.table["temperature"]) == {400.0}
    assert len(fixed.ranking.conditions.rows) <= len(fixed.ranking.candidates)
    varied = quick(dataset, "max", settings={"temperature": "300:500"})
    assert len(varied.ranking.conditions.rows) > len(varied.ranking.candidates)
    assert len(np.unique(varied.ranking.conditions.rows)) == len(fixed.ranking.conditions.rows)
    assert set(varied.ranking.shortlist.table["temperature"]) <= set(np.linspace(300, 500, 13))


def test_several_goals_and_classes() -> None:
    found = quick(read(frame(), target=("gap", "wide")), ["gap=max", "wide=no"], require=("new",))
    assert list(found.findings) == ["gap", "wide"]
    table = found.ranking.shortlist.table
    assert {"pareto", "gap_goal_probability", "wide_class"} <= set(table.columns)
    assert "wide_probability_no" in prediction_table(found).columns
    assert "balanced accuracy" in found.summary()


def test_candidates_of_a_file_keep_their_origin(tmp_path: Path) -> None:
    path = tmp_path / "shelf.csv"
    path.write_text("formula,price\nBaS,1\nRbF,2\nNaCl,3\nBaS,4\n", encoding="utf-8")
    found = quick(read(frame(), target="gap"), "max", candidates=path)
    assert found.search.required(found.dataset) == ("new",)
    table = found.ranking.shortlist.table
    assert set(table["formula"]) == {"BaS", "RbF"}
    assert set(table["origin"]) == {"shelf.csv row 2", "shelf.csv row 3"}


def test_doping_series_is_ranked() -> None:
    found = quick(read(frame(), target="gap"), "max", dope="MgO:Zn,Ca:0:0.5")
    formulas = set(found.ranking.shortlist.table["formula"])
    assert {"Mg0.8Zn0.2O", "Ca0.2Mg0.8O"} & formulas
    assert "MgO" not in formulas


def test_labels_without_the_context_of_a_fitted_model_are_refused_at_once(tmp_path: Path) -> None:
    hot = read(frame(), target="gap", context="temperature")
    save_models({"gap": fit(hot, "gap", model="dummy", fast=True)}, tmp_path / "model")
    with pytest.raises(UsageError, match=r"fitted with the context columns temperature, .* read with none"):
        quick(read(frame(), target="gap"), "max", use=tmp_path / "model")
    assert context_of_folder(tmp_path / "model") == ("temperature",)


def test_conditions_of_candidates_are_converted_to_the_unit_of_the_labels(tmp_path: Path) -> None:
    path = tmp_path / "shelf.csv"
    path.write_text("formula,temperature (°C)\nBaS,26.85\nRbF,126.85\n", encoding="utf-8")
    hot = read(frame(), target="gap", context="temperature")
    field = find_field(hot, Search(candidates=path))
    assert field.conditions.materials.context["temperature"] == pytest.approx([300.0, 400.0])
    assert "Conditions are temperature in K." in field.conditions.remarks


def test_a_fitted_model_is_used_as_it_is(scouting: Scouting, tmp_path: Path) -> None:
    scouting.findings["gap"].model.save(tmp_path / "model")
    again = quick(scouting.dataset, "3:4", use=tmp_path / "model", model="dummy", elements=("Na", "Sr", "O", "S"))
    assert again.findings["gap"].model.name == "gp"
    assert again.findings["gap"].scores.asked.model == "gp"
    mine = {row["formula"]: row for row in prediction_table(scouting).iter_rows(named=True)}
    same = [row for row in prediction_table(again).iter_rows(named=True) if row["formula"] in mine]
    assert all(row["gap_predicted"] == pytest.approx(mine[row["formula"]]["gap_predicted"]) for row in same)
    with pytest.raises(UsageError, match="no model of 'wide'"):
        quick(read(frame(), target="wide"), "wide=yes", use=tmp_path / "model")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"order": "best"}, "best"),
        ({"require": ("nice",)}, "nice"),
        ({"exclude": ("Nx",)}, "'Nx' is not the symbol of an element; did you mean N"),
        ({"elements": ("Na", "Cl"), "dope": "MgO:Zn:0:0.1"}, "contradict"),
        ({"dope": "MgO"}, "doping"),
        ({"model": "autoo"}, "auto"),
        ({"settings": {"pressure": "1"}}, "pressure"),
    ],
)
def test_wrong_settings_are_refused_before_the_work(settings: dict[str, object], message: str) -> None:
    def nothing_yet(step: str, done: int, total: int) -> None:
        raise AssertionError(f"work has begun: {step}")

    with pytest.raises(UsageError, match=message):
        quick(read(frame(), target="gap"), "max", progress=nothing_yet, **settings)


def test_no_candidate_left_is_said_before_the_work() -> None:
    def nothing_yet(step: str, done: int, total: int) -> None:
        raise AssertionError(f"work has begun: {step}")

    with pytest.raises(InputError, match=r'no candidate is left.*"without O" removed 21 of them'):
        quick(read(frame(), target="gap"), "max", dope="MgO:Zn:0:0.1", exclude=("O",), progress=nothing_yet)


@pytest.mark.parametrize("goal", ["gap (eV)=3:4", "GAP=3:4", "3:4"])
def test_goals_name_targets_as_the_file_does(goal: str) -> None:
    assert parse_goals([goal], read(frame(), target="gap").targets)[0].target == "gap"


def test_default_filters_depend_on_who_named_the_candidates() -> None:
    labels = read(frame(), target="gap")
    assert Search().required(labels) == ("neutral", "in-domain", "new")
    assert Search(candidates=Path("shelf.csv")).required(labels) == ("new",)
    assert Search(dope="PbTe:Na:0:0.1").required(labels) == ("unlabelled",)
    assert Search(require=()).required(labels) == ()


def _salts() -> list[Structure]:
    """Rock salts, larger with the row of the anion."""
    lengths, vectors = {"O": 2.1, "S": 2.6, "Se": 2.75}, np.ones((3, 3)) - np.eye(3)
    return [
        Structure(length * vectors, [cation, anion], [[0, 0, 0], [0.5, 0.5, 0.5]])
        for cation in ("Mg", "Ca", "Sr", "Ba", "Zn", "Mn", "Fe", "Ni")
        for anion, length in lengths.items()
    ]


def _labelled_salts() -> Dataset:
    structures = Structures.from_pymatgen(_salts())
    compositions = compositions_of(structures)
    names = np.array([structure.reduced_formula for structure in _salts()])
    gaps = np.array([structure.volume / 8 for structure in _salts()])
    return Dataset(Materials(names, names, compositions, structures), {"gap": Target("gap", gaps, "eV")})


def _candidate_file(folder: Path) -> Path:
    """Denser salts of cadmium, with two polymorphs of one."""
    smaller = [structure.copy() for structure in _salts()[:4]]
    for structure in smaller:
        structure.scale_lattice(0.9 * structure.volume)
        structure.replace_species({structure[0].specie: "Cd"})
    path = folder / "candidates.json"
    path.write_text(json.dumps([structure.as_dict() for structure in smaller]), encoding="utf-8")
    return path


def test_structures_of_labels_are_left_aside_for_candidates_without() -> None:
    labels = _labelled_salts()
    (told,) = structures_unused(labels, find_field(labels, Search(n_candidates=150)).conditions.materials)
    assert "candidates are formulas without structures" in told
    alone = replace(labels, materials=replace(labels.materials, structures=None))
    assert structures_unused(alone, alone.materials) == ()


def test_candidates_of_a_file_keep_their_structures_polymorphs_one_by_one(tmp_path: Path) -> None:
    labels = _labelled_salts()
    with mock.patch.object(sources, "read_structure_source", wraps=sources.read_structure_source) as reading:
        found = find_field(labels, Search(candidates=_candidate_file(tmp_path))).conditions.materials
    assert reading.call_count == 1
    assert sorted(found.formulas) == ["CdO", "CdO", "CdS", "CdSe"]
    assert structures_unused(labels, found) == ()


def test_watching_a_formula_leaves_the_structures_of_the_others(tmp_path: Path) -> None:
    labels, file = _labelled_salts(), _candidate_file(tmp_path)
    found = find_field(labels, Search(candidates=file, watch=("CdTe", "CdO"))).conditions.materials
    known = dict(zip(found.formulas.tolist(), found.has_structure.tolist(), strict=True))
    assert sorted(found.formulas) == ["CdO", "CdO", "CdS", "CdSe", "CdTe"]
    assert [name for name, present in known.items() if not present] == ["CdTe"]
    assert structures_unused(labels, found) == ()


def test_a_model_of_structures_is_refused_for_formulas(tmp_path: Path) -> None:
    labels = _labelled_salts()
    fit(labels, model="auto-without-donor", fast=True).save(tmp_path / "model")
    with pytest.raises(UsageError, match="the model of gap was fitted to crystal structures, but the candidates are"):
        quick(labels, "max", use=tmp_path / "model", n_candidates=60)


@pytest.mark.slow
def test_structures_are_learned_from_if_the_candidates_have_them(tmp_path: Path) -> None:
    seeing = quick(_labelled_salts(), "gap=3:4", model="auto-without-donor", candidates=_candidate_file(tmp_path))
    assert "structure-basic" in seeing.findings["gap"].model.representations
    watching = quick(
        _labelled_salts(), "gap=3:4", model="auto-without-donor", candidates=_candidate_file(tmp_path), watch=["CdTe"]
    )
    assert "structure-basic" in watching.findings["gap"].model.representations
    assert not any("formulas without structures" in remark for remark in watching.ranking.shortlist.remarks)
    assert watching.ranking.watched[0].rank is not None or watching.ranking.watched[0].removed_by
    blind = quick(_labelled_salts(), "gap=3:4", model="auto-without-donor")
    assert "structure-basic" not in blind.findings["gap"].model.representations
    assert blind.dataset.materials.structures is None
    assert "candidates are formulas without structures" in blind.ranking.shortlist.remarks[0]


def test_candidates_far_above_the_hull_are_left_out(tmp_path: Path) -> None:
    """Crystals of rare gases by Lennard-Jones; what it costs to stretch argon is more than is kept."""
    given = [mixture("ArKr", 4.4), solid("Ar", 6.5), solid("Kr", 5.7)]
    write(tmp_path / "crystals.extxyz", given)
    settings = {
        "candidates": tmp_path / "crystals.extxyz",
        "references": write_solids(tmp_path),
        "force_field": "lennard-jones",
        "keep_below": 0.03,
    }
    dataset = read(frame(), target="gap (eV)")
    table = quick(dataset, "3:5", **settings).ranking.shortlist.table
    assert sorted(table["formula"].to_list()) == ["Kr", "KrAr"]
    above = dict(zip(table["formula"].to_list(), table["e_above_hull"].to_list(), strict=True))
    assert above["KrAr"] == pytest.approx(
        energy(given[0]) - (energy(solid("Ar", 5.26)) + energy(solid("Kr", 5.65))) / 2
    )
    relaxed = quick(dataset, "3:5", relax=True, **settings)
    assert {"Ar", "Kr"} <= set(relaxed.ranking.shortlist.table["formula"].to_list())


def test_stability_needs_references_and_structures() -> None:
    dataset = read(frame(), target="gap (eV)")
    with pytest.raises(UsageError, match="name its phases"):
        quick(dataset, "3:5", relax=True)
    with pytest.raises(UsageError, match="need structures"):
        quick(dataset, "3:5", references="phases.csv")
