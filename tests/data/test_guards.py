from __future__ import annotations

import pytest

from matscout.data.guards import LONGEST, guarded
from matscout.errors import ArtefactError, InputError, UsageError


class PanicException(BaseException):
    """As libraries in Rust raise it."""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("bad\n  bytes"), "bad bytes"),
        (KeyError("lattice"), "'lattice' is missing"),
        (MemoryError(), "it does not fit into memory"),
        (RecursionError("maximum recursion depth"), "it is nested too deeply"),
        (PanicException("index out of bounds"), "index out of bounds"),
        (IndexError(), "IndexError"),
    ],
)
def test_whatever_is_raised_becomes_one_sentence(error, words) -> None:
    with pytest.raises(InputError) as raised, guarded("t.npz is damaged", "copy it again"):
        raise error
    assert str(raised.value) == f"t.npz is damaged ({words}); copy it again"
    assert raised.value.__cause__ is error


def test_the_kind_of_error_can_be_chosen() -> None:
    with pytest.raises(ArtefactError), guarded("it is damaged", "fit again", ArtefactError):
        raise OverflowError


@pytest.mark.parametrize("error", [UsageError("an own one"), KeyboardInterrupt(), SystemExit(2), GeneratorExit()])
def test_own_errors_and_the_end_of_a_run_pass(error) -> None:
    with pytest.raises(type(error)) as raised, guarded("it is damaged", "copy it again"):
        raise error
    assert raised.value is error


def test_long_words_are_cut() -> None:
    with pytest.raises(InputError) as raised, guarded("it is damaged", "copy it again"):
        raise ValueError("x" * 1_000_000)
    assert len(str(raised.value)) < LONGEST + 50
