"""The shipped substitution model: sound, small, and without rows of a database."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from matscout.data.compositions import Compositions
from matscout.errors import ArtefactError
from matscout.generate.templates.artefact import SHIPPED, read_substitution, write_substitution
from matscout.represent.seen import are_seen, marks

LIMIT = 2.5e6
"""Bytes of the folder."""


def test_it_is_small_and_every_prototype_is_a_mean_of_two_or_more() -> None:
    stored = read_substitution()
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < LIMIT
    assert stored.table.members.min() >= 2
    assert len(stored.table) > 1500
    np.testing.assert_allclose(stored.table.crystals.volumes, 1.0, rtol=0.02)


def test_formulas_that_tests_ask_for_were_not_seen() -> None:
    seen = np.load(SHIPPED / "seen.npy")
    asked = [{"Na": 1, "Cl": 1}, {"Sr": 1, "Ti": 1, "O": 3}, {"Mg": 1, "Al": 2, "O": 4}]
    assert not are_seen(marks(Compositions.from_dicts(asked)), seen).any()
    assert are_seen(marks(Compositions.from_dicts([{"K": 1, "Cl": 1}, {"Mg": 1, "O": 1}])), seen).any()


def test_volumes_of_common_crystals() -> None:
    formulas = Compositions.from_dicts([{"Na": 1, "Cl": 1}, {"Sr": 1, "Ti": 1, "O": 3}, {"Mg": 1, "Al": 2, "O": 4}])
    measured = np.array([5.640**3 / 8, 3.905**3 / 5, 8.083**3 / 56])
    np.testing.assert_allclose(read_substitution().volumes.predict(formulas), measured, rtol=0.12)


def test_it_is_the_same_when_it_is_written_and_read_again(tmp_path: Path) -> None:
    stored = read_substitution()
    write_substitution(stored, np.load(SHIPPED / "seen.npy"), {"seed": 0}, tmp_path / "again")
    again = read_substitution(tmp_path / "again")
    for name, array in stored.state().arrays.items():
        np.testing.assert_array_equal(again.state().arrays[name], array, err_msg=name)


def test_a_damaged_folder_is_refused(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "cut")
    weights = tmp_path / "cut" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-9])
    with pytest.raises(ArtefactError):
        read_substitution(tmp_path / "cut")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "spec.json").write_text(json.dumps({"format": "something"}))
    with pytest.raises(ArtefactError, match="no substitution model"):
        read_substitution(tmp_path / "other")
    with pytest.raises(ArtefactError, match="missing"):
        read_substitution(tmp_path / "none")
