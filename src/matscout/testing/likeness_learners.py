"""What every learner of likeness must do: rank known rows first, repeat itself, and be the same again when loaded."""

from __future__ import annotations

from typing import Any

import numpy as np

from matscout.predict.likeness_learner import FAMILY, LikenessExamples, LikenessLearner, likeness_learner
from matscout.predict.recall_curves import area
from matscout.testing.contract import Contract

COLUMNS = ("Na", "Cl", "energy above hull")


def likeness_examples(n: int = 160, seed: int = 0) -> LikenessExamples:
    """Rows of fractions and energies; known rows have more of the first column and low energies."""
    rng = np.random.default_rng(seed)
    member = np.arange(n) % 2 == 0
    first = np.where(member, rng.uniform(0.4, 1.0, n), rng.uniform(0.0, 0.6, n) * (rng.random(n) < 0.5))
    energies = np.where(member, rng.uniform(0.0, 0.1, n), rng.uniform(0.05, 0.5, n))
    known = member & (rng.random(n) < 0.5)
    vectors = np.stack([first, 1.0 - first, energies], axis=1)
    return LikenessExamples(vectors, known, COLUMNS, class_prior=0.3, seed=seed, fast=True)


class LikenessLearnerContract(Contract):
    """A test function that takes ``name`` is called with the name of each learner of likeness."""

    family = FAMILY

    def test_scores_are_shares_and_known_rows_stand_first(self, name: str) -> None:
        """Rivals that look at next to nothing are at least no worse than chance."""
        examples = likeness_examples()
        learner = self._fitted(name, examples)
        new = likeness_examples(seed=1)
        scores = learner.score(new.vectors)
        assert scores.shape == new.known.shape
        assert ((scores >= 0) & (scores <= 1)).all()
        if learner.representations is None:
            assert area(scores[new.known], scores[~new.known]) > 0.6

    def test_equal_seeds_give_equal_scores_and_stored_ones_are_the_same(self, name: str) -> None:
        """Without arguments: what it found out is all that is kept."""
        examples = likeness_examples()
        learner = self._fitted(name, examples)
        scores = learner.score(examples.vectors)
        np.testing.assert_array_equal(self._fitted(name, examples).score(examples.vectors), scores)
        again = LikenessLearner.from_state(learner.state())
        assert type(again) is type(learner)
        np.testing.assert_array_equal(again.score(examples.vectors), scores)

    def test_rows_are_scored_one_by_one(self, name: str) -> None:
        """Whatever else is in the batch."""
        examples = likeness_examples()
        learner = self._fitted(name, examples)
        whole = learner.score(examples.vectors)
        single = np.concatenate([learner.score(examples.vectors[[row]]) for row in range(5)])
        np.testing.assert_allclose(single, whole[:5], rtol=1e-12)
        assert len(learner.score(examples.vectors[:0])) == 0

    @staticmethod
    def _fitted(name: str, examples: LikenessExamples) -> Any:
        return likeness_learner(name)().fit(examples)
