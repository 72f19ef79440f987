"""Arrays of frozen records cannot be written to; nothing is copied, and the maker's own array stays its own."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from matscout.data.dataset import Dataset, Target
from matscout.data.kinds import KindName
from matscout.data.made_up import made_up_dataset
from matscout.data.read_only import lock
from matscout.predict.fitting import fit
from matscout.represent.embedding import embed


@dataclass(frozen=True)
class Record:
    values: np.ndarray
    columns: dict[str, Any]
    name: str = "x"

    def __post_init__(self) -> None:
        lock(self)


def arrays_in(record: Any) -> list[np.ndarray]:
    """All arrays that a record and the records in it hold."""
    found = []
    for field in fields(record):
        value = getattr(record, field.name)
        for one in value.values() if isinstance(value, dict) else [value]:
            found += [one] if isinstance(one, np.ndarray) else arrays_in(one) if is_dataclass(one) else []
    return found


def test_a_view_takes_the_place_of_each_array() -> None:
    made = np.arange(3.0)
    record = Record(made, {"a": made, "b": "text"})
    assert record.values.base is made
    assert record.columns["b"] == "text"
    for held in (record.values, record.columns["a"]):
        with pytest.raises(ValueError, match="read-only"):
            held[0] = 5.0
    made[0] = 7.0
    assert record.values[0] == 7.0
    assert not replace(record, name="y").values.flags.writeable


@pytest.mark.parametrize("kind", ["composition", "crystal", "reaction"])
def test_nothing_of_a_data_set_can_be_written_to(kind: KindName) -> None:
    dataset = made_up_dataset(kind, 12, context=True, groups=True)
    for whole in (dataset, dataset[3:7], dataset[np.array([5, 1])]):
        found = arrays_in(whole)
        assert len(found) > 8
        assert not any(array.flags.writeable for array in found)


def test_nothing_of_predictions_and_vectors_can_be_written_to() -> None:
    dataset = made_up_dataset("composition", 30)
    predictions = fit(dataset, model="gp", fast=True).predict(dataset.materials)
    for record in (predictions, embed(dataset.materials, "magpie")):
        found = arrays_in(record)
        assert len(found) > 1
        assert not any(array.flags.writeable for array in found)


def test_a_users_own_array_stays_writable() -> None:
    values = np.arange(5.0)
    Dataset(made_up_dataset("composition", 5).materials, {"x": Target("x", values)})
    assert values.flags.writeable
