"""Columns of numbers as labs write them, each with the values that are right (``columns.json``, a page of the docs)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.cases.written import column, put

from matscout.data.quantities import UnclearNumbersError
from matscout.data.reading import read

CASES = json.loads((Path(__file__).parent / "columns.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}: {case['cells'][0]}")
def test_columns_of_numbers(tmp_path: Path, case: dict[str, Any]) -> None:
    path = put(tmp_path, column(case["cells"], case["heading"], case["delimiter"]))
    if case["right"] == "refused":
        with pytest.raises(UnclearNumbersError, match=case["said"]):
            read(path)
        return
    dataset = read(path, max_bad=1.0)
    assert dataset.row_numbers is not None
    found = dict(zip(dataset.row_numbers.tolist(), dataset.target().values.tolist(), strict=True))
    wanted = [np.nan if value is None else value for value in case["right"]]
    np.testing.assert_allclose([found.get(row, np.nan) for row in range(2, 2 + len(wanted))], wanted)
    told = [*dataset.provenance.remarks, *(reading.rule for reading in dataset.readings)]
    assert not case["said"] or any(case["said"] in text for text in told), told
