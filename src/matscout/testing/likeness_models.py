"""What every model of known and unlabelled rows must do: rank, tell where scores stand, and promise nothing else."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset, Target
from matscout.data.made_up import as_known, as_number
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.predict.artefact import load
from matscout.predict.fitting import fit_model
from matscout.predict.known_likeness import KnownLikeness
from matscout.predict.model import Model
from matscout.remarks import codes
from matscout.testing.contract import Contract
from matscout.testing.fitted_models import columns, maker_of, require_rows_alone

N, N_NEW = 120, 25


@cache
def known_rows(name: str) -> Dataset:
    """Known and unlabelled rows that the model can learn from."""
    return maker_of(name).example_dataset(N, label=as_known, context=True)


@cache
def likeness_model(name: str, prior: float | None = None) -> Model:
    """The model, fitted."""
    rows = known_rows(name)
    target = replace(rows.target("made"), class_prior=prior)
    made = maker_of(name).example_model(seed=3, brief=True)
    return fit_model(made, replace(rows, targets={"made": target}), "made")


@cache
def other_materials(name: str) -> Materials:
    """Rows that it has not seen."""
    return maker_of(name).example_dataset(N_NEW, seed=1, context=True).materials


def likeness(name: str, prior: float | None = None) -> KnownLikeness:
    """What the fitted model says of rows that it has not seen."""
    predictions = likeness_model(name, prior).predict(other_materials(name))
    assert isinstance(predictions, KnownLikeness)
    return predictions


class LikenessModelContract(Contract):
    """A test function that takes ``name`` is called with the name of each model of known and unlabelled rows."""

    family = "models"

    @classmethod
    def accepts(cls, plug_in: type[Any]) -> bool:
        """About models of known and unlabelled rows."""
        return POSITIVE_UNLABELLED in plug_in.tasks

    def test_scores_and_ranks_are_shares(self, name: str) -> None:
        """In 0..1, and a higher score stands no lower."""
        ranks = likeness(name)
        assert (ranks.target, len(ranks)) == ("made", N_NEW)
        for column in (ranks.score, ranks.percentile_known, ranks.percentile_unlabelled, ranks.distance):
            assert np.isfinite(column).all()
            assert ((column >= 0) & (column <= 1)).all()
        order = np.argsort(ranks.score)
        assert (np.diff(ranks.percentile_known[order]) >= 0).all()
        assert (np.diff(ranks.percentile_unlabelled[order]) >= 0).all()
        assert set(ranks.nearest_formulas) <= set(known_rows(name).materials.formulas)

    def test_there_is_a_probability_only_where_a_prior_is_stated(self, name: str) -> None:
        """And then the assumption says what it rests on."""
        assert likeness(name).probability is None
        stated = likeness(name, 0.3)
        assert stated.probability is not None
        assert ((stated.probability >= 0) & (stated.probability <= 1)).all()
        assert "random sample" in stated.assumption
        assert "no proof" in likeness(name).assumption

    def test_training_rows_have_scores_of_fits_that_had_not_seen_them(self, name: str) -> None:
        """Else unlabelled rows of the user's own table would stand at the end."""
        model, rows = likeness_model(name), known_rows(name)
        again = model.predict(rows.materials)
        assert isinstance(again, KnownLikeness)
        known = rows.target("made").values == 1.0
        area = (again.score[known][:, None] > again.score[~known]).mean()
        assert area < 0.99
        assert abs(float(area) - model.scores["area"]) < 0.05

    def test_neither_batch_nor_order_matters(self, name: str) -> None:
        """Each row is scored for itself."""
        require_rows_alone(likeness_model(name), other_materials(name))

    def test_equal_seeds_give_equal_scores_and_a_saved_model_gives_them_again(self, name: str, tmp_path: Path) -> None:
        """With its notes and their codes."""
        model = likeness_model(name, 0.3)
        made = maker_of(name).example_model(seed=3, brief=True)
        rows = replace(known_rows(name), targets={"made": model.target})
        first = columns(model.predict(other_materials(name)))
        np.testing.assert_array_equal(columns(fit_model(made, rows, "made").predict(other_materials(name))), first)
        again = load(model.save(tmp_path / "model"))
        np.testing.assert_array_equal(columns(again.predict(other_materials(name))), first)
        assert (again.notes, codes(again.notes)) == (model.notes, codes(model.notes))
        assert again.target.class_prior == 0.3

    def test_a_missing_context_column_is_refused_by_name(self, name: str) -> None:
        """Before anything is scored."""
        import pytest

        bare = replace(other_materials(name), context={"route": other_materials(name).context["route"]})
        with pytest.raises(UsageError, match="'temperature'"):
            likeness_model(name).predict(bare)

    def test_explanations_name_the_nearest_rows(self, name: str) -> None:
        """With what is known of them."""
        rows = known_rows(name)
        formula, label, similarity = likeness_model(name).explain(rows.materials[[4]], k=3)[0].neighbours[0]
        assert formula == rows.materials.formulas[4]
        assert label == rows.target("made").classes[int(rows.target("made").values[4])]
        assert abs(similarity - 1.0) < 1e-6

    def test_numbers_are_refused(self, name: str) -> None:
        """By a model that learns none."""
        import pytest

        if "regression" in maker_of(name).tasks:
            return
        dataset = maker_of(name).example_dataset(40, label=as_number)
        with pytest.raises(UsageError, match="gap has numbers"):
            fit_model(maker_of(name).example_model(), dataset, "gap")


class OtherModelContract(Contract):
    """All other models refuse known and unlabelled rows: they would take an unlabelled row for a no."""

    family = "models"

    @classmethod
    def accepts(cls, plug_in: type[Any]) -> bool:
        """About models that do not learn from them."""
        return POSITIVE_UNLABELLED not in plug_in.tasks

    def test_unlabelled_rows_are_refused(self, name: str) -> None:
        """With what it learns instead."""
        import pytest

        def known(values: Any) -> Target:
            return replace(as_known(values), name="gap")

        dataset = maker_of(name).example_dataset(40, label=known)
        with pytest.raises(UsageError, match="gap has known and unlabelled rows"):
            fit_model(maker_of(name).example_model(brief=True), dataset, "gap")
