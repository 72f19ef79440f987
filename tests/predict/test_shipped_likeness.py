"""The model of likeness that comes with matscout: what it keeps, what it says, what it was measured to be."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars
import pytest

from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.discover.known_compounds import NAMES
from matscout.errors import ArtefactError
from matscout.predict.shipped_likeness import FILES, FOLDER, Places, read_likeness, shipped_likeness
from matscout.represent.seen import marks
from matscout.testing.stages import crystal_candidates


def test_three_megabytes_hold_no_formula() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3e6
    spec = json.loads((FOLDER / "spec.json").read_text())
    assert "NaCl" not in json.dumps(spec)
    assert {"parts", "facts", "sha256"} <= set(spec)


def test_named_compounds_that_it_had_not_seen_stand_high() -> None:
    """Minerals and compounds out of other tables (PubChem, the list of the IMA) stand above half of the unlabelled."""
    named = polars.read_csv(NAMES)["formula"].to_list()
    ranks = shipped_likeness().rank(Materials.from_formulas(named))
    others = ranks.percentile_unlabelled[~ranks.seen]
    assert len(others) > 900
    assert (others > 0.5).mean() > 0.9
    assert np.median(others) > 0.8


def test_what_is_outside_the_domain() -> None:
    ranks = shipped_likeness().rank(Materials.from_formulas(["NaCl", "HeO4", "Bi2Te2.7Se0.3"]))
    assert ranks.in_domain.tolist() == [True, False, False]
    assert ranks.strange.tolist() == ["", "He", ""]
    assert ranks.usual.tolist() == [True, True, False]
    assert ranks.seen.tolist() == [True, False, False]


def test_energies_above_the_hull_move_materials_down() -> None:
    materials = Materials.from_formulas(["Na2MgO2"] * 4)
    ranks = shipped_likeness().rank(materials, np.array([np.nan, 0.0, 0.1, 1.0]))
    assert ranks.parts.tolist() == ["composition", *["composition and hull"] * 3]
    assert (np.diff(ranks.score[1:]) < 0).all()
    np.testing.assert_allclose(ranks.without_hull, ranks.percentile_unlabelled[0])


def test_crystals_are_ranked_by_their_structure() -> None:
    materials = crystal_candidates().materials
    model = shipped_likeness()
    crystals, formulas = model.rank(materials), model.rank(replace(materials, structures=None))
    assert set(crystals.parts.tolist()) == {"structure"}
    assert set(formulas.parts.tolist()) == {"composition"}
    again = model.rank(materials[np.array([5, 2])])
    np.testing.assert_allclose(again.score, crystals.score[[5, 2]], rtol=1e-12)


def test_places_are_shares_of_rows_with_lower_scores() -> None:
    rng = np.random.default_rng(0)
    scores, known = rng.random(4000), rng.random(4000) < 0.3
    among_known, among_others = Places.of(scores, known).among(np.array([0.0, 0.25, 1.0]))
    np.testing.assert_allclose(among_known, [(scores[known] < one).mean() for one in (0.0, 0.25, 1.0)], atol=0.003)
    np.testing.assert_allclose(among_others, [(scores[~known] < one).mean() for one in (0.0, 0.25, 1.0)], atol=0.003)


def test_the_goals_are_met_on_systems_that_were_not_seen() -> None:
    measured = shipped_likeness().facts["measured"]
    assert measured["structure"]["area"] >= 0.86
    assert measured["composition"]["area"] >= 0.86
    assert measured["structure and hull"]["area"] >= 0.90
    assert measured["structure and hull"]["area"] > measured["structure, hull alone"]["area"] + 0.1


def test_marks_are_those_of_compositions() -> None:
    own = marks(parse_formulas(["NaCl"]).compositions)
    assert np.isin(own, shipped_likeness().seen).all()


@pytest.mark.parametrize("name", FILES)
def test_damaged_files_are_refused(name: str, tmp_path: Path) -> None:
    copy = shutil.copytree(FOLDER, tmp_path / "copy")
    (copy / name).write_bytes(b"nothing")
    with pytest.raises(ArtefactError, match=f"{name} is damaged"):
        read_likeness(copy)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="holds no model of likeness"):
        read_likeness(tmp_path)


def test_scoring_is_fast() -> None:
    """A quarter of the goal of 100,000 rows a second, since tests share the processor."""
    learner = shipped_likeness().parts["composition"].learner
    vectors = np.random.default_rng(0).random((20_000, 132))
    learner.score(vectors)
    began = time.process_time()
    learner.score(vectors)
    assert len(vectors) / (time.process_time() - began) > 25_000
