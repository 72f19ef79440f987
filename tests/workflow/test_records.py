"""Results on the disk: what is written is read back, and nothing that is not ours is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import matscout
from matscout.data.materials import Materials
from matscout.errors import ArtefactError
from matscout.generate.base import Candidates, Removal, StageNote
from matscout.predict.model import Model
from matscout.remarks import Remark
from matscout.workflow.records import RECORD, read_record, write_record

PLAIN = st.none() | st.booleans() | st.integers() | st.text() | st.floats()
TREES = st.recursive(
    PLAIN | st.builds(Path, st.text("abc", min_size=1)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
        | st.frozensets(st.integers(), max_size=3)
    ),
    max_leaves=8,
)


def equal(first: Any, second: Any) -> bool:
    """The same kinds with the same values; NaN is NaN."""
    return bool(plain(first) == plain(second))


def plain(value: Any) -> Any:
    """A value as texts and tuples that compare as wanted."""
    if isinstance(value, np.ndarray):
        return "array", value.dtype.str, value.shape, plain(value.ravel().tolist())
    if isinstance(value, pl.DataFrame):
        return "table", tuple(value.schema.items()), plain(value.rows())
    if isinstance(value, Mapping):
        return "mapping", [(plain(name), plain(one)) for name, one in value.items()]
    if isinstance(value, list | tuple):
        return type(value).__name__, [plain(one) for one in value]
    if is_dataclass(value):
        return type(value), [plain(getattr(value, one.name)) for one in fields(value) if one.init]
    return type(value), repr(value) if isinstance(value, float) else value


def there_and_back(value: Any, folder: Path) -> Any:
    folder.mkdir(exist_ok=True)
    write_record(value, folder)
    return read_record(folder)


@given(TREES)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    assert equal(there_and_back(value, tmp_path_factory.mktemp("record")), value)


@given(arrays.arrays(st.sampled_from(["f8", "f4", "i8", "i1", "?", "<U3"]), arrays.array_shapes(min_side=0)))
def test_arrays_come_back_bit_by_bit(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    found = there_and_back({"one": value, "two": (value, 1)}, tmp_path_factory.mktemp("record"))
    assert found["one"].tobytes() == value.tobytes()
    assert found["two"][0].dtype == value.dtype


def test_a_data_set_and_candidates_come_back(tmp_path: Path) -> None:
    frame = pl.DataFrame({"formula": ["GaAs", "NaCl", "x"], "gap (eV)": ["1.4", "<8.5", "2"], "T": [300, 300, 400]})
    dataset = matscout.read(frame, target="gap", context="T", max_bad=0.5)
    assert equal(there_and_back(dataset, tmp_path / "a"), dataset)
    made = Candidates(Materials.from_formulas(["GaAs", "NaCl"]), np.array(["a", "b"]), (Remark("so", "It is so."),))
    note = StageNote("rule", {"exclude": ["Pb"]}, keep=None, reason="no lead", seconds=0.1)
    kept = made.without("rule", np.array([1]), np.array([0]), ["it holds Pb"], note)
    found = there_and_back(kept, tmp_path / "b")
    assert equal(found, kept)
    assert found.remarks[0].code == "so"
    assert isinstance(found.lost[0], Removal)


def test_a_model_comes_back_with_equal_predictions(tmp_path: Path) -> None:
    frame = pl.DataFrame({"formula": ["GaAs", "NaCl", "MgO", "ZnS", "KBr", "CaO", "SiC"] * 4, "gap": range(28)})
    model = matscout.fit(matscout.read(frame, target="gap"), model="gp", fast=True)
    found = there_and_back((model, 2), tmp_path)[0]
    assert isinstance(found, Model)
    asked = Materials.from_formulas(["GaN", "LiF"])
    assert equal(found.predict(asked, 0.8), model.predict(asked, 0.8))


class Colour(Enum):
    RED = 1


@dataclass(frozen=True)
class Foreign:
    a: int = 1
    b: list[int] = field(default_factory=list)


def test_what_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    @dataclass
    class Inner:
        a: int = 1

    for value in (object(), Inner(), np.array([object()]), {1: lambda: 1}):
        with pytest.raises(TypeError):
            write_record(value, tmp_path)


@pytest.mark.parametrize(
    "node",
    [
        {"record": ["os:system", {"command": "true"}]},
        {"record": ["matscout.store:Path", {}]},
        {"saved": ["matscout.predict.model:Model", "../.."]},
        {"table": "../secret.parquet"},
        {"record": ["matscout.data.dataset:Target", {"nonsense": 1}]},
        {"record": ["matscout.nothing:At", {}]},
        {"who": "knows"},
        {"array": "a0"},
    ],
)
def test_nothing_that_is_not_ours_is_made(tmp_path: Path, node: Any) -> None:
    (tmp_path / RECORD).write_text(json.dumps({"version": 1, "value": node}), encoding="utf-8")
    with pytest.raises(ArtefactError, match="contains no readable result"):
        read_record(tmp_path)


@pytest.mark.parametrize("value", [Colour.RED, Foreign()])
def test_classes_of_other_packages_are_refused_on_reading(tmp_path: Path, value: object) -> None:
    write_record(value, tmp_path)
    with pytest.raises(ArtefactError, match="a package that is not allowed"):
        read_record(tmp_path)


def test_another_version_is_told(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text(json.dumps({"version": 99, "value": 1}), encoding="utf-8")
    with pytest.raises(ArtefactError, match="another version of matscout"):
        read_record(tmp_path)
