from __future__ import annotations

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matscout.data.column_sizes import bytes_of_values
from matscout.data.table_files import read_table
from matscout.errors import InputError


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pl.Series(["NaCl", "µ", None]), 6),
        (pl.Series(["NaCl", "NaCl", "K"], dtype=pl.Categorical), 9),
        (pl.Series(["a", "bb"], dtype=pl.Enum(["a", "bb"])), 3),
        (pl.Series([b"\xff\xff", b""]), 2),
        (pl.Series([1.0, None]), 16),
        (pl.Series([["abc", "d"], [], None]), 4),
        (pl.Series([{"a": "xy", "b": 1}, {"a": "z", "b": 2}]), 19),
        (pl.Series([[{"a": "xy"}], [{"a": "z"}, {"a": "z"}]]), 4),
        (pl.Series([], dtype=pl.List(pl.String)), 0),
    ],
)
def test_bytes_are_those_of_the_values(column: pl.Series, expected: int) -> None:
    assert bytes_of_values(column) == expected


@pytest.mark.parametrize(
    "columns", [{"formula": ["NaCl"] * 50_000_000}, {"a": [1] * 3_000_000, "formula": ["X"] * 3_000_000}]
)
def test_many_equal_rows_in_a_small_file_are_refused(columns, tmp_path) -> None:
    pl.DataFrame(columns).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match="rows, more than the 2,000,000"):
        read_table(tmp_path / "t.parquet")


def test_a_long_text_for_many_rows_is_refused(tmp_path) -> None:
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), pa.array(["A" * 5_000_000]))
    pq.write_table(pa.table({"formula": texts}), tmp_path / "t.parquet", store_schema=False)
    with pytest.raises(InputError, match="50,000 MB"):
        read_table(tmp_path / "t.parquet")
