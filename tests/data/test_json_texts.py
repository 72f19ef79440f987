from __future__ import annotations

from dataclasses import replace

import pytest

from matscout.data import json_texts
from matscout.data.budgets import BUDGET
from matscout.data.json_texts import parse_json, without_surrogates


def test_numbers_of_any_length_can_be_read() -> None:
    assert parse_json('{"a": 12, "b": 1.5, "c": -3}') == {"a": 12, "b": 1.5, "c": -3}
    assert parse_json(f"[{'9' * 5000}]") == ["9" * 5000]


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, "[1", "nothing", ""])
def test_what_is_no_json_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested too deeply|line 1"):
        parse_json(text)


def test_values_are_counted_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_texts, "BUDGET", replace(BUDGET, cells=100))
    assert len(parse_json(f"[{','.join(['[]'] * 40)}]")) == 40
    with pytest.raises(ValueError, match="more than the 100"):
        parse_json(f"[{','.join(['[]'] * 60)}]")


def test_halves_of_letters_become_the_sign_for_an_unknown_one() -> None:
    assert without_surrogates("NaCl µ\ud800\udfff") == "NaCl µ\ufffd\ufffd"
