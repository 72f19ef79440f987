"""What `matscout evaluate` says of its tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from matscout.app.cli import run

pytestmark = pytest.mark.usefixtures("few_trees")

FORMULAS = [
    "NaCl",
    "KBr",
    "LiF",
    "MgO",
    "CaS",
    "ZnSe",
    "GaN",
    "AlP",
    "InSb",
    "SiC",
    "TiO2",
    "Al2O3",
    "ZnO",
    "CdTe",
    "GaAs",
    "Ge",
    "Si",
    "KCl",
    "NaBr",
    "ZnS",
    "CdS",
    "InP",
    "PbTe",
    "SnO2",
]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    rows = "".join(f"{formula},{place % 7 + 0.1 * place}\n" for place, formula in enumerate(FORMULAS))
    path.write_text(f"formula,gap (eV)\n{rows}", encoding="utf-8")
    return path


def titles(labels: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    assert run(["evaluate", str(labels), "--model", "dummy", "--level", "0.7", *options]) == 0
    text = " ".join(
        line.strip() for line in capsys.readouterr().out.splitlines() if not line.startswith(tuple("┏┃┡│└"))
    )
    return re.findall(r"gap (?:\(eV\): masked|\(eV\): kfold|by number).*?(?=gap by number|MAE of|$)", text)


@pytest.mark.parametrize(("draws", "beside"), [(1, ""), (3, ", the predictions of its 3 draws pooled")])
def test_the_tables_of_masked_labels_say_what_each_is(
    labels: Path, capsys: pytest.CaptureFixture[str], draws: int, beside: str
) -> None:
    first, second = titles(labels, capsys, "--protocol", "masked", "--n-labels", "8,14", "--repeats", str(draws))
    assert first.rstrip().endswith(f"24 rows; scores with the most labels, 14{beside}")
    told = "the scores of each draw, their mean ± standard deviation over 3 draws" if draws > 1 else "one draw"
    assert second.startswith(f"gap by number of labels: {told}")


def test_other_protocols_have_one_table(labels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (only,) = titles(labels, capsys)
    assert "most labels" not in only
