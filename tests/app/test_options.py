from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.app.options import (
    FitOptions,
    check_level,
    existing,
    parse_assignments,
    parse_counts,
    parse_list,
    parse_scales,
)
from matscout.data.dataset import Dataset
from matscout.data.reading import read
from matscout.errors import InputError, UsageError


def test_list() -> None:
    assert parse_list(" Cd, Pb,,Hg ") == ("Cd", "Pb", "Hg")
    assert parse_list(None) == ()


def test_assignment_is_divided_at_the_last_equals_sign() -> None:
    assert parse_assignments(["T = 600", "x=y=K"], "--unit", "COL=UNIT") == {"T": "600", "x=y": "K"}


@given(st.dictionaries(st.text("abc =", min_size=1).filter(str.strip), st.text("xyz/", min_size=1), max_size=4))
def test_assignments_round_trip(assignments: dict[str, str]) -> None:
    stripped = {name.strip(): value for name, value in assignments.items()}
    texts = [f"{name}={value}" for name, value in stripped.items() if not name.endswith("=")]
    parsed = parse_assignments(texts, "--unit", "COL=UNIT")
    assert all(stripped[name] == value for name, value in parsed.items())


@pytest.mark.parametrize("text", ["temperature", "=600", "temperature="])
def test_assignment_needs_both_sides(text: str) -> None:
    with pytest.raises(UsageError, match=r"--set .* is not of the form COL=VALUE"):
        parse_assignments([text], "--set", "COL=VALUE")


def test_scales_are_of_all_or_of_a_column() -> None:
    assert parse_scales(None) == {}
    assert parse_scales(["linear", "sigma (S/m) = log"]) == {"": "linear", "sigma (S/m)": "log"}


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["cubic"], "there is no scale 'cubic'; choose one of auto, linear, log"),
        (["sigma=ln"], "there is no scale 'ln'"),
        (["=log"], "--scale '=log' is not of the form COL="),
        (["log", "linear"], "--scale is given twice for all columns"),
        (["a=log", "a=auto"], "--scale is given twice for 'a'"),
    ],
)
def test_wrong_scales_are_told(texts: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        FitOptions(scales=texts)


def two_targets() -> Dataset:
    frame = pl.DataFrame({"formula": ["PbTe", "SnTe", "GeTe"], "sigma (S/m)": [1.0, 2.0, 3.0], "zT": [0.0, 0.1, 0.2]})
    return read(frame, target=("sigma", "zT"))


@pytest.mark.parametrize(
    ("scales", "asked"),
    [
        (None, ("auto", "auto")),
        (["linear"], ("linear", "linear")),
        (["sigma=log"], ("log", "auto")),
        (["log", "zT=linear"], ("log", "linear")),
        (["sigma (S/m)=log", "linear"], ("log", "linear")),
    ],
)
def test_a_scale_is_that_of_its_column(scales: list[str] | None, asked: tuple[str, str]) -> None:
    told = FitOptions(scales=scales).on_scales(two_targets())
    assert tuple(target.asked_scale for target in told.targets.values()) == asked


def test_a_scale_of_what_is_no_target_or_has_no_logarithm_is_refused() -> None:
    with pytest.raises(UsageError, match="--scale names 'kappa', which is no target; there are sigma, zT"):
        FitOptions(scales=["kappa=log"]).on_scales(two_targets())
    with pytest.raises(UsageError, match="'zT' are 0 or negative"):
        FitOptions(scales=["zT=log"]).on_scales(two_targets())


def test_counts() -> None:
    assert parse_counts("50, 100", "--labels") == (50, 100)
    for text in ("50,ten", "0", "-5", "2.5"):
        with pytest.raises(UsageError, match="--labels takes positive whole numbers"):
            parse_counts(text, "--labels")


@pytest.mark.parametrize("level", [0.0, 1.0, 90.0, -0.5])
def test_level_is_a_fraction(level: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        check_level(level)


def test_missing_file_names_near_ones(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").touch()
    assert existing(tmp_path / "labels.csv") == tmp_path / "labels.csv"
    with pytest.raises(InputError, match=r"did you mean labels\.csv\?"):
        existing(tmp_path / "label.csv")
    with pytest.raises(InputError, match="give the path"):
        existing(tmp_path / "nowhere" / "zzz.xlsx")
