"""Artefacts of pretraining: what comes back, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from matscout.errors import ArtefactError
from matscout.represent.artefact import load_pretrained


@pytest.fixture
def artefact(finished_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished_run / "artefact", tmp_path / "artefact"))


def change_spec(folder: Path, **changes: object) -> None:
    path = folder / "spec.json"
    spec = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(spec), encoding="utf-8")


def test_modules_come_back_ready_for_use(artefact):
    pretrained = load_pretrained(artefact)
    assert list(pretrained.encoders) == ["composition"]
    assert not pretrained.encoders["composition"].training
    assert not any(weight.requires_grad for weight in pretrained.objective.parameters())
    assert pretrained.seen.dtype == np.uint64
    assert (np.diff(pretrained.seen.astype(object)) > 0).all()
    assert pretrained.facts["experiment"]["encoders"]["composition"]["width"] == 16


@pytest.mark.parametrize("name", ["weights.safetensors", "seen.npy"])
def test_a_damaged_missing_or_foreign_file_is_named(artefact, name):
    path = artefact / name
    whole = path.read_bytes()
    for content in (whole[:-1], whole[: len(whole) // 2], b"", b"<html>not found</html>"):
        path.write_bytes(content)
        with pytest.raises(ArtefactError, match=rf"{name} is damaged or another file: its SHA-256"):
            load_pretrained(artefact)
    path.unlink()
    with pytest.raises(ArtefactError, match=rf"{name} is missing"):
        load_pretrained(artefact)


def test_weights_of_another_network_are_refused(artefact):
    import hashlib

    path = artefact / "weights.safetensors"
    weights = load_file(path)
    weights["objective.heads.1.weight"] = np.zeros((3, 3), dtype=np.float32)
    save_file(weights, path)
    digests = {name: hashlib.sha256((artefact / name).read_bytes()).hexdigest() for name in (path.name, "seen.npy")}
    change_spec(artefact, sha256=digests)
    with pytest.raises(ArtefactError, match=r"does not fit this matscout .* train again"):
        load_pretrained(artefact)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "matscout model"}, "holds 'matscout model', expected 'matscout pretrained encoders'"),
        ({"format_version": 99}, "written by a newer matscout"),
        ({"sha256": {}}, "expected 'matscout pretrained encoders'"),
        ({"objective": {"name": "telepathy", "settings": {}}}, "needs a plug-in that is not installed: 'telepathy'"),
        ({"objective": {"name": "multi-task", "settings": {"width": 3}}}, "does not fit this matscout"),
    ],
)
def test_foreign_specs_are_refused(artefact, changes, message):
    change_spec(artefact, **changes)
    with pytest.raises(ArtefactError, match=message):
        load_pretrained(artefact)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"spec"'])
def test_a_damaged_spec_is_named(artefact, text):
    (artefact / "spec.json").write_text(text, encoding="utf-8")
    with pytest.raises(ArtefactError, match=r"spec\.json is damaged"):
        load_pretrained(artefact)


def test_a_folder_without_spec_is_no_artefact(tmp_path):
    with pytest.raises(ArtefactError, match=r"no spec\.json.*`matscout pretrain"):
        load_pretrained(tmp_path)
