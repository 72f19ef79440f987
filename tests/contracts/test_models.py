"""What every model in the catalogue must do, whoever wrote it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

import matscout
from matscout import registry
from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.data.reaction_texts import parse_components, part_of
from matscout.errors import InputError, UsageError
from matscout.predict.base import AnyPredictions, ClassPredictions, Predictions
from matscout.predict.ceilings import Ceiling
from matscout.predict.model import Model
from matscout.predict.transforms import transform_of
from matscout.represent.pretrained.composition_donor_strict import CompositionDonorStrict

WITHOUT_WEIGHTS = set() if CompositionDonorStrict.at_hand() else {"donor-alone"}
"""Models that have nothing to learn from where there is no torch, or no weights of the donor."""
OF_STRUCTURES = {"auto-simulated", "auto-with", "auto-strict-with", "fine-tuned"}
"""Those that learn from crystal structures only; here are formulas (tests/predict has tests of theirs)."""
OF_REACTIONS = {"uam"}
"""Those that learn from reactions only: their rows are such."""
SHORT_LESSONS = OF_REACTIONS
"""Networks that learn little here."""
OF_LAWS = {"by-definition"}
"""That one predicts what follows from other targets by a law (tests/predict/test_definitions.py)."""
NAMES = [one.name for one in registry.plug_ins("models") if one.name not in WITHOUT_WEIGHTS | OF_STRUCTURES | OF_LAWS]
TASKS = ("regression", "classification")
CATIONS = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Ti", "Zr", "Zn", "Al", "Ga", "Sn")
ALKYLS = ("C", "CC", "CCC", "C(C)C", "CCCC", "CC(C)C", "C1CC1", "C1CCCC1", "CCOC", "CCF")
ARYLS = {"c1ccccc1": 3.0, "c1ccc(C)cc1": 3.4, "c1ccc(OC)cc1": 3.8, "c1ccc(F)cc1": 2.6, "c1ccncc1": 2.2, "c1ccsc1": 2.0}
BASES = {"CCN(CC)CC": 0.0, "c1ccncc1": 0.4, "CN1CCOCC1": 0.9}
PULL = {"O": 3.4, "S": 2.6, "Se": 2.5, "Te": 2.1, "F": 4.0, "Cl": 3.2, "N": 3.0, "P": 2.2}


@pytest.fixture(autouse=True)
def short_lessons(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks of reactions learn little here, but where they are asked to learn well."""
    if "fitted_closely" not in request.node.name:
        monkeypatch.setattr("matscout.predict.models.uam.FAST_STEPS", (20, 20))


def classifies(name: str) -> bool:
    maker: type[Model] = registry.load_class("models", name)
    return maker.classifies


ALL = pytest.mark.parametrize("name", NAMES)
PAIRS = [(name, task) for task in TASKS for name in NAMES if task == "regression" or classifies(name)]
EACH = pytest.mark.parametrize(("name", "task"), PAIRS)


def compounds(n: int, rng: np.random.Generator) -> tuple[Materials, np.ndarray]:
    """Compounds of two cations and an anion; the made-up property follows the share and kind of the anion."""
    rows = []
    for _ in range(n):
        elements = [*rng.choice(CATIONS, 2, replace=False).tolist(), str(rng.choice(list(PULL)))]
        rows.append(dict(zip(elements, rng.integers(1, 5, size=3).astype(float).tolist(), strict=True)))
    values = np.array([4.0 * row[a] / sum(row.values()) * PULL[a] for row in rows for a in row if a in PULL])
    formulas = np.array(["".join(f"{symbol}{amount:g}" for symbol, amount in row.items()) for row in rows])
    return Materials(np.arange(n).astype(np.str_), formulas, Compositions.from_dicts(rows)), values


def couplings(n: int, rng: np.random.Generator) -> tuple[Materials, np.ndarray]:
    """Amides from an acid and an amine, all different; the made-up property follows the acid and the base."""
    places = rng.permutation(len(ALKYLS) * len(ARYLS) * len(BASES))[:n]
    alkyls, aryls, bases = np.unravel_index(places, (len(ALKYLS), len(ARYLS), len(BASES)))
    chosen = [(ALKYLS[a], list(ARYLS)[b], list(BASES)[c]) for a, b, c in zip(alkyls, aryls, bases, strict=True)]
    cells = {
        "acid": [f"OC(=O){aryl}" for _, aryl, _ in chosen],
        "amine": [f"N{alkyl}" for alkyl, _, _ in chosen],
        "base": [base for *_, base in chosen],
        "product": [f"O=C(N{alkyl}){aryl}" for alkyl, aryl, _ in chosen],
    }
    parsed = parse_components(list(cells.values()), [part_of(name) for name in cells])
    values = np.array([ARYLS[aryl] + BASES[base] for _, aryl, base in chosen])
    ids = np.arange(n).astype(np.str_)
    return Materials(ids, parsed.reactions.texts(), parsed.compositions, reactions=parsed.reactions), values


def make_dataset(
    name: str, n: int, task: str = "regression", *, seed: int = 0, context: bool = False, groups: bool = False
) -> Dataset:
    """Rows of what the model learns from, with a property made up for them."""
    rng = np.random.default_rng(seed)
    materials, values = (couplings if name in OF_REACTIONS else compounds)(n, rng)
    if context:
        conditions = {"temperature": rng.uniform(300.0, 900.0, n), "route": rng.choice(["bulk", "film"], n)}
        materials = replace(materials, context=conditions)
    target = Target("gap", values, "eV")
    if task == "classification":
        thirds = np.digitize(values, np.quantile(values, [0.35, 0.7])).astype(np.float64)
        target = Target("kind", thirds, None, task, ("insulator", "metal", "semiconductor"))
    papers = np.array([f"paper {i % 15}" for i in range(n)]) if groups else None
    return Dataset(materials, {target.name: target}, papers)


@cache
def fitted(name: str, task: str) -> Model:
    return matscout.fit(make_dataset(name, 60, task, context=True), model=name, fast=True, seed=3)


@cache
def new_materials(name: str) -> Materials:
    return make_dataset(name, 25, seed=1, context=True).materials


@ALL
def test_its_representations_are_in_the_catalogue(name):
    for fast in (False, True):
        model: Model = registry.load_class("models", name)(fast=fast)
        assert set(model.representations) <= {plug_in.name for plug_in in registry.plug_ins("representations")}
        assert all(len(seen) == 25 for seen in model.seen(new_materials(name)).values())


def columns(predictions: AnyPredictions) -> np.ndarray:
    """Everything that is predicted, one row per material."""
    if isinstance(predictions, ClassPredictions):
        return np.concatenate([predictions.probabilities, predictions.sets, predictions.in_domain[:, None]], axis=1)
    numbers = (predictions.predicted, predictions.std, predictions.lower, predictions.upper, predictions.in_domain)
    return np.stack(numbers, axis=1)


def test_the_baselines_are_in_the_catalogue() -> None:
    assert {"dummy", "extratrees-magpie", "gp"} <= set(NAMES)


@ALL
def test_the_catalogue_tells_what_it_is(name: str) -> None:
    assert 20 < len(registry.find("models", name).summary) < 120
    assert registry.load_class("models", name)().name == name


@ALL
def test_numbers_come_with_intervals(name: str) -> None:
    predictions = fitted(name, "regression").predict(new_materials(name))
    assert isinstance(predictions, Predictions)
    assert (predictions.target, predictions.unit, predictions.level, len(predictions)) == ("gap", "eV", 0.9, 25)
    assert (predictions.lower < predictions.upper).all()
    assert (predictions.std > 0).all()
    assert predictions.assumption
    narrow = fitted(name, "regression").predict(new_materials(name), level=0.5)
    assert (narrow.upper - narrow.lower <= predictions.upper - predictions.lower + 1e-12).all()
    np.testing.assert_array_equal(narrow.predicted, predictions.predicted)


def test_a_model_that_looks_at_no_material_knows_no_more_than_the_labels() -> None:
    said = fitted("dummy", "regression").predict(new_materials("dummy"))
    assert isinstance(said, Predictions)
    assert not said.knows_more.any()


@ALL
def test_what_surely_lies_off_the_middle_of_the_labels_knows_more(name: str) -> None:
    said = fitted(name, "regression").predict(new_materials(name))
    assert isinstance(said, Predictions)
    apart = ~said.distribution.spans(float(np.median(make_dataset(name, 60, context=True, seed=0).target().values)))
    assert said.knows_more[apart].all()


@ALL
def test_chances_are_those_of_the_intervals(name: str) -> None:
    for level in (0.5, 0.9):
        predictions = fitted(name, "regression").predict(new_materials(name), level)
        assert isinstance(predictions, Predictions)
        said = predictions.distribution
        for ends, share in (
            (predictions.lower, (1 - level) / 2),
            (predictions.predicted, 0.5),
            (predictions.upper, (1 + level) / 2),
        ):
            chances, (low, high) = said.cdf(ends), said.limits
            free = (ends > low) & (ends < high)
            np.testing.assert_allclose(chances[free], share, rtol=1e-6)
            assert (chances[ends <= low] >= share).all()
            assert (chances[ends >= high] == 1.0).all()


@ALL
def test_no_chance_falls_with_the_value_and_none_above_a_half_is_promised_beyond_what_is_predicted(name: str) -> None:
    predictions = fitted(name, "regression").predict(new_materials(name))
    assert isinstance(predictions, Predictions)
    said, (low, high) = predictions.distribution, (predictions.lower.min(), predictions.upper.max())
    grid = np.sort([*np.linspace(2 * low - high, 2 * high - low, 60), *predictions.predicted, *said.quantile(0.99)])
    chances = np.array([said.cdf(value) for value in grid])
    assert (np.diff(chances, axis=0) >= -1e-12).all()
    for value, below in zip(grid, chances, strict=True):
        assert (1 - below[predictions.predicted <= value] <= 0.5 + 1e-9).all()
        at_least = 1 - said.cdf(np.nextafter(value, -np.inf))
        assert (at_least[predictions.predicted >= value] >= 0.5 - 1e-9).all()


@ALL
def test_what_is_expected_is_what_is_drawn(name: str) -> None:
    predictions = fitted(name, "regression").predict(new_materials(name))
    assert isinstance(predictions, Predictions)
    said = predictions.distribution
    drawn = said.samples(20_000, 0)
    error = 5 * drawn.std(axis=1) / np.sqrt(20_000) + 1e-9
    assert (np.abs(said.mean - drawn.mean(axis=1)) <= error).all()
    held = (predictions.lower[:, None] <= drawn) & (drawn <= predictions.upper[:, None])
    assert (held.mean(axis=1) >= 0.885).all()
    assert (drawn >= 0.0).all()


def with_values(dataset: Dataset, values: np.ndarray) -> Dataset:
    """The same data with other values, all positive."""
    return replace(dataset, targets={"x": Target("x", values, "eV")})


def decades(name: str, n: int = 60) -> Dataset:
    """A property over five decades, whose logarithm follows what the rows are made of."""
    dataset = make_dataset(name, n)
    values = dataset.target().values
    return with_values(dataset, 10.0 ** (5.0 * (values - values.min()) / np.ptp(values) - 2.0))


def one_far_above(name: str, n: int = 60) -> Dataset:
    """One row has a million times what the others have at most."""
    dataset = make_dataset(name, n)
    values = dataset.target().values.copy()
    values[17] = 1e6 * values.max()
    return with_values(dataset, values)


@cache
def fitted_to(name: str, made: str) -> tuple[Dataset, Model]:
    makers = {"usual": lambda: make_dataset(name, 60), "decades": lambda: decades(name)}
    makers["one far above"] = lambda: one_far_above(name)
    dataset = makers[made]()
    return dataset, matscout.fit(dataset, model=name, fast=True, seed=3)


MADE = pytest.mark.parametrize("made", ["usual", "decades", "one far above"])


@MADE
@ALL
def test_a_positive_property_is_never_predicted_below_zero_and_never_without_end(name: str, made: str) -> None:
    dataset, model = fitted_to(name, made)
    for materials in (dataset.materials, make_dataset(name, 25, seed=1).materials):
        predictions = model.predict(materials)
        assert isinstance(predictions, Predictions)
        for column in (predictions.lower, predictions.predicted, predictions.upper, predictions.std):
            assert np.isfinite(column).all()
            assert (column >= 0.0).all()
        assert predictions.distribution.limits[0] == 0.0
        assert predictions.distribution.cdf(-1e-9).max() == 0.0
        assert predictions.distribution.samples(200, 0).min() >= 0.0
        assert (predictions.upper < 1e3 * dataset.target().values.max()).all()
        if made == "decades":
            assert predictions.distribution.scale.kind == dataset.target().scale == "log"
            assert (predictions.lower > 0.0).all()
            assert (predictions.lower > 1e-3 * dataset.target().values.min()).all()


@MADE
@ALL
def test_no_interval_is_wider_than_that_of_the_labels(name: str, made: str) -> None:
    dataset, model = fitted_to(name, made)
    forward = transform_of(dataset.target().scale).forward
    labels = forward(dataset.target().values)
    blind = Ceiling.fit(labels, np.arange(len(labels)), None).blind
    for level in (0.5, 0.8, 0.9):
        predictions = model.predict(make_dataset(name, 25, seed=1).materials, level)
        assert isinstance(predictions, Predictions)
        lower, upper = (forward(np.maximum(ends, 1e-300)) for ends in (predictions.lower, predictions.upper))
        assert (upper - lower <= float(blind.size(ndtri(0.5 + level / 2))) * (1 + 1e-6)).all()
    # Of all rows the middle 90 % of the labels are what is said without a look at the material.
    assert float(blind.size(ndtri(0.95))) < 1.25 * np.ptp(np.quantile(labels, [0.02, 0.98]))


@ALL
def test_errors_over_decades_are_told_in_decades_and_learned_there(name: str) -> None:
    dataset, model = fitted_to(name, "decades")
    values = np.log10(dataset.target().values)
    blind = float(np.abs(values - np.median(values)).mean())
    assert model.scores["mae"] <= 1.1 * blind
    predicted = np.log10(model.predict(dataset.materials).predicted)
    assert np.abs(predicted - values).mean() <= (1.1 if name in SHORT_LESSONS else 0.9) * blind or name == "dummy"


@pytest.mark.parametrize("name", [name for name in NAMES if classifies(name)])
def test_classes_come_with_probabilities_and_sets(name: str) -> None:
    predictions = fitted(name, "classification").predict(new_materials(name))
    assert isinstance(predictions, ClassPredictions)
    assert predictions.classes == ("insulator", "metal", "semiconductor")
    assert predictions.sets.any(axis=1).all()
    assert (predictions.probabilities >= 0).all()
    narrow = fitted(name, "classification").predict(new_materials(name), level=0.5)
    assert (narrow.sets <= predictions.sets).all()


@EACH
def test_neither_batch_nor_order_matters(name: str, task: str) -> None:
    model, materials = fitted(name, task), new_materials(name)
    whole = columns(model.predict(materials))
    order = np.random.default_rng(0).permutation(len(materials))
    # A network in single precision rounds differently in batches of another size; each representation says how much.
    makers = [registry.load_class("representations", used) for used in model.representations]
    close = max([1e-9, *(maker.tolerance for maker in makers)])
    np.testing.assert_allclose(columns(model.predict(materials[order])), whole[order], rtol=close, atol=close)
    single = np.concatenate([columns(model.predict(materials[[row]])) for row in range(5)])
    np.testing.assert_allclose(single, whole[:5], rtol=close, atol=close)


@EACH
def test_equal_seeds_give_equal_predictions(name: str, task: str) -> None:
    again = matscout.fit(make_dataset(name, 60, task, context=True), model=name, fast=True, seed=3)
    first = columns(fitted(name, task).predict(new_materials(name)))
    np.testing.assert_allclose(columns(again.predict(new_materials(name))), first, rtol=1e-9, atol=1e-12)


@EACH
def test_several_levels_at_once_are_those_one_by_one(name: str, task: str) -> None:
    model, levels = fitted(name, task), (0.3, 0.5, 0.9)
    together = list(model.predict_at(new_materials(name), levels))
    assert [predictions.level for predictions in together] == list(levels)
    for predictions, level in zip(together, levels, strict=True):
        np.testing.assert_array_equal(columns(predictions), columns(model.predict(new_materials(name), level)))


@EACH
def test_a_level_that_the_rows_do_not_support_is_refused(name: str, task: str) -> None:
    with pytest.raises(UsageError, match=r"at least 999 training (materials|reactions); there are \d+"):
        fitted(name, task).predict(new_materials(name), level=0.999)


@EACH
def test_a_missing_context_column_is_refused_by_name(name: str, task: str) -> None:
    bare = replace(new_materials(name), context={"route": new_materials(name).context["route"]})
    with pytest.raises(UsageError, match="'temperature'"):
        fitted(name, task).predict(bare)


@EACH
def test_explanations_name_the_nearest_labelled_materials(name: str, task: str) -> None:
    model, labelled = fitted(name, task), make_dataset(name, 60, task, context=True)
    explanations = model.explain(labelled.materials[[4, 9]], k=4)
    assert [len(explanation.neighbours) for explanation in explanations] == [4, 4]
    formula, value, similarity = explanations[0].neighbours[0]
    assert formula == labelled.materials.formulas[4]
    target = labelled.target()
    assert value == (target.values[4] if task == "regression" else target.classes[int(target.values[4])])
    assert similarity == pytest.approx(1.0)
    for explanation in explanations:
        similarities = [similarity for _, _, similarity in explanation.neighbours]
        assert similarities == sorted(similarities, reverse=True)
        assert all(0.0 <= similarity <= 1.0 + 1e-12 for similarity in similarities)
        assert len(explanation.features) <= 4


@pytest.mark.parametrize(
    ("name", "task"),
    # The network of uam learns 50 rows by heart in its own test; what trees and intervals add to it takes longer.
    [pytest.param(*pair, marks=[pytest.mark.slow] * (pair[0] == "uam")) for pair in PAIRS if pair[0] != "dummy"],
)
def test_50_rows_are_fitted_closely(name: str, task: str) -> None:
    dataset = make_dataset(name, 50, task, seed=5)
    predicted = matscout.fit(dataset, model=name, fast=True).predict(dataset.materials).predicted
    values = dataset.target().values
    if task == "classification":
        assert (predicted == values).mean() >= 0.9
    else:
        assert np.abs(predicted - values).mean() < 0.25 * np.abs(values - np.median(values)).mean()


@ALL
def test_groups_are_the_units_of_the_intervals(name: str) -> None:
    dataset = make_dataset(name, 60, groups=True)
    model = matscout.fit(dataset, model=name, fast=True)
    assert "group" in model.assumption
    with pytest.raises(UsageError, match=r"at least 19 training groups; there are 15.*at most 0\.937"):
        model.predict(dataset.materials, level=0.95)


@EACH
def test_too_few_rows_for_the_usual_level_are_told_when_fitting(name: str, task: str) -> None:
    dataset = make_dataset(name, 7, task)
    model = matscout.fit(dataset, model=name, fast=True)
    assert "the highest level that can be asked for is 0.875" in model.card.assumption
    with pytest.raises(UsageError, match=r"at most 0\.875"):
        model.predict(dataset.materials)
    assert len(model.predict(dataset.materials, level=0.875)) == 7


@ALL
def test_nothing_is_promised_and_nothing_is_learnt_from_one_value(name: str) -> None:
    assert "no guarantee" in fitted(name, "regression").assumption
    dataset = make_dataset(name, 12)
    flat = replace(dataset, targets={"gap": replace(dataset.target(), values=np.full(12, 1.5))})
    with pytest.raises(InputError, match=r"every known value of 'gap' is 1\.5: there is nothing to learn"):
        matscout.fit(flat, model=name, fast=True)


@ALL
def test_missing_and_few_labels(name: str) -> None:
    dataset = make_dataset(name, 30)
    values = dataset.target().values.copy()
    values[:10] = np.nan
    some = replace(dataset, targets={"gap": replace(dataset.target(), values=values)})
    assert matscout.fit(some, model=name, fast=True).card.n_rows == 20
    values[4:] = np.nan
    with pytest.raises(InputError, match="a model needs at least"):
        matscout.fit(some, model=name, fast=True)


@ALL
def test_errors_and_bounds_are_taken(name: str) -> None:
    dataset = make_dataset(name, 40)
    censored = np.where(np.arange(40) % 8 == 0, 1, 0).astype(np.int8)
    target = replace(dataset.target(), errors=np.linspace(0.01, 1.0, 40), censored=censored)
    predictions = matscout.fit(replace(dataset, targets={"gap": target}), model=name, fast=True).predict(
        dataset.materials
    )
    assert len(predictions) == 40


PREDICT = """
import sys
from pathlib import Path
import numpy as np
sys.path.insert(0, sys.argv[2])
from test_models import columns, new_materials
from matscout import load

for place in Path(sys.argv[1]).iterdir():
    np.save(place / "predicted.npy", columns(load(place).predict(new_materials(place.name.split()[0]))))
"""


def test_saved_models_predict_the_same_in_a_fresh_process(tmp_path: Path) -> None:
    for name, task in PAIRS:
        fitted(name, task).save(tmp_path / f"{name} {task}")
    arguments = [sys.executable, "-c", PREDICT, str(tmp_path), str(Path(__file__).parent)]
    subprocess.run(arguments, check=True, timeout=180)
    for name, task in PAIRS:
        expected = columns(fitted(name, task).predict(new_materials(name)))
        found = np.load(tmp_path / f"{name} {task}" / "predicted.npy")
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=f"{name} {task}")
