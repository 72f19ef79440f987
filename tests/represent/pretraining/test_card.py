"""The card says what was learnt from, how well, and where the data come from."""

from __future__ import annotations

from matscout.represent.pretraining.card import write_card

PLUG_INS = {
    "encoders": {"composition": {"name": "set-transformer", "settings": {}}},
    "objective": {"name": "multi-task", "settings": {}},
}
FACTS = {
    "experiment": {"seed": 4},
    "data_digest": "abc",
    "data": ["12 formulas"],
    "epochs": 3,
    "ended": "the time was used up",
    "best_epoch": 2,
    "values": {"MAE gap (eV)": 0.33333},
    "curves": {"training loss": [2.0, 1.0, 0.5], "validation loss": [2.5, 1.25, 0.75]},
    "seconds": 90.0,
    "versions": {"torch": "2"},
}


def test_a_card_holds_the_facts():
    card = write_card(PLUG_INS, FACTS, "# Sources\n\n## A paper\nCC-BY 4.0")
    assert card.startswith("# set-transformer (composition), trained with multi-task\n")
    for part in ("12 formulas", "abc", "3 epochs in 1.5 minutes (the time was used up)", "seed 4", "torch 2"):
        assert part in card
    assert "| MAE gap (eV) | 0.3333 |" in card
    assert "| epoch | 0 | 1 | 2 |\n|---|---|---|---|\n| loss | 2.5 | 1.25 | 0.75 |\n\n## Validation" in card
    assert "## Where the data come from\n\n### Sources\n\n#### A paper\nCC-BY 4.0" in card
    assert "Where the data come from" not in write_card(PLUG_INS, FACTS)
