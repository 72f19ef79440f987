"""What the next candidates are likely to bring, and when that is worth a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from tests.workflow.made_up_rounds import labels, round_with
from tests.workflow.test_round_review import FIRST, KNOWN, MEASURED, SECOND

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.workflow.round_review import review_rounds
from matscout.workflow.stop_advice import StopAdvice, noise_of, records_of


def gaps(values: list[float], errors: list[float] | None = None, formulas: list[str] | None = None) -> Dataset:
    names = formulas or ["GaAs", "GaSb", "InSb", "ZnO", "ZnS", "CdTe"][: len(values)]
    given = None if errors is None else np.array(errors)
    return Dataset(Materials.from_formulas(names), {"gap": Target("gap", np.array(values), "eV", errors=given)})


def test_noise_is_what_the_labels_say_of_it() -> None:
    stated = gaps([1.0, 2.0, 3.0], [0.1, np.nan, 0.3])
    assert noise_of(stated.target("gap"), stated) == (pytest.approx(0.2), "the median of the stated errors")
    # Three pairs and one triple: squared deviations 3 * 2 * 0.01 + 0.02, five degrees of freedom.
    names = ["GaAs"] * 2 + ["GaSb"] * 2 + ["InSb"] * 2 + ["ZnO"] * 3
    repeated = gaps([1.0, 1.2, 2.0, 2.2, 3.0, 3.2, 4.0, 4.1, 4.2], formulas=names)
    noise, source = noise_of(repeated.target("gap"), repeated)
    assert (noise, source) == (pytest.approx(np.sqrt(0.08 / 5)), "the spread of repeated measurements")
    plain = labels({"GaAs": 1.0, "GaSb": 3.0})
    assert noise_of(plain.target("gap"), plain)[0] == pytest.approx(0.1)


def test_conditions_are_no_repeats() -> None:
    names, temperature = ["GaAs"] * 7, np.arange(7.0)
    materials = Materials.from_formulas(names)
    apart = Materials(materials.ids, materials.formulas, materials.compositions, context={"T": temperature})
    dataset = Dataset(apart, {"gap": Target("gap", np.arange(7.0), "eV")})
    assert "tenth" in noise_of(dataset.target("gap"), dataset)[1]


def test_enough_is_no_advice_to_stop() -> None:
    advice = StopAdvice(20, 3.2, 0.12, "eV", 0.02, "the median of the stated errors")
    assert not advice.says_stop
    assert advice.sentences == (
        "The next 20 are likely to bring 3.2 that reach the goal; the best of them exceeds the best label by 0.12 "
        "eV on average.",
    )


def test_less_than_the_noise_is_advice_to_stop() -> None:
    advice = StopAdvice(20, 1.2, 0.004, "eV", 0.02, "the median of the stated errors", idle_rounds=2)
    assert advice.says_stop
    assert "below the noise of the measurements (0.02 eV, the median of the stated errors)" in advice.sentences[1]
    assert "2 rounds brought no hit, so another batch of these candidates has little chance" in advice.sentences[2]
    decades = StopAdvice(20, 1.2, 0.01, "decades", 0.1, "taken", idle_rounds=2)
    assert "a factor of 1.02 on average" in decades.sentences[0]


def test_few_hits_are_advice_to_stop_unless_something_speaks_for_more() -> None:
    assert StopAdvice(20, 0.3, idle_rounds=2).says_stop
    assert not StopAdvice(20, 0.6, idle_rounds=2).says_stop
    idle = StopAdvice(20, 0.3, idle_rounds=1)
    assert not idle.says_stop
    assert "judge after 2 rounds without a hit" in idle.sentences[2]
    hit = StopAdvice(20, 0.01, recent_hits=1, recent_chances=0.4)
    assert not hit.says_stop
    assert "brought 1 hit, more than its chances added up to (0.4): make one more" in hit.sentences[2]
    assert "brought 1 hit: make one" in StopAdvice(20, 0.01, recent_hits=1, recent_chances=1.4).sentences[2]
    assert hit.sentences[0] == "The next 20 are likely to bring none that reach the goal."
    beyond = StopAdvice(20, 0.1, idle_rounds=3, beyond=3)
    assert not beyond.says_stop
    assert "predicts 3 candidates beyond the best label" in beyond.sentences[2]


@pytest.mark.parametrize(("second", "records"), [(9.9, [(1, 1), (2, 2)]), (5.0, [(0, 1), (2, 2)]), (None, [(2, 2)])])
def test_hits_of_each_round_are_counted_from_the_last(second: float | None, records: list[tuple[int, int]]) -> None:
    """Round 1 brought GaN and AlN, both beyond 1.4; round 2 asked for ZnO beyond 7.7."""
    rounds = [round_with(labels(KNOWN), FIRST, ["GaN", "AlN"]), round_with(labels(MEASURED), SECOND, ["ZnO"], 2)]
    now = labels(MEASURED if second is None else {**MEASURED, "ZnO": second})
    review = review_rounds(rounds, now)
    assert [hits for hits, _ in records_of(review)] == [hits for hits, _ in records]
    for (_, chances), (_, n) in zip(records_of(review), records, strict=True):
        assert 0 < chances < n or chances == pytest.approx(0.0, abs=1e-9)
