"""Laws as a person writes them: read as arithmetic, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.errors import UsageError
from matscout.predict.laws import Law


def test_a_law_is_what_it_says() -> None:
    law = Law.parse(" S**2 * sigma*T / kappa ")
    assert law.names == ("S", "sigma", "T", "kappa")
    values = {
        "S": np.array([2.0, 3.0]),
        "sigma": np.array([5.0]),
        "T": np.float64(300.0),
        "kappa": np.array([2.0, 4.0]),
    }
    np.testing.assert_allclose(law(values), [4 * 5 * 300 / 2, 9 * 5 * 300 / 4])
    assert Law.parse("-(a + 2e-3) ** 2")({"a": np.array([1.0])})[0] == pytest.approx(-(1.002**2))


NUMBERS = st.floats(0.1, 10.0).map(lambda value: round(value, 3))
TEXTS = st.recursive(
    st.one_of(NUMBERS.map(str), st.sampled_from(["a", "b"])),
    lambda inner: st.builds(lambda one, sign, other: f"({one}{sign}{other})", inner, st.sampled_from("+-*/"), inner),
    max_leaves=8,
)


@given(TEXTS, NUMBERS, NUMBERS)
def test_it_counts_as_python_does(text: str, a: float, b: float) -> None:
    text = f"{text} + a - b"
    try:
        expected = eval(text, {"a": a, "b": b})
    except ZeroDivisionError:
        expected = None
    found = float(Law.parse(text)({"a": np.float64(a), "b": np.float64(b)}))
    if expected is None:
        assert not np.isfinite(found)
    else:
        assert found == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("__import__('os').system('true')", "holds"),
        ("a.b", "holds 'a.b'"),
        ("f(a)", r"holds 'f\(a\)'"),
        ("a if b else c", "holds"),
        ("a < b", "holds 'a < b'"),
        ("a[0]", "holds"),
        ("lambda: a", "holds"),
        ("'x' * a", "holds"),
        ("True + a", "holds 'True'"),
        ("a @ b", "holds"),
        ("a // b", "holds"),
        ("(a := 1)", "holds"),
        ("a +", "cannot be read"),
        ("a = b", "cannot be read"),
        ("", "cannot be read"),
        ("1 + 2", "contains no column"),
        ("a" * 501, "at most 500 characters; got 501"),
        ("a*1" + 400 * "0", "holds"),
        ("a*1e999", "holds"),
    ],
)
def test_nothing_but_arithmetic_is_taken(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Law.parse(text)
