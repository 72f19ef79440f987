from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.errors import InputError, UsageError
from matscout.workflow.parsing import check_level, existing, parse_assignments, parse_counts, parse_list


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
    with pytest.raises(UsageError, match=r"settings= .* is not of the form COL=VALUE"):
        parse_assignments([text], "--set", "COL=VALUE")


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
