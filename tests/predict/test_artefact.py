"""Artefacts: whole or not at all, readable by later versions, and clear about what is wrong with them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.golden import make_golden

import matscout
from matscout import registry
from matscout.data.materials import Materials
from matscout.data.stated_digests import with_digests
from matscout.errors import ArtefactError, MatscoutError, UsageError
from matscout.predict import artefact, artefact_folder
from matscout.predict.artefact import UPGRADES, load, load_models, predict_with, save_models
from matscout.predict.artefact_folder import ARTEFACT_VERSION
from matscout.predict.base import Predictions
from matscout.predict.former_names import FORMER_NAMES
from matscout.predict.model import Model
from matscout.predict.models.dummy import Dummy
from matscout.predict.states import State
from matscout.represent.embedding import make_representation

GOLDEN = Path(__file__).parents[1] / "golden"
GOLDEN_FOLDERS = sorted(path.parent for path in GOLDEN.glob("artefact-*/*/expected.json"))
CURRENT = [folder for folder in GOLDEN_FOLDERS if folder.parent.name == f"artefact-{ARTEFACT_VERSION}"]


@pytest.fixture
def model(make_dataset) -> Model:
    return matscout.fit(make_dataset(30, context=True), model="dummy")


@pytest.fixture
def folder(model: Model, tmp_path: Path) -> Path:
    return model.save(tmp_path / "model")


def test_a_model_and_its_card_come_back(model: Model, folder: Path, make_dataset) -> None:
    again = load(folder)
    assert again.card == model.card
    materials = make_dataset(30, context=True).materials
    np.testing.assert_array_equal(again.predict(materials).upper, model.predict(materials).upper)
    assert (folder / "card.md").read_text(encoding="utf-8") == model.card.to_markdown()


def test_a_model_without_a_card_says_so(make_dataset, tmp_path: Path) -> None:
    folder = Dummy().fit(make_dataset(10)).save(tmp_path / "bare")
    assert "not recorded" in (folder / "card.md").read_text(encoding="utf-8")
    assert load(folder).card is None
    assert list(load_models(folder)) == ["bare"]


def test_several_targets_share_a_folder(make_dataset, tmp_path: Path) -> None:
    dataset = make_dataset(20)
    odd = "κ/σ: ratio?"
    both = replace(dataset, targets={"gap": dataset.target(), odd: replace(dataset.target(), name=odd)})
    models = {name: matscout.fit(both, name, model="dummy") for name in both.targets}
    folder = save_models(models, tmp_path / "models")
    again = load_models(folder)
    assert list(again) == ["gap", odd]
    assert {name: model.card.target for name, model in again.items()} == {"gap": "gap", odd: odd}
    with pytest.raises(ArtefactError, match="contains models for gap, κ/σ"):
        load(folder)
    assert load(folder / "target-2").card.target == odd


def test_one_model_is_read_the_same_from_either_kind_of_folder(model: Model, tmp_path: Path) -> None:
    single = model.save(tmp_path / "single")
    index = save_models({"gap": model}, tmp_path / "index")
    assert load(single).card == load(index).card == load_models(single)["gap"].card == load_models(index)["gap"].card


def test_an_artefact_holds_no_pickle_and_only_its_four_files(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["arrays.npz", "card.md", "made.json", "spec.json"]
    with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)


def test_a_failed_save_leaves_the_older_model(model: Model, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (folder / "spec.json").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(artefact_folder.np, "savez_compressed", full)
    with pytest.raises(OSError, match="No space"):
        model.save(folder)
    with pytest.raises(OSError, match="No space"):
        model.save(folder.parent / "other")
    assert (folder / "spec.json").read_bytes() == before
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_an_older_model_is_replaced_but_nothing_else_is(model: Model, folder: Path, tmp_path: Path) -> None:
    model.save(folder)
    results = tmp_path / "results"
    results.mkdir()
    (results / "precious.csv").write_text("1", encoding="utf-8")
    with pytest.raises(UsageError, match="is not a saved model"):
        model.save(results)
    with pytest.raises(UsageError, match="is a file"):
        model.save(results / "precious.csv")


OF_THE_MODEL = ("plug_in", "model_version", "predictor")


def edit_spec(folder: Path, **changes: object) -> None:
    """As someone does who knows of the digests."""
    path = folder / "spec.json"
    spec = json.loads(path.read_text(encoding="utf-8"))
    inside = {name: value for name, value in changes.items() if name in OF_THE_MODEL}
    spec = {**spec, **{name: value for name, value in changes.items() if name not in OF_THE_MODEL}}
    if inside:
        spec["model"] = {**spec["model"], **inside}
    files = ["arrays.npz"] if (folder / "arrays.npz").is_file() else []
    path.write_text(json.dumps(with_digests(spec, folder, *files)), encoding="utf-8")


def test_a_folder_that_is_no_artefact_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=r"no spec\.json"):
        load(tmp_path / "nowhere")
    (tmp_path / "spec.json").write_text('{"name": "something else"}', encoding="utf-8")
    with pytest.raises(ArtefactError, match="damaged, or was not written by matscout"):
        load(tmp_path)
    (tmp_path / "spec.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(ArtefactError, match="damaged, or was not written by matscout"):
        load(tmp_path)


def test_a_newer_artefact_asks_for_an_upgrade(folder: Path) -> None:
    edit_spec(folder, artefact_version=ARTEFACT_VERSION + 1)
    with pytest.raises(ArtefactError, match=r"newer matscout.*pip install --upgrade"):
        load(folder)


def test_another_version_of_a_model_asks_for_a_new_fit(folder: Path) -> None:
    edit_spec(folder, model_version=99)
    with pytest.raises(ArtefactError, match="cannot upgrade it: fit the model again, or install the matscout"):
        load(folder)


def test_a_model_that_is_not_installed_is_named(folder: Path) -> None:
    edit_spec(folder, plug_in="crystal-ball")
    with pytest.raises(ArtefactError, match="'crystal-ball'"):
        load(folder)


def test_another_kind_of_artefact_is_refused(folder: Path) -> None:
    edit_spec(folder, kind="representation")
    with pytest.raises(ArtefactError, match="contains a representation"):
        load(folder)


def test_damage_is_told(folder: Path) -> None:
    arrays = folder / "arrays.npz"
    whole = arrays.read_bytes()
    arrays.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ArtefactError, match="damaged"):
        load(folder)
    arrays.write_bytes(b"not a zip file")
    with pytest.raises(ArtefactError, match="damaged"):
        load(folder)
    arrays.unlink()
    with pytest.raises(ArtefactError, match=r"arrays\.npz is missing"):
        load(folder)
    np.savez(arrays, other=np.zeros(3))
    with pytest.raises(ArtefactError, match="damaged"):
        load(folder)


def test_pickles_are_not_opened(folder: Path) -> None:
    np.savez(folder / "arrays.npz", allow_pickle=True, **{"labels/values": np.array([{}], dtype=object)})
    with pytest.raises(ArtefactError, match="damaged"):
        load(folder)


def test_there_is_a_golden_artefact_of_every_version_and_a_way_up_from_each() -> None:
    versions = {int(folder.parent.name.removeprefix("artefact-")) for folder in GOLDEN_FOLDERS}
    assert versions == set(range(1, ARTEFACT_VERSION + 1))
    assert set(UPGRADES) == set(range(1, ARTEFACT_VERSION))


def test_there_is_a_golden_artefact_of_every_kind_of_model() -> None:
    stored = {folder.name for folder in CURRENT}
    assert stored == set(make_golden.KINDS) == {plug_in.name for plug_in in registry.plug_ins("models")}


@pytest.mark.parametrize("stored", GOLDEN_FOLDERS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_golden_artefacts_still_predict_what_they_did(stored: Path) -> None:
    expected = json.loads((stored / "expected.json").read_text(encoding="utf-8"))
    if "formulas" in expected:  # The first ones hold one column for each target.
        materials = Materials.from_formulas(expected.pop("formulas"))
        expected = {"targets": {name: {"upper": column} for name, column in expected.items()}}
    else:
        materials = make_golden.DATASETS[expected["rows"]]().materials
    models = load_models(stored)
    assert set(models) == set(expected["targets"])
    for target, model in models.items():
        with make_golden.stand_in():
            found = make_golden.columns(model.predict(materials, make_golden.LEVEL))
        # Networks in single precision round differently on other machines; each representation says how much.
        close = max([1e-9, *(make_representation(used).tolerance for used in model.representations)])
        found.setdefault("upper", found.get("probabilities"))
        for name, column in expected["targets"][target].items():
            np.testing.assert_allclose(found[name], column, rtol=close, atol=close, err_msg=f"{target} {name}")


def schema(folder: Path) -> dict[str, object]:
    """The names and kinds of everything in an artefact but for the digests, which older ones lack."""

    def shape(value: object) -> object:
        if isinstance(value, dict):
            return {key: shape(inner) for key, inner in value.items()}
        return "number" if isinstance(value, int | float) else type(value).__name__

    with np.load(folder / "arrays.npz", allow_pickle=False) as stored:
        arrays = {name: (stored[name].dtype.kind, stored[name].ndim) for name in stored.files}
    spec = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
    spec.pop("sha256", None)
    return {"spec": shape(spec), "arrays": arrays}


@pytest.mark.parametrize("stored", CURRENT, ids=lambda path: path.name)
def test_the_format_does_not_change_without_a_new_version(stored: Path, tmp_path: Path) -> None:
    """If this fails: raise ARTEFACT_VERSION, add an entry to UPGRADES, and run tests/golden/make_golden.py."""
    models = load_models(stored)
    again = save_models(models, tmp_path / "again")
    places = [f"target-{place}" for place in range(1, len(models) + 1)]
    for place in places:
        assert schema(again / place) == schema(stored / place)
    if hasattr(next(iter(models.values())), "summary"):
        return  # Which members a stack keeps may hang on the last digits of another machine.
    kind = make_golden.KINDS[stored.name]
    weights = make_golden.small_network(tmp_path) if "{weights}" in kind.address else ""
    fresh = save_models(make_golden.fitted(kind, weights), tmp_path / "fresh")
    for place in places:
        assert schema(fresh / place) == schema(stored / place)


def test_golden_artefacts_of_older_versions_are_upgraded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain is walked step by step; today's version plays the part of the oldest."""
    model = load(folder)
    steps = []

    def step(state):
        steps.append(len(steps))
        return state

    for module in (artefact, artefact_folder):
        monkeypatch.setattr(module, "ARTEFACT_VERSION", ARTEFACT_VERSION + 2)
    monkeypatch.setattr(artefact, "UPGRADES", {ARTEFACT_VERSION: step, ARTEFACT_VERSION + 1: step})
    assert load(folder).card == model.card
    assert steps == [0, 1]


@pytest.mark.parametrize("stored", CURRENT, ids=lambda path: path.name)
def test_a_model_of_an_older_version_of_its_kind_is_upgraded(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its version moves by two: each step is walked, and what the last one changes is what is read."""
    model = next(iter(load_models(stored).values()))
    maker = type(model.predictor)
    first = maker.version
    steps = []

    def upgraded(state: State) -> State:
        steps.append(state.spec["options"]["seed"])
        return State({**state.spec, "options": {**state.spec["options"], "seed": len(steps)}}, state.arrays)

    monkeypatch.setattr(maker, "version", first + 2)
    with pytest.raises(ArtefactError, match=rf"of version {first} of {model.name}, .* cannot upgrade it"):
        load_models(stored)
    monkeypatch.setattr(maker, "upgrades", {first: upgraded, first + 1: upgraded})
    place = stored / next(iter(json.loads((stored / "spec.json").read_text(encoding="utf-8"))["targets"].values()))
    assert load(place).seed == 2
    assert steps == [0, 1]


def test_every_version_of_a_model_that_a_golden_artefact_holds_has_a_way_up() -> None:
    for folder in GOLDEN_FOLDERS:
        for place in folder.glob("target-*"):
            spec = json.loads((place / "spec.json").read_text(encoding="utf-8"))
            stored = spec.get("model", spec)
            name = stored["plug_in"]
            maker = registry.load_class("models", FORMER_NAMES[name].name if name in FORMER_NAMES else name)
            assert set(range(stored["model_version"], maker.version)) <= set(maker.upgrades), place


def test_a_copied_folder_works_elsewhere(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "a place with spaces"
    shutil.copytree(folder, place)
    assert load(place).name == "dummy"


FOREST = GOLDEN / f"artefact-{ARTEFACT_VERSION}" / "trees" / "target-1"


def altered(array: np.ndarray) -> Iterator[np.ndarray]:
    """What someone could put in its place."""
    yield from (array[:0], array[:-1], np.concatenate([array, array]), array[..., None], array.astype(str))
    extremes = [-1, np.iinfo(np.int32).max, 2**62] if array.dtype.kind in "iu" else [np.nan, np.inf, -1e308]
    for value in extremes if array.dtype.kind != "U" else []:
        changed = array.astype(np.int64 if array.dtype.kind in "iu" else np.float64)
        changed[len(changed) // 2 :] = value
        yield changed
        with np.errstate(over="ignore"):
            yield changed.astype(array.dtype)


@pytest.mark.parametrize("name", sorted(np.load(FOREST / "arrays.npz").files))
def test_altered_arrays_are_refused_or_predict_numbers(name: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOREST, tmp_path / "model"))
    arrays = dict(np.load(folder / "arrays.npz"))
    for changed in altered(arrays[name]):
        np.savez(folder / "arrays.npz", **{**arrays, name: changed})
        edit_spec(folder)
        try:
            found = predict_with({"a": load(folder)}, Materials.from_formulas(["NaCl", "GaAs"]), 0.9, folder)["a"]
        except MatscoutError:
            continue
        assert isinstance(found, Predictions)
        assert np.isfinite(found.predicted).all()


@pytest.mark.parametrize("part", ["roots", "feature", "threshold", "right", "leaf_values"])
def test_trees_that_lead_nowhere_are_refused(part: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOREST, tmp_path / "model"))
    arrays = dict(np.load(folder / "arrays.npz"))
    for name in [name for name in arrays if name.endswith(f"/{part}")]:
        value = np.nan if arrays[name].dtype.kind == "f" else 10**6
        np.savez(folder / "arrays.npz", **{**arrays, name: np.full_like(arrays[name], value)})
        edit_spec(folder)
        with pytest.raises(ArtefactError):
            load(folder).predict(Materials.from_formulas(["NaCl"]))


def test_a_file_that_was_changed_is_told_by_its_digest(folder: Path) -> None:
    arrays, spec = folder / "arrays.npz", folder / "spec.json"
    whole = arrays.read_bytes()
    for place in range(0, len(whole), len(whole) // 20):
        arrays.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(ArtefactError, match=r"arrays\.npz is damaged or another file"):
            load(folder)
    arrays.write_bytes(whole)
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace('"fast": ', '"fast":  '), encoding="utf-8")
    assert load(folder).name == "dummy"
    spec.write_text(text.replace('"kind": "model"', '"kind": "model", "note": 1'), encoding="utf-8")
    with pytest.raises(ArtefactError, match=r"spec\.json is damaged or another file"):
        load(folder)


@pytest.mark.parametrize(
    "changes",
    [
        *({"artefact_version": value} for value in (-1, 0, "2", 2.9, True, None, [])),
        {"kind": ["model"]},
        {"card": []},
        {"card": {"target": 5}},
        {"model": None},
        {"model": []},
        {"predictor": None},
        {"predictor": {}},
        {"plug_in": "os"},
        {"plug_in": "../../x"},
        {"plug_in": ["dummy"]},
        {"model_version": "1"},
        {"sha256": 5},
        {"sha256": {"/etc/passwd": ""}},
    ],
    ids=str,
)
def test_altered_specs_are_refused(changes: dict[str, object], folder: Path) -> None:
    edit_spec(folder, **changes)
    if "sha256" in changes:
        spec = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
        (folder / "spec.json").write_text(json.dumps({**spec, **changes}), encoding="utf-8")
    with pytest.raises(ArtefactError):
        load(folder)


@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"artefact_version": ' + "9" * 5000 + "}", '{"artefact_version": 1e400}']
)
def test_specs_that_no_one_can_read_are_refused(text: str, folder: Path) -> None:
    (folder / "spec.json").write_text(text, encoding="utf-8")
    with pytest.raises(ArtefactError, match=r"spec\.json is damaged"):
        load(folder)


@pytest.mark.parametrize("place", ["..", ".", "/tmp", "../other", "a/b", "a\\b", "", 5, None])
def test_targets_lead_to_sub_folders_only(place: object, folder: Path, tmp_path: Path) -> None:
    outer = tmp_path / "models"
    shutil.copytree(folder, outer / "target-1")
    (outer / "spec.json").write_text(
        json.dumps({"artefact_version": ARTEFACT_VERSION, "kind": "models", "targets": {"gap": place}})
    )
    with pytest.raises(ArtefactError, match="does not name sub-folders"):
        load_models(outer)
    for targets in ({}, [], 5, None, {"gap": "target-1"}):
        edit_spec(outer, targets=targets)
        if targets == {"gap": "target-1"}:
            assert list(load_models(outer)) == ["gap"]
        else:
            with pytest.raises(ArtefactError, match="does not name sub-folders"):
                load(outer)


def test_models_within_models_are_refused(folder: Path, tmp_path: Path) -> None:
    outer = tmp_path / "models"
    spec = {"artefact_version": ARTEFACT_VERSION, "kind": "models", "targets": {"gap": "inner"}}
    for place in (outer, outer / "inner"):
        place.mkdir()
        (place / "spec.json").write_text(json.dumps(spec))
    for read in (load, load_models):
        with pytest.raises(ArtefactError, match="several models instead of one"):
            read(outer)
