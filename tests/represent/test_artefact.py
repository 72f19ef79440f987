"""Artefacts of pretraining: what comes back, and what is refused."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from matscout.data.stated_digests import with_digests
from matscout.errors import ArtefactError
from matscout.represent.artefact import FILES, load_pretrained


@pytest.fixture
def artefact(finished_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished_run / "artefact", tmp_path / "artefact"))


def change_spec(folder: Path, **changes: object) -> None:
    path = folder / "spec.json"
    spec = json.loads(path.read_text(encoding="utf-8")) | changes
    if "sha256" not in changes:
        spec = with_digests(spec, folder, *FILES)
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
    with pytest.raises(ArtefactError, match=r"does not match this version of matscout .* train again"):
        load_pretrained(artefact)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "matscout model"}, "holds 'matscout model', expected 'matscout pretrained encoders'"),
        ({"format_version": 99}, "written by a newer matscout"),
        ({"format_version": "1"}, r"spec\.json is damaged"),
        ({"format_version": -1}, r"spec\.json is damaged"),
        ({"format_version": 1e400}, r"spec\.json is damaged"),
        ({"sha256": {}}, "states no digests of weights"),
        ({"sha256": []}, "states no digests of weights"),
        ({"sha256": {"weights.safetensors": "", "seen.npy": "", "../../other": ""}}, "digests do not match"),
        ({"facts": 5}, "does not match this version of matscout"),
        ({"encoders": [1]}, "does not match this version of matscout"),
        ({"encoders": {"a": {"name": "os", "settings": {}}}}, "needs a plug-in that is not installed"),
        ({"objective": {"name": "telepathy", "settings": {}}}, "needs a plug-in that is not installed: 'telepathy'"),
        ({"objective": {"name": "multi-task", "settings": {"width": 3}}}, "does not match this version of matscout"),
    ],
)
def test_foreign_specs_are_refused(artefact, changes, message):
    change_spec(artefact, **changes)
    with pytest.raises(ArtefactError, match=message):
        load_pretrained(artefact)


def saved(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        saved(np.array(["a"])),
        saved(np.array([{1: 2}], dtype=object)),
        saved(np.array([3, 2], dtype=np.uint64)),
        saved(np.zeros(1, dtype=np.uint64)).replace(b"(1,), }      ", b"(10**12,), }"),
        saved(np.zeros(1, dtype=np.uint64)).replace(b"(1,), }             ", b"(1000000000000,), }"),
        b"PK\x03\x04",
        b"",
    ],
)
def test_marks_that_are_none_are_refused(artefact, content):
    (artefact / "seen.npy").write_bytes(content)
    change_spec(artefact)
    with pytest.raises(ArtefactError, match="does not match this version of matscout"):
        load_pretrained(artefact)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '"spec"', "[" * 200_000, '{"format_version": ' + "9" * 5000 + "}"]
)
def test_a_damaged_spec_is_named(artefact, text):
    (artefact / "spec.json").write_text(text, encoding="utf-8")
    with pytest.raises(ArtefactError, match=r"spec\.json is damaged"):
        load_pretrained(artefact)


def test_a_folder_without_spec_is_no_artefact(tmp_path):
    with pytest.raises(ArtefactError, match=r"no spec\.json.*`matscout pretrain"):
        load_pretrained(tmp_path)
