"""Likeness to known materials, against a known truth: two normal distributions, a part of one of which is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from scipy.stats import norm, spearmanr

import matscout
from matscout.data.dataset import POSITIVE_UNLABELLED, Target
from matscout.data.made_up import as_known, made_up_dataset
from matscout.errors import InputError, UsageError
from matscout.predict.known_likeness import KnownLikeness
from matscout.predict.likeness_calibration import LikenessCalibration, isotonic, share_known
from matscout.predict.likeness_learner import LikenessExamples, LikenessLearner, likeness_learner
from matscout.predict.likeness_learners.nnpu import Nnpu
from matscout.predict.likeness_learners.spies import reliable_negatives
from matscout.predict.models.known_likeness import usual_representations
from matscout.predict.recall_curves import area
from matscout.predict.uncalibrated import UnseenLikeness
from matscout.remarks import codes

KNOWN_SHARE, MEMBERS, APART = 0.3, 0.4, 2.0
LEARNERS = ("bag", "boosted", "naive", "nnpu", "spies")


@dataclass(frozen=True, eq=False)
class Drawn:
    """Rows of two normal distributions: of the members of the class some are known."""

    vectors: np.ndarray
    member: np.ndarray
    known: np.ndarray

    @property
    def prior(self) -> float:
        return float(self.member[~self.known].mean())

    @property
    def examples(self) -> LikenessExamples:
        return LikenessExamples(self.vectors, self.known, ("first", "second"), self.prior)


@cache
def drawn(seed: int, n: int = 3000, *, biased: bool = False) -> Drawn:
    """Members lie apart along the first column; if ``biased``, those with a large second one are known more often."""
    rng = np.random.default_rng(seed)
    member = rng.random(n) < MEMBERS
    vectors = rng.normal(size=(n, 2))
    vectors[:, 0] += APART * member
    chance = np.where(vectors[:, 1] > 0.8, 0.9, 0.1) if biased else np.full(n, KNOWN_SHARE)
    return Drawn(vectors, member, member & (rng.random(n) < chance))


def bayes(rows: Drawn) -> np.ndarray:
    """The chance to be a member."""
    inside, outside = norm.pdf(rows.vectors[:, 0], APART), norm.pdf(rows.vectors[:, 0])
    return MEMBERS * inside / (MEMBERS * inside + (1 - MEMBERS) * outside)


@cache
def fitted(name: str) -> LikenessLearner:
    return likeness_learner(name)().fit(drawn(0).examples)


@pytest.mark.parametrize("name", LEARNERS)
def test_the_order_is_nearly_that_of_the_true_chance(name: str) -> None:
    new = drawn(1, 6000)
    best, scores = bayes(new), fitted(name).score(new.vectors)
    true = area(best[new.member], best[~new.member])
    assert true == pytest.approx(norm.cdf(APART / np.sqrt(2)), abs=0.01)
    assert area(scores[new.member], scores[~new.member]) == pytest.approx(true, abs=0.01)


def test_naive_and_bagged_trees_rank_alike() -> None:
    new = drawn(1, 6000)
    ranks = [fitted(name).score(new.vectors) for name in ("naive", "bag")]
    assert spearmanr(*ranks).statistic > 0.95


def test_the_risk_of_the_network_is_never_negative() -> None:
    learner = fitted("nnpu")
    assert isinstance(learner, Nnpu)
    assert (learner.risks >= 0).all()
    assert learner.risks[-1] < learner.risks[0]


def test_reliable_negatives_are_seldom_members() -> None:
    rows = drawn(0)
    chosen = reliable_negatives(rows.examples, 150, 10)
    assert not (chosen & rows.known).any()
    assert rows.member[chosen].mean() < 0.5 * rows.member[~rows.known].mean()


def left_out(rows: Drawn, name: str = "naive") -> np.ndarray:
    folds = np.arange(len(rows.known)) % 5
    scores = np.empty(len(folds))
    for fold in range(5):
        learner = likeness_learner(name)().fit(rows.examples.subset(folds != fold))
        scores[folds == fold] = learner.score(rows.vectors[folds == fold])
    return scores


@cache
def calibrated(*, biased: bool = False) -> tuple[LikenessCalibration, Target]:
    rows = drawn(2, biased=biased)
    classes = ("unlabelled", "1")
    target = Target("made", rows.known.astype(float), None, POSITIVE_UNLABELLED, classes, class_prior=rows.prior)
    return LikenessCalibration.fit(UnseenLikeness(left_out(rows)), target), target


def test_the_known_share_of_a_random_sample_is_estimated() -> None:
    # Elkan and Noto's mean over known rows is the known share only where the classes do not overlap: the chance of
    # being known, averaged over members, is the known share times the chance of being a member.
    calibration, _ = calibrated()
    rows = drawn(2)
    expected = KNOWN_SHARE * bayes(rows)[rows.member].mean()
    assert calibration.estimated_share == pytest.approx(expected, abs=0.03)
    assert calibration.known_share == pytest.approx(KNOWN_SHARE, abs=0.03)


def test_probabilities_under_the_true_prior_are_those_of_the_truth() -> None:
    calibration, _ = calibrated()
    new = drawn(1, 6000)
    stated = calibration.probability(fitted("naive").score(new.vectors))
    assert stated is not None
    truth = bayes(new)
    assert np.abs(stated - truth).mean() < 0.08
    bins = np.digitize(stated, [0.2, 0.5, 0.8])
    errors = [abs(new.member[bins == one].mean() - stated[bins == one].mean()) for one in np.unique(bins)]
    assert np.average(errors, weights=np.unique(bins, return_counts=True)[1]) < 0.05


def test_a_biased_sample_is_remarked_on_and_a_random_one_is_not() -> None:
    random, target = calibrated()
    assert codes(random.notes(target)) == ["known-share-of-class"]
    biased, other = calibrated(biased=True)
    assert codes(biased.notes(other)) == ["known-share-of-class", "known-no-random-sample"]
    assert "random sample" in biased.assumption(other)


@pytest.mark.parametrize("unlabelled", [["gnome"], ["gnome", "oqmd"]])
def test_known_rows_of_one_group_are_refused(unlabelled: list[str]) -> None:
    """As where the group of a row is its database: what has not seen the group has seen no known row."""
    rows = made_up_dataset("composition", 90, label=as_known)
    known = rows.target().values == 1.0
    others = np.resize(np.array(unlabelled), len(rows))
    with pytest.raises(InputError, match=r"all known rows are in one group.*groups="):
        matscout.fit(replace(rows, groups=np.where(known, "icsd", others)), fast=True)


def test_isotonic_chances_never_fall() -> None:
    from sklearn.isotonic import IsotonicRegression

    rng = np.random.default_rng(0)
    scores = rng.integers(0, 30, 400) / 30.0
    known = rng.random(400) < scores**2
    places, chances = isotonic(scores, known)
    peer = IsotonicRegression().fit(scores, known)
    grid = np.linspace(0.0, 1.0, 50)
    np.testing.assert_allclose(np.interp(scores, places, chances), peer.predict(scores), atol=1e-12)
    assert (np.diff(np.interp(grid, places, chances)) >= -1e-12).all()


def test_the_known_share_follows_from_the_prior() -> None:
    assert share_known(np.repeat([True, False], [30, 70]), 1.0) == pytest.approx(0.3)
    assert share_known(np.repeat([True, False], [30, 70]), 3 / 7) == pytest.approx(0.5)


def test_the_usual_model_of_known_rows_and_what_it_says(tmp_path) -> None:
    dataset = made_up_dataset("composition", 120, label=as_known)
    model = matscout.fit(dataset, fast=True)
    assert (model.name, model.address, model.representations) == ("known-likeness", "known-likeness", ("magpie",))
    ranks = model.predict(["NaCl", "U3Si2"])
    assert isinstance(ranks, KnownLikeness)
    assert ranks.to_frame().columns == [
        *("id", "formula", "score", "percentile_known", "percentile_unlabelled"),
        *("nearest_known", "distance", "in_domain"),
    ]
    assert [problem.reason for problem in ranks.problems if problem.row == 2] == [
        "no known material holds Si",
        "no known material holds U",
    ]
    text = (model.save(tmp_path / "model") / "card.md").read_text()
    assert "Task: positive-unlabelled, known rows are 1" in text
    assert "Score: the score ranks" in text


def test_structures_are_used_where_every_row_has_one() -> None:
    crystals = made_up_dataset("crystal", 90, label=as_known)
    model = matscout.fit(crystals, fast=True)
    assert model.representations == ("magpie", "structure-basic")
    assert usual_representations(replace(crystals.materials, structures=None)) == ("magpie",)
    squeezed = crystals.materials[[0, 1]]
    assert squeezed.structures is not None
    smaller = replace(squeezed.structures, lattices=squeezed.structures.lattices * 0.9)
    remarks = model.predict(replace(squeezed, structures=smaller)).problems
    known = crystals.target().values[:2] == 1.0
    others = [one for one in remarks if "another structure of this formula is known" in one.reason]
    assert len(others) == known.sum()


def test_options_of_the_model_and_what_does_not_go_together() -> None:
    dataset = made_up_dataset("composition", 120, label=as_known)
    address = "known-likeness:learner=bag,weights=element-fraction"
    model = matscout.fit(dataset, model=address, fast=True)
    assert (model.address, model.representations) == (address, ("element-fraction",))
    with pytest.raises(UsageError, match=r"nnpu needs the share of the unlabelled rows.*class_prior="):
        matscout.fit(dataset, model="known-likeness:learner=nnpu", fast=True)
    with pytest.raises(UsageError, match="known-systems learns from columns of its own: leave magpie out"):
        matscout.fit(dataset, model="known-likeness:learner=known-systems,weights=magpie")
    with pytest.raises(UsageError, match="'spise' is not one of the likeness learners; did you mean spies"):
        matscout.fit(dataset, model="known-likeness:learner=spise")
    with pytest.raises(UsageError, match="hull-distance needs a column of energies"):
        matscout.fit(dataset, model="known-likeness:learner=hull-distance")


def test_training_rows_are_known_again_beside_other_columns() -> None:
    dataset = made_up_dataset("composition", 120, label=as_known, context=True)
    model = matscout.fit(dataset, fast=True)
    context = dataset.materials.context
    others = {"year": np.full(120, 2020.0), "route": context["route"], "temperature": context["temperature"]}
    first = model.predict(dataset.materials)
    again = model.predict(replace(dataset.materials, context=others))
    assert isinstance(first, KnownLikeness)
    assert isinstance(again, KnownLikeness)
    np.testing.assert_array_equal(again.score, first.score)


def test_energies_above_the_hull_alone() -> None:
    dataset = made_up_dataset("composition", 120, label=as_known)
    energies = np.linspace(0.0, 0.5, 120)
    rows = replace(dataset, materials=replace(dataset.materials, context={"e_above_hull": energies}))
    model = matscout.fit(rows, model="known-likeness:learner=hull-distance")
    ranks = model.predict(rows.materials)
    assert isinstance(ranks, KnownLikeness)
    assert (np.diff(ranks.score) < 0).all()
