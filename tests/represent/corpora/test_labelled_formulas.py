"""The corpus of labelled formulas: what it reads, what it leaves out and says, what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars
import pytest

from matscout.data.formulas import parse_formulas
from matscout.errors import InputError, UsageError
from matscout.represent.corpora.labelled_formulas import LabelledFormulas
from matscout.represent.seen import marks

ROWS = {
    "formula": ["Fe2O3", "Xq2", "BaTiO3", None, "Li0.99Na0.01F"],
    "gap (eV)": [2.1, 1.0, None, 1.0, float("inf")],
    "metal": [False, True, False, None, None],
    "source": ["a", "b", "c", "d", "e"],
}


def write(folder: Path, columns: dict[str, list[object]]) -> str:
    path = folder / "labels.parquet"
    polars.DataFrame(columns).write_parquet(path)
    return str(path)


def test_what_is_read_and_what_is_left_out(tmp_path):
    corpus = LabelledFormulas(write(tmp_path, ROWS))
    assert len(corpus) == 3
    assert corpus.label_names == ("gap (eV)", "metal")
    np.testing.assert_array_equal(corpus.labels, np.array([[2.1, 0], [np.nan, 0], [np.nan, np.nan]], dtype=np.float32))
    assert corpus.summary[0] == "3 formulas of labels.parquet; 2 unreadable formulas were left out"
    assert "gap (eV): 1, metal: 2" in corpus.summary[1]
    readable = parse_formulas(["Fe2O3", "BaTiO3", "Li0.99Na0.01F"]).compositions
    np.testing.assert_array_equal(corpus.marks, marks(readable))


def test_rows_of_one_composition_are_a_family(tmp_path):
    corpus = LabelledFormulas(write(tmp_path, {"formula": ["Fe2O3", "NaCl", "Fe4O6"], "gap (eV)": [2.1, 8.5, 2.2]}))
    assert corpus.families[0] == corpus.families[2] != corpus.families[1]


def test_a_batch_holds_the_labels_of_its_rows(tmp_path):
    batch = LabelledFormulas(write(tmp_path, ROWS))[np.array([1, 0])]
    assert batch.blocks == ((1, 2), (1, 3))
    assert batch.elements.tolist() == [7, 25, 7, 21, 55]
    np.testing.assert_array_equal(batch.labels, np.array([[2.1, 0], [np.nan, 0]], dtype=np.float32))


def test_the_digest_is_that_of_the_data_not_of_the_file(tmp_path):
    first = LabelledFormulas(write(tmp_path, ROWS)).digest
    polars.DataFrame(ROWS).write_parquet(tmp_path / "other.parquet", compression="uncompressed")
    assert LabelledFormulas(str(tmp_path / "other.parquet")).digest == first
    assert LabelledFormulas(write(tmp_path, {**ROWS, "gap (eV)": [2.2, 1.0, None, 1.0, None]})).digest != first


def test_targets_can_be_chosen(tmp_path):
    assert LabelledFormulas(write(tmp_path, ROWS), targets=["metal"]).labels.shape == (3, 1)
    with pytest.raises(UsageError, match=r"data\.targets: 'source' is not a column of numbers"):
        LabelledFormulas(write(tmp_path, ROWS), targets=["source"])


def test_where_the_table_comes_from(tmp_path):
    (tmp_path / "origin.md").write_text("# Sources\nA paper, CC-BY 4.0.", encoding="utf-8")
    corpus = LabelledFormulas(write(tmp_path, ROWS), origin=str(tmp_path / "origin.md"))
    assert "CC-BY 4.0" in corpus.origin
    with pytest.raises(InputError, match=r"nowhere\.md cannot be read as text"):
        LabelledFormulas(write(tmp_path, ROWS), origin=str(tmp_path / "nowhere.md"))


def test_unusable_files_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"cannot be read as a Parquet table .* data\.labels=PATH"):
        LabelledFormulas(str(tmp_path / "nowhere.parquet"))
    foreign = tmp_path / "foreign.parquet"
    foreign.write_text("formula,gap\nFe2O3,2.1\n", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read as a Parquet table"):
        LabelledFormulas(str(foreign))
    with pytest.raises(InputError, match=r"no text column 'formula'; its columns: composition"):
        LabelledFormulas(write(tmp_path, {"composition": ["Fe"], "gap": [1.0]}))
    with pytest.raises(InputError, match="no column of numbers"):
        LabelledFormulas(write(tmp_path, {"formula": ["Fe"], "gap": ["x"]}))
    with pytest.raises(InputError, match=r"none of the 1 formulas can be read; first: row 1: 'Xq'"):
        LabelledFormulas(write(tmp_path, {"formula": ["Xq"], "gap": [1.0]}))
