"""Point defects as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.defects.column_store import type_name
from matscout.data.defects.texts import is_arrangement, parse_arrangement, parse_defect, written_arrangement
from matscout.data.elements import SYMBOLS


@pytest.mark.parametrize(
    ("text", "was", "now"),
    [
        ("v(Mo)", 42, 0),
        ("Va_O1", 8, 0),
        ("vac_S", 16, 0),
        ("v_S", 16, 0),
        ("Se(S)", 16, 34),
        ("Se_S", 16, 34),
        ("Se_S2", 16, 34),
        ("i(Li)", 0, 3),
        ("Li_i", 0, 3),
        ("Li_i1", 0, 3),
        ("V(Mo)", 42, 23),
        ("V_i", 0, 23),
    ],
)
def test_notations_of_the_field_are_read(text: str, was: int, now: int) -> None:
    one = parse_defect(text)
    assert (one.was, one.now, one.count) == (was, now, 1)


def test_places_and_numbers_are_read() -> None:
    first, second = parse_arrangement("v(Mo)@12; Se(S)@ 1.5,2,-3e-1")
    assert (first.site, second.position) == (12, (1.5, 2.0, -0.3))
    for text in ("2 v(S)", "2x v(S)", "v(S):2", "v(S) x2", "v(S)*2"):
        (several,) = parse_arrangement(text)
        assert (several.was, several.now, several.count) == (16, 0, 2)
    assert [one.count for one in parse_arrangement("v(Mo) + 2 v(S)")] == [1, 2]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("V_Mo", "a vacancy on Mo or vanadium on Mo"),
        ("v(Xx)", "'Xx' is no element"),
        ("S(S)", "on its own site"),
        ("v(S)@left", "'left' is no place"),
        ("2 v(S)@3", "at one place"),
        ("v(S);", "a defect is missing"),
        ("S:0.98,Se:0.02", "is no defect"),
        ("MoS2", "is no defect"),
    ],
)
def test_what_is_no_defect_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_arrangement(text)


def test_no_defects_are_named() -> None:
    assert parse_arrangement("none") == parse_arrangement("Pristine") == ()
    assert not is_arrangement("none")
    assert written_arrangement([], []) == "none"


symbols = st.sampled_from(SYMBOLS)
places = st.tuples(*[st.floats(-50, 50).map(lambda x: round(x, 6))] * 3)
codes = st.tuples(st.integers(0, 118), st.integers(0, 118)).filter(lambda one: one[0] != one[1])


@given(st.lists(st.tuples(codes, places), max_size=5))
def test_what_is_written_is_read_again(sites: list[tuple[tuple[int, int], tuple[float, ...]]]) -> None:
    text = written_arrangement([type_name(*code) for code, _ in sites], [place for _, place in sites])
    again = parse_arrangement(text)
    assert [(one.was, one.now) for one in again] == [code for code, _ in sites]
    for one, (_, place) in zip(again, sites, strict=True):
        assert one.position == pytest.approx(place, abs=1e-6)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_arrangement(text)
    except ValueError as error:
        assert str(error)
