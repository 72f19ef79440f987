"""What every model must do: intervals and chances that hold together, no chance without a seed, saved and loaded."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from matscout import registry
from matscout.data.dataset import Target
from matscout.data.made_up import as_class, as_number
from matscout.errors import InputError, MissingExtraError, UsageError
from matscout.predict.artefact import load
from matscout.predict.base import ClassPredictions, Predictions
from matscout.predict.ceilings import Ceiling
from matscout.predict.fitting import fit_model
from matscout.predict.transforms import transform_of
from matscout.remarks import codes
from matscout.testing.contract import Contract, is_thorough, thorough
from matscout.testing.fitted_models import (
    N_NEW,
    Floats,
    columns,
    example,
    fitted,
    labelled,
    learned,
    maker_of,
    new_materials,
    numbers,
    require_rows_alone,
)

if TYPE_CHECKING:
    import pytest

PREDICT = """
import sys
from pathlib import Path
import numpy as np
from matscout import load
from matscout.testing.fitted_models import columns, new_materials

for place in Path(sys.argv[1]).iterdir():
    np.save(place / "predicted.npy", columns(load(place).predict(new_materials(place.name.split()[0]))))
"""


LIMITS = {"no label is negative": None, "between 0 and 1": (0.0, 1.0)}
"""What is known of the values beside the labels."""


class ModelContract(Contract):
    """A test that takes ``made`` is called with numbers and, where the model learns them, with classes.

    One that takes ``scale`` is called with numbers of several scales, one that takes ``limits`` with what is possible.
    """

    family = "models"

    @classmethod
    def accepts(cls, plug_in: type[Any]) -> bool:
        """About models of numbers; those of known and unlabelled rows have a suite of their own."""
        return "regression" in plug_in.tasks

    @classmethod
    def arguments(cls, metafunc: pytest.Metafunc) -> tuple[str, ...]:
        """The name of a model, and what it has learned."""
        return tuple(name for name in ("name", "made", "scale", "limits") if name in metafunc.fixturenames)

    @classmethod
    def cases(cls, metafunc: pytest.Metafunc) -> list[tuple[str, ...]]:
        """Each model with each kind of label."""
        names, asked = cls.names(), cls.arguments(metafunc)
        if "scale" in asked:
            return [(name, scale) for scale in ("number", "decades", "one far above") for name in names]
        if "limits" in asked:
            return [(name, limits) for limits in LIMITS for name in names]
        if "made" in asked:
            classes = [(name, "class") for name in names if "classification" in maker_of(name).tasks]
            return [*((name, "number") for name in names), *classes]
        return [(name,) for name in names]

    @classmethod
    def is_slow(cls, function: Callable[..., Any], case: tuple[str, ...]) -> bool:
        """What is learned in earnest takes long where networks learn it."""
        return is_thorough(function) and maker_of(case[0]).costly

    def test_its_representations_are_in_the_catalogue(self, name: str) -> None:
        """And tell which materials they have seen."""
        for brief in (False, True):
            model = maker_of(name).example_model(brief=brief)
            there = {plug_in.name for plug_in in registry.plug_ins("representations")}
            assert {used.partition("=")[0].partition("/")[0] for used in model.representations} <= there
        seen = fitted(name, "number").seen(new_materials(name))
        assert all(len(rows) == N_NEW for rows in seen.values())

    def test_the_catalogue_tells_what_it_is(self, name: str) -> None:
        """In a line."""
        assert 20 < len(registry.find("models", name).summary) < 120
        assert maker_of(name).example_model().name == name

    def test_numbers_come_with_intervals(self, name: str) -> None:
        """Which are narrower at a lower level."""
        predictions = numbers(name)
        assert (predictions.target, predictions.unit, predictions.level, len(predictions)) == ("gap", "eV", 0.9, N_NEW)
        assert (predictions.lower < predictions.upper).all()
        assert (predictions.std > 0).all()
        assert predictions.assumption
        narrow = numbers(name, level=0.5)
        assert (narrow.upper - narrow.lower <= predictions.upper - predictions.lower + 1e-12).all()
        np.testing.assert_array_equal(narrow.predicted, predictions.predicted)

    def test_a_model_that_looks_at_no_material_knows_no_more_than_the_labels(self, name: str) -> None:
        """And one that looks says different things of different materials."""
        predictions = numbers(name)
        assert bool(np.ptp(predictions.predicted) == 0.0) == maker_of(name).blind
        if maker_of(name).blind:
            assert not predictions.knows_more.any()

    def test_what_surely_lies_off_the_middle_of_the_labels_knows_more(self, name: str) -> None:
        """It is not marked as a guess."""
        predictions = numbers(name)
        middle = float(np.median(labelled(name, "number").target("gap").values))
        assert predictions.knows_more[~predictions.distribution.spans(middle)].all()

    def test_chances_are_those_of_the_intervals(self, name: str) -> None:
        """At each end, and in the middle."""
        for level in (0.5, 0.9):
            predictions = numbers(name, level=level)
            ends = (
                (predictions.lower, (1 - level) / 2),
                (predictions.predicted, 0.5),
                (predictions.upper, (1 + level) / 2),
            )
            for end, share in ends:
                chances, (low, high) = predictions.distribution.cdf(end), predictions.distribution.limits
                free = (end > low) & (end < high)
                np.testing.assert_allclose(chances[free], share, rtol=1e-6)
                assert (chances[end <= low] >= share).all()
                assert (chances[end >= high] == 1.0).all()

    def test_no_chance_falls_with_the_value_and_none_above_a_half_is_promised_beyond_what_is_predicted(
        self, name: str
    ) -> None:
        """Chances are a distribution's, and its median is what is predicted."""
        predictions = numbers(name)
        foretold, (low, high) = predictions.distribution, (predictions.lower.min(), predictions.upper.max())
        ends = np.linspace(2 * low - high, 2 * high - low, 60)
        grid = np.sort([*ends, *predictions.predicted, *foretold.quantile(0.99)])
        chances = np.array([foretold.cdf(value) for value in grid])
        assert (np.diff(chances, axis=0) >= -1e-12).all()
        for value, below in zip(grid, chances, strict=True):
            assert (1 - below[predictions.predicted <= value] <= 0.5 + 1e-9).all()
            at_least = 1 - foretold.cdf(np.nextafter(value, -np.inf))
            assert (at_least[predictions.predicted >= value] >= 0.5 - 1e-9).all()

    def test_what_is_expected_is_what_is_drawn(self, name: str) -> None:
        """The mean, and what the interval holds."""
        predictions = numbers(name)
        drawn = predictions.distribution.samples(20_000, 0)
        error = 5 * drawn.std(axis=1) / np.sqrt(20_000) + 1e-9
        assert (np.abs(predictions.distribution.mean - drawn.mean(axis=1)) <= error).all()
        held = (predictions.lower[:, None] <= drawn) & (drawn <= predictions.upper[:, None])
        assert (held.mean(axis=1) >= 0.885).all()
        assert (drawn >= 0.0).all()

    def test_a_positive_property_is_never_predicted_below_zero_and_never_without_end(
        self, name: str, scale: str
    ) -> None:
        """Whatever the spread of the labels."""
        dataset, model = labelled(name, scale), fitted(name, scale)
        values = dataset.target("gap").values
        for materials in (dataset.materials, new_materials(name)):
            predictions = model.predict(materials)
            assert isinstance(predictions, Predictions)
            for column in (predictions.lower, predictions.predicted, predictions.upper, predictions.std):
                assert np.isfinite(column).all()
                assert (column >= 0.0).all()
            assert predictions.distribution.limits[0] == 0.0
            assert predictions.distribution.cdf(-1e-9).max() == 0.0
            assert predictions.distribution.samples(200, 0).min() >= 0.0
            assert (predictions.upper < 1e3 * values.max()).all()
            if scale == "decades":
                assert predictions.distribution.scale.kind == dataset.target("gap").scale == "log"
                assert (predictions.lower > 0.0).all()
                assert (predictions.lower > 1e-3 * values.min()).all()

    def test_no_prediction_lies_beyond_the_limits(self, name: str, limits: str) -> None:
        """Where half of the labels lie at an end of what is possible, so that whoever extrapolates goes beyond."""
        low, high = LIMITS[limits] or (0.0, np.inf)

        def at_the_edge(values: Floats) -> Target:
            steep = np.clip(0.5 + 3.0 * (values - np.median(values)) / np.ptp(values), 0.0, 1.0)
            return Target("gap", steep, limits=LIMITS[limits])

        predictions = learned(name, example(name, 60, at_the_edge), "gap").predict(new_materials(name), 0.8)
        assert isinstance(predictions, Predictions)
        foretold = predictions.distribution
        assert foretold.limits == (low, high)
        ends = (predictions.predicted, predictions.lower, predictions.upper, foretold.mean, foretold.samples(200, 0))
        for column in ends:
            assert column.min() >= low
            assert column.max() <= high
        assert foretold.cdf(low - 1e-9).max() == 0.0
        assert foretold.cdf(high).min() == 1.0
        # The rows are such that it would have gone beyond.
        assert (foretold.reach(-2.0, foretold.scale) < low).any()

    def test_what_has_learned_nothing_says_that_it_has_to(self, name: str) -> None:
        """In words that say how."""
        import pytest

        model, materials = maker_of(name).example_model(), new_materials(name)
        advice = rf"{name} is not fitted: .*matscout\.fit\(dataset, model="
        with pytest.raises(UsageError, match=advice):
            model.predict(materials)
        with pytest.raises(UsageError, match=advice):
            model.predict_at(materials, [0.5])
        with pytest.raises(UsageError, match=advice):
            model.explain(materials)
        with pytest.raises(UsageError, match=advice):
            model.save("somewhere")

    def test_learning_leaves_it_as_it_is(self, name: str) -> None:
        """The model that comes back is another thing, so that one description can learn from several tables."""
        made, rows = maker_of(name).example_model(seed=3, brief=True), labelled(name, "number")
        with contextlib.suppress(MissingExtraError):
            first = columns(fit_model(made, rows, "gap").predict(new_materials(name)))
            fit_model(made, rows[np.arange(30)], "gap")
            np.testing.assert_array_equal(columns(fit_model(made, rows, "gap").predict(new_materials(name))), first)

    def test_no_interval_is_wider_than_that_of_the_labels(self, name: str, scale: str) -> None:
        """Of all rows the middle 90 % of the labels are what is said without a look at the material."""
        dataset, model = labelled(name, scale), fitted(name, scale)
        forward = transform_of(dataset.target("gap").scale).forward
        labels = forward(dataset.target("gap").values)
        blind = Ceiling.fit(labels, np.arange(len(labels)), None).blind
        for level in (0.5, 0.8, 0.9):
            predictions = model.predict(new_materials(name), level)
            assert isinstance(predictions, Predictions)
            lower, upper = (forward(np.maximum(ends, 1e-300)) for ends in (predictions.lower, predictions.upper))
            assert (upper - lower <= float(blind.size(ndtri(0.5 + level / 2))) * (1 + 1e-6)).all()
        assert float(blind.size(ndtri(0.95))) < 1.25 * np.ptp(np.quantile(labels, [0.02, 0.98]))

    def test_errors_over_decades_are_learned_and_given_in_decades(self, name: str) -> None:
        """Networks that learn for seconds only are no worse than a guess."""
        dataset, model = labelled(name, "decades"), fitted(name, "decades")
        values = np.log10(dataset.target("gap").values)
        blind = float(np.abs(values - np.median(values)).mean())
        assert model.scores["mae"] <= 1.1 * blind
        predictions = model.predict(dataset.materials)
        assert isinstance(predictions, Predictions)
        error = np.abs(np.log10(predictions.predicted) - values).mean()
        assert error <= (1.1 if maker_of(name).costly else 0.9) * blind or maker_of(name).blind

    def test_classes_come_with_probabilities_and_sets(self, name: str, made: str) -> None:
        """Where it learns classes."""
        predictions = fitted(name, made).predict(new_materials(name))
        assert isinstance(predictions, ClassPredictions) == (made == "class")
        if isinstance(predictions, ClassPredictions):
            assert predictions.classes == ("insulator", "metal", "semiconductor")
            assert predictions.sets.any(axis=1).all()
            assert (predictions.probabilities >= 0).all()
            narrow = fitted(name, made).predict(new_materials(name), level=0.5)
            assert isinstance(narrow, ClassPredictions)
            assert (narrow.sets <= predictions.sets).all()

    def test_neither_batch_nor_order_matters(self, name: str, made: str) -> None:
        """A network in single precision rounds differently in batches of another size, each as much as it says."""
        require_rows_alone(fitted(name, made), new_materials(name))

    @thorough
    def test_equal_seeds_give_equal_predictions(self, name: str, made: str) -> None:
        """To the last digits."""
        again = learned(name, labelled(name, made), _target(made), seed=3)
        first = columns(fitted(name, made).predict(new_materials(name)))
        np.testing.assert_allclose(columns(again.predict(new_materials(name))), first, rtol=1e-9, atol=1e-12)

    def test_several_levels_at_once_are_those_one_by_one(self, name: str, made: str) -> None:
        """``predict_at`` is ``predict``."""
        model, levels = fitted(name, made), (0.3, 0.5, 0.9)
        together = list(model.predict_at(new_materials(name), levels))
        stated = [one.level for one in together if isinstance(one, Predictions | ClassPredictions)]
        assert stated == list(levels)
        for predictions, level in zip(together, levels, strict=True):
            np.testing.assert_array_equal(columns(predictions), columns(model.predict(new_materials(name), level)))

    def test_a_level_that_the_rows_do_not_support_is_refused(self, name: str, made: str) -> None:
        """With the rows that it would need."""
        import pytest

        with pytest.raises(
            UsageError, match=r"at least 999 training (materials|reactions|arrangements); there are \d+"
        ):
            fitted(name, made).predict(new_materials(name), level=0.999)

    def test_a_missing_context_column_is_refused_by_name(self, name: str, made: str) -> None:
        """Before anything is predicted."""
        import pytest

        bare = replace(new_materials(name), context={"route": new_materials(name).context["route"]})
        with pytest.raises(UsageError, match="'temperature'"):
            fitted(name, made).predict(bare)

    def test_explanations_name_the_nearest_labelled_materials(self, name: str, made: str) -> None:
        """Of a labelled material it is this one."""
        model, rows = fitted(name, made), labelled(name, made)
        explanations = model.explain(rows.materials[[4, 9]], k=4)
        assert [len(explanation.neighbours) for explanation in explanations] == [4, 4]
        formula, value, similarity = explanations[0].neighbours[0]
        assert formula == rows.materials.formulas[4]
        target = rows.target(_target(made))
        if not model.predictor.made_of:
            assert value == (target.values[4] if made == "number" else target.classes[int(target.values[4])])
        assert abs(similarity - 1.0) < 1e-6
        for explanation in explanations:
            similarities = [similarity for _, _, similarity in explanation.neighbours]
            assert similarities == sorted(similarities, reverse=True)
            assert all(0.0 <= similarity <= 1.0 + 1e-12 for similarity in similarities)
            assert len(explanation.features) <= 4

    @thorough
    def test_50_rows_are_fitted_closely(self, name: str, made: str) -> None:
        """By all that look at the materials, as closely as they mean to."""
        if maker_of(name).blind:
            return
        share, distance = (0.7, 0.75) if maker_of(name).stops_early else (0.9, 0.25)
        dataset = example(name, 50, as_class if made == "class" else as_number, seed=5)
        model = learned(name, dataset, _target(made), brief=False)
        predictions, values = model.predict(dataset.materials), dataset.target(_target(made)).values
        assert isinstance(predictions, Predictions | ClassPredictions)
        predicted = predictions.predicted
        if made == "class":
            assert (predicted == values).mean() >= share
        else:
            assert np.abs(predicted - values).mean() < distance * np.abs(values - np.median(values)).mean()

    def test_groups_are_the_units_of_the_intervals(self, name: str) -> None:
        """And their number limits the level."""
        import pytest

        dataset = example(name, groups=True)
        model = learned(name, dataset, "gap")
        assert "group" in model.assumption
        with pytest.raises(UsageError, match=r"at least 19 training groups; there are 15.*at most 0\.937"):
            model.predict(dataset.materials, level=0.95)

    def test_too_few_rows_for_the_usual_level_stand_on_the_card(self, name: str, made: str) -> None:
        """On the card."""
        import pytest

        dataset = example(name, 7, as_class if made == "class" else as_number)
        model = learned(name, dataset, _target(made))
        assert model.card is not None
        assert "the highest possible level is 0.875" in model.card.assumption
        with pytest.raises(UsageError, match=r"at most 0\.875"):
            model.predict(dataset.materials)
        assert len(model.predict(dataset.materials, level=0.875)) == 7

    def test_nothing_is_promised_and_nothing_is_learned_from_one_value(self, name: str) -> None:
        """The assumption says that there is no guarantee."""
        import pytest

        assert "no guarantee" in fitted(name, "number").assumption

        def flat(values: Floats) -> Target:
            return Target("gap", np.full(len(values), 1.5), "eV")

        with pytest.raises(InputError, match=r"every known value of 'gap' is 1\.5: there is nothing to learn"):
            learned(name, example(name, 12, flat), "gap")

    def test_missing_and_few_labels(self, name: str) -> None:
        """Rows without a label are left out; too few are refused."""
        import pytest

        def known(rows: slice) -> Callable[[Floats], Target]:
            def label(values: Floats) -> Target:
                some = np.full(len(values), np.nan)
                some[rows] = values[rows]
                return Target("gap", some, "eV")

            return label

        model = learned(name, example(name, 30, known(slice(10, None))), "gap")
        assert model.card is not None
        assert model.card.n_rows == 20
        with pytest.raises(InputError, match="a model needs at least"):
            learned(name, example(name, 30, known(slice(0, 4))), "gap")

    def test_errors_and_bounds_are_taken(self, name: str) -> None:
        """Uncertain labels, and labels of which only a bound is known."""

        def uncertain(values: Floats) -> Target:
            censored = np.where(np.arange(len(values)) % 8 == 0, 1, 0).astype(np.int8)
            return Target("gap", values, "eV", errors=np.linspace(0.01, 1.0, len(values)), censored=censored)

        dataset = example(name, 40, uncertain)
        assert len(learned(name, dataset, "gap").predict(dataset.materials)) == 40

    def test_notes_have_codes_that_a_saved_model_keeps(self, name: str, made: str, tmp_path: Path) -> None:
        """So a program can ask for them, whatever their words are."""
        model = fitted(name, made)
        again = load(model.save(tmp_path / "model"))
        assert len(codes(model.notes)) == len(model.notes)
        assert (again.notes, codes(again.notes)) == (model.notes, codes(model.notes))

    def test_saved_models_predict_the_same_in_a_fresh_process(self, tmp_path: Path) -> None:
        """All in one process, as it takes long to start."""
        import pytest

        models = {}
        for name, made in [(name, made) for name in self.names() for made in ("number", "class")]:
            if made == "number" or "classification" in maker_of(name).tasks:
                with contextlib.suppress(pytest.skip.Exception):
                    models[f"{name} {made}"] = fitted(name, made)
                    models[f"{name} {made}"].save(tmp_path / f"{name} {made}")
        subprocess.run([sys.executable, "-c", PREDICT, str(tmp_path)], check=True, timeout=180)
        for place, model in models.items():
            expected = columns(model.predict(new_materials(place.split()[0])))
            loaded = np.load(tmp_path / place / "predicted.npy")
            np.testing.assert_allclose(loaded, expected, rtol=1e-9, atol=1e-12, err_msg=place)


def _target(made: str) -> str:
    """What the target of numbers, or of classes, is called."""
    return "kind" if made == "class" else "gap"
