"""What every strategy must do, whoever wrote it: a number for each material, the same for the same seed."""

from __future__ import annotations

import numpy as np

from matscout import registry
from matscout.data.kinds import COMPOSITION, Kind
from matscout.data.made_up import made_up_dataset
from matscout.discover.goals import aim_of, parse_goals
from matscout.discover.strategy import Strategy, Turn
from matscout.testing.contract import Contract


def turn_of(kind: Kind, number: int) -> Turn:
    """A turn in a campaign on 40 made-up rows, of which 24 are known."""
    dataset = made_up_dataset(kind.name, 40)
    known = dataset[np.arange(24)]
    (goal,) = parse_goals(["max"], dataset.targets)
    return Turn(known, dataset.materials[np.arange(24, 40)], goal, aim_of(goal, known), number, seed=3)


class StrategyContract(Contract):
    """For strategies whose options all have defaults."""

    family = "strategies"

    def test_every_material_has_a_score(self, name: str) -> None:
        made: type[Strategy] = registry.load_class("strategies", name)
        for kind in made.kinds:
            strategy = made(kind)  # type: ignore[call-arg]
            for number in range(2):
                turn = turn_of(kind, number)
                scores = strategy.scores(turn)
                assert scores.shape == (len(turn.rest),)
                assert np.isfinite(scores).all()

    def test_the_same_seed_gives_the_same_scores(self, name: str) -> None:
        made: type[Strategy] = registry.load_class("strategies", name)
        turn = turn_of(COMPOSITION, 0)
        one, other = (made(COMPOSITION).scores(turn) for _ in range(2))  # type: ignore[call-arg]
        assert (one == other).all()
