"""Arrangements of defects in tables, and the way back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars
import pytest

import matscout
from matscout.data.defects.files import write_arrangements
from matscout.data.defects.tables import frame_of, matrix_from_text, parse_defects
from matscout.data.made_up import made_up_dataset
from matscout.errors import InputError
from matscout.remarks import codes

HOST = (
    "MoS2 | 3.2 0.0 0.0; -1.6 2.7712812921102037 0.0; 0.0 0.0 15.0 | "
    "Mo 0.3333 0.6667 0.25; S 0.6667 0.3333 0.15; S 0.6667 0.3333 0.35"
)


def table(**columns: list[object]) -> polars.DataFrame:
    return polars.DataFrame({"gap": [1.0, 2.0], **columns})


def test_what_is_written_is_read_again_exactly(tmp_path: Path) -> None:
    materials = made_up_dataset("defect", 20).materials
    assert materials.defects is not None
    frame = frame_of(materials.defects, materials.ids.tolist()).with_columns(polars.Series("gap", np.arange(20.0)))
    for name in ("sites.csv.gz", "sites.csv", "sites.parquet"):
        read = matscout.read(write_arrangements(frame, tmp_path / name), target="gap").materials
        assert read.defects is not None
        assert read.kind.name == "defect"
        np.testing.assert_allclose(read.defects.positions, materials.defects.positions, atol=1e-9)
        assert read.keys().tolist() == materials.keys().tolist()


def test_sites_are_numbered_in_the_order_of_the_supercell() -> None:
    parsed = parse_defects(["v(Mo)@3; Se(S)@5"], ["MoS2"], [HOST], ["2 2 1"])
    assert parsed.defects.sites.tolist() == [3, 5]
    assert parsed.defects.placed.all()


@pytest.mark.parametrize(
    ("text", "supercell", "reason"),
    [
        ("v(Mo)@5", "2 2 1", "site 5, which holds S"),
        ("v(Mo)@12", "2 2 1", "sites 0 to 11"),
        ("v(Mo)@0,0,0", "2 2 1", "no such site"),
        ("v(Mo)@3; v(S)", "2 2 1", "others have none"),
        ("v(S)@5; Se(S)@5", "2 2 1", "at the same place"),
        ("5 v(Mo)", "2 2 1", "5 defects on sites of Mo, but the cell has 4"),
        ("v(Mo)@3", "2 2", "no supercell"),
        ("v(Mo)@3", "0 2 1", "no volume"),
        ("v(Mo)@3", None, "not the cell they are in"),
        ("", "2 2 1", "no defects are named"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(text: str, supercell: str | None, reason: str) -> None:
    parsed = parse_defects([text, "none"], ["MoS2"] * 2, [HOST] * 2, [supercell, "2 2 1"])
    assert parsed.rows.tolist() == [1]
    assert reason in parsed.problems[0].reason


def test_supercells_are_written_in_several_ways() -> None:
    for text in ("8 8 1", "[8, 8, 1]", "8x8x1", "8,8,1", "8 0 0 0 8 0 0 0 1"):
        assert matrix_from_text(text) == (8, 0, 0, 0, 8, 0, 0, 0, 1)


def test_counts_alone_are_read_and_said_so() -> None:
    read = matscout.read(table(host=["MoS2", "ZnO"], defects=["v(S) + Se(S)", "2 v(O)"]), target="gap")
    assert read.materials.formulas.tolist() == ["MoS2: v(S) + Se(S)", "ZnO: 2 v(O)"]
    assert "defects-without-positions" in codes(read.provenance.remarks)
    assert read.materials.compositions.to_dict(1) == {"Zn": 1.0, "O": 1.0}


def test_what_was_and_is_there_are_columns_as_well() -> None:
    read = matscout.read(table(formula=["MoS2", "ZnO"], was=["S", "8"], now=["Se", "vacancy"]), target="gap")
    assert read.materials.formulas.tolist() == ["MoS2: Se(S)", "ZnO: v(O)"]


def test_vanadium_or_a_vacancy_is_a_question() -> None:
    with pytest.raises(InputError, match="a vacancy on S or vanadium on S"):
        matscout.read(table(host=["MoS2"] * 2, defects=["v(S)", "V_S"]), target="gap", max_bad=0.0)


def test_groups_by_formula_are_sets_of_defects() -> None:
    dataset = made_up_dataset("defect", 30)
    from matscout.data.grouping import group_labels

    groups = group_labels(dataset, "formula")
    assert dataset.materials.defects is not None
    assert groups.tolist() == dataset.materials.defects.texts().tolist()
