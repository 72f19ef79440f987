"""``matscout check`` looks through files from which nothing could be learned yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from matscout.app.cli import run

NACL = """data_NaCl
_cell_length_a 5.64
_cell_length_b 5.64
_cell_length_c 5.64
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P 1'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Na1 Na 0 0 0
Cl1 Cl 0.5 0.5 0.5
"""


def checked(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    code = run(["check", str(path), *options])
    return code, capsys.readouterr().out


def test_columns_that_could_be_the_target_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.csv"
    rows = "NaCl,8.5,1\nKCl,8,2\nNaqCl,7,3\nMgO,7.8,4\nZnO,3.3,5\nGaN,3.4,6\n"
    path.write_text(f"formula,gap (eV),ZT\n{rows}", encoding="utf-8")
    code, shown = checked(path, capsys)
    assert code == 0
    assert "5 of 6 rows can be used, 1 cannot" in shown
    assert "NaqCl" in shown
    assert "several columns could be the target: gap (eV), ZT" in shown
    assert "rows have a value" not in shown


def test_candidates_need_no_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "candidates.csv"
    path.write_text("formula\nNaCl\nKCl\nMgO\n", encoding="utf-8")
    code, shown = checked(path, capsys)
    assert code == 0
    assert "3 of 3 rows can be used" in shown
    assert "no column with a measured property was found" in shown


def test_the_current_folder_has_a_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "crystals"
    folder.mkdir()
    (folder / "salt.cif").write_text(NACL, encoding="utf-8")
    monkeypatch.chdir(folder)
    code, shown = checked(Path(), capsys)
    assert code == 0
    assert shown.startswith("crystals: 1 of 1 row can be used")


def test_an_unusable_file_is_still_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "prose.csv"
    path.write_text("title,price\nhello there,1\ngood bye,2\n", encoding="utf-8")
    assert checked(path, capsys)[0] == 1
    assert checked(path, capsys, "--target", "weight")[0] == 2


def test_rows_without_a_label_and_rows_to_merge_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gaps.csv"
    path.write_text("formula,gap (eV)\nNaCl,8.5\nNaCl,8.4\nKCl,\nMgO,7.8\nZnO,3.3\n", encoding="utf-8")
    code, shown = checked(path, capsys)
    assert code == 0
    assert "4 of 5 rows have a value of gap" in shown
    assert "gap: no label in 1 row (4)" in shown
    cells = [cell.strip() for cell in next(line for line in shown.splitlines() if line.startswith("│ gap")).split("│")]
    assert cells[4:6] == ["4", "1"]
