"""Properties that follow from others: their labels, the columns they are about, and the model that predicts them."""

from __future__ import annotations

import copy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.golden import make_golden

import matscout
from matscout.app.cli import run
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.errors import InputError, UsageError
from matscout.predict.base import LeftOut, Predictions
from matscout.predict.definitions import definition, model_for, names_needed, with_definitions
from matscout.predict.fitting import make_model
from matscout.predict.labels import training_labels
from matscout.predict.laws import Law
from matscout.predict.model import Model
from matscout.predict.models.by_definition import BASE, LEAST_PART, ByDefinition, unseen
from matscout.predict.propagation import propagate
from matscout.remarks import codes

METALS = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Zn", "Cd", "Al", "Ga")
LAW = "power*temperature/conductivity"


def dataset(n: int = 60) -> Dataset:
    rng = np.random.default_rng(0)
    formulas = [f"{METALS[row % 10]}{1 + row // 10}Te" for row in range(n)]
    made = Materials.from_formulas(formulas)
    materials = Materials(made.ids, made.formulas, made.compositions, context={"temperature": rng.uniform(300, 900, n)})
    amount = (1.0 + np.arange(n) // 10) * np.exp(rng.normal(scale=0.3, size=n))
    power = Target("power", np.where(np.arange(n) == 3, np.nan, amount * 1e-3), "W/(m K2)")
    conductivity = Target("Conductivity", 1.0 + amount, "W/(m K)", censored=(np.arange(n) == 5).astype(np.int8))
    return Dataset(materials, {"power": power, "Conductivity": conductivity})


def test_labels_follow_from_what_is_measured() -> None:
    given = dataset()
    found = with_definitions(given, {"merit": LAW}).target("merit")
    expected = (
        given.target("power").values * given.materials.context["temperature"] / given.target("Conductivity").values
    )
    # One power is missing, and one conductivity is a bound.
    known = ~np.isin(np.arange(60), [3, 5])
    np.testing.assert_allclose(found.values[known], expected[known])
    assert np.isnan(found.values[~known]).all()
    assert with_definitions(given, {}).targets.keys() == given.targets.keys()


@pytest.mark.parametrize(
    ("definitions", "error", "words"),
    [
        ({"merit": "power/nothing"}, UsageError, "'nothing' in the law .* there are Conductivity, power, temperature"),
        ({"power": LAW}, UsageError, "is already a column of the data"),
        ({"merit": "temperature**2"}, UsageError, "conditions only"),
        (
            {"merit": "power/(conductivity-conductivity)"},
            InputError,
            "no value in any row: where its columns are known",
        ),
    ],
)
def test_what_cannot_be_defined_is_refused(definitions, error, words) -> None:
    with pytest.raises(error, match=words):
        with_definitions(dataset(), definitions)


def test_draws_of_a_law_keep_to_the_limits() -> None:
    """Of few rows draws make the intervals, and those of a difference go below 0."""
    made = make_golden.lawful_solids()[:40]
    power = made.target("power").values
    excess = Target("excess", 0.2 * power, "W")
    dataset = replace(made, targets={**made.targets, "excess": excess})
    law = "1.2*power-conductivity"
    predictions = matscout.fit(dataset, "excess", model=definition(law, "gp")).predict(made.materials)
    assert "draws" in predictions.assumption
    assert predictions.distribution.limits == (0.0, np.inf)
    assert predictions.lower.min() == 0.0
    assert predictions.distribution.samples(100, 0).min() >= 0.0


def test_names_may_be_in_any_script() -> None:
    given = dataset()
    power, conductivity = given.target("power"), given.target("Conductivity")
    greek = Dataset(
        given.materials, {"S": replace(power, name="S"), "σ": replace(conductivity, name="σ", censored=None)}
    )
    found = with_definitions(greek, {"z": "S*σ"}).target("z").values
    np.testing.assert_allclose(found, power.values * conductivity.values)
    with pytest.raises(UsageError, match="'κ' in the law 'S\\*κ' is not a column"):
        with_definitions(greek, {"z": "S*κ"})
    assert names_needed({"z": "S*σ*τ"}, ["τ (K)"]) == ("S", "σ")


def test_what_was_said_of_a_row_is_told_of_its_own_group() -> None:
    """The model that left out one paper has seen the other one, with the same material."""
    given = dataset()[np.array([0, 0, 1])]
    groups = np.array(["a", "b", "a"], dtype=np.str_)
    labels = training_labels(replace(given[np.arange(3).repeat(2)], groups=groups.repeat(2)), "power")
    told = LeftOut(given.materials, np.array([1.0, 2.0, 3.0]), groups)
    assert unseen(told, labels).tolist() == [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]


def test_a_law_without_a_value_is_told(fitted: Model) -> None:
    given = dataset()
    cold = given.materials.context["temperature"] * 0
    materials = replace(given.materials, context={"temperature": cold})
    model = replace_law(fitted, "power/temperature")
    with pytest.raises(
        UsageError, match=r"merit = power/temperature has no value for Li1Te, for which power = \S+, temp"
    ):
        model.predict(materials)


def replace_law(model: Model, text: str) -> Model:
    changed = copy.copy(model.predictor)
    assert isinstance(changed, ByDefinition)
    changed.law = Law.parse(text)
    return replace(model, predictor=changed)


def test_which_columns_must_be_read() -> None:
    assert names_needed({"a": "S**2*T/kappa", "b": "kappa*2"}, ["T (K)"]) == ("S", "kappa")
    assert names_needed({"a": "S**2*T/kappa"}, ["temperature"]) == ("S", "kappa")
    assert model_for("a", {"a": "S"}, "auto") == "by-definition=S"
    assert model_for("b", {"a": "S"}, "auto") == "auto"
    with pytest.raises(UsageError, match="by-definition needs a law"):
        make_model("by-definition")


@pytest.mark.parametrize(
    ("component", "address"),
    [
        ("auto", "by-definition=S*T"),
        ("gp", "by-definition/gp=S*T"),
        ("mixture-of-experts/one-hot=magpie", "by-definition/mixture-of-experts/one-hot=magpie=S*T"),
    ],
)
def test_the_model_of_each_property_is_part_of_the_address(component: str, address: str) -> None:
    assert model_for("a", {"a": "S*T"}, component) == address
    made = make_model(address)
    assert isinstance(made, ByDefinition)
    assert (made.component, made.law.text, made.address) == (component, "S*T", address)


def test_a_model_that_is_not_there_is_told_before_any_work() -> None:
    with pytest.raises(UsageError, match="'pg' is not one of the models; did you mean gp"):
        make_model("by-definition/pg=S*T")


@pytest.fixture(scope="module")
def fitted():
    """A Gaussian process for each property: auto would take most of a minute, and is tested elsewhere."""
    labelled = with_definitions(dataset(), {"merit": LAW})
    return matscout.fit(labelled, "merit", model=f"by-definition/gp={LAW}", fast=True)


def parts(labelled: Dataset, materials: Materials) -> dict[str, Predictions]:
    """Of each property of the law, by the models of which it is made, above zero."""
    found = {}
    for name, plain in (("power", "power"), ("Conductivity", "conductivity")):
        alone = matscout.fit(labelled, name, model="gp", fast=True).predict(materials, BASE)
        assert isinstance(alone, Predictions)
        least = LEAST_PART * np.nanmin(labelled.target(name).values)
        assert (alone.predicted > least).all()
        found[plain] = replace(alone, distribution=replace(alone.distribution, limits=(least, np.inf)))
    return found


def test_predictions_are_the_law_of_the_models_with_a_share_of_a_direct_one(fitted: Model) -> None:
    labelled = with_definitions(dataset(), {"merit": LAW})
    told = parts(labelled, labelled.materials)
    law = told["power"].predicted * labelled.materials.context["temperature"] / told["conductivity"].predicted
    direct = matscout.fit(labelled, "merit", model="gp", fast=True).predict(labelled.materials)
    found = fitted.predict(labelled.materials, 0.8)
    assert isinstance(direct, Predictions)
    assert isinstance(found, Predictions)
    assert isinstance(fitted.predictor, ByDefinition)
    share = fitted.predictor.share
    assert 0 < share < 1
    assert codes(fitted.notes)[:2] == ["predicted-by-a-law", "law-and-model-share"]
    assert f"{share:.0%}" in fitted.notes[1]
    np.testing.assert_allclose(found.predicted, share * law + (1 - share) * direct.predicted, rtol=1e-6)
    assert found.target == "merit"
    assert (found.lower >= 0).all()


def test_wide_intervals_of_large_values_are_no_sign_of_doubt(fitted: Model) -> None:
    """Errors are a share of the value: the largest values have the widest intervals, and stay as they are."""
    labelled = with_definitions(dataset(), {"merit": LAW})
    found = fitted.predict(labelled.materials)
    assert isinstance(found, Predictions)
    told, widths = found.distribution, found.upper - found.lower
    np.testing.assert_array_equal(np.argsort(told.centre, kind="stable"), np.argsort(found.predicted, kind="stable"))
    largest = np.argsort(found.predicted)[-5:]
    assert (widths[largest] > np.median(widths)).all()
    assert found.knows_more[largest].all()


def test_intervals_hold_what_was_measured_where_errors_go_together() -> None:
    """Errors of two properties that cancel in their product: draws that take them apart are far too wide."""
    rng = np.random.default_rng(1)
    formulas = [f"{METALS[row % 10]}{1 + row // 10}Te" for row in range(240)]
    carriers = np.exp(rng.normal(scale=1.5, size=240))
    amount = 1.0 + np.arange(240) // 10
    targets = {
        "a": Target("a", amount * carriers * np.exp(rng.normal(scale=0.2, size=240))),
        "b": Target("b", 1.0 / carriers),
    }
    labelled = with_definitions(Dataset(Materials.from_formulas(formulas), targets), {"p": "a*b"})
    order = rng.permutation(240)
    train, test = labelled[order[:160]], labelled[order[160:]]
    found = matscout.fit(train, "p", model="by-definition/gp=a*b", fast=True).predict(test.materials)
    assert isinstance(found, Predictions)
    truth = test.target("p").values
    assert ((found.lower <= truth) & (truth <= found.upper)).mean() > 0.8
    apart = propagate(
        {name: matscout.fit(train, name, model="gp", fast=True).predict(test.materials, BASE) for name in "ab"},  # type: ignore[misc]
        lambda drawn: drawn["a"] * drawn["b"],
        target="p",
    )
    assert np.median(found.upper - found.lower) < 0.5 * np.median(apart.upper - apart.lower)


def test_of_few_rows_the_models_are_propagated() -> None:
    labelled = with_definitions(dataset()[:45], {"merit": LAW})
    few = matscout.fit(labelled, "merit", model=f"by-definition/gp={LAW}", fast=True)
    assert "as if their errors were independent" in few.assumption
    told = parts(labelled, labelled.materials)
    temperature = labelled.materials.context["temperature"][:, None]
    expected = propagate(
        told,
        lambda drawn: drawn["power"] * temperature / drawn["conductivity"],
        target="merit",
        positive=list(told),
        limits=(0.0, np.inf),
        level=0.8,
    )
    found = few.predict(labelled.materials, 0.8)
    for column in ("predicted", "std", "lower", "upper"):
        np.testing.assert_allclose(getattr(found, column), getattr(expected, column), rtol=1e-6)


def test_neither_batch_nor_order_nor_level_change_a_prediction(fitted) -> None:
    materials = dataset().materials
    whole, wide = fitted.predict(materials, 0.5), fitted.predict(materials, 0.9)
    np.testing.assert_array_equal(whole.predicted, wide.predicted)
    assert (whole.upper - whole.lower <= wide.upper - wide.lower).all()
    order = np.random.default_rng(0).permutation(60)
    np.testing.assert_allclose(fitted.predict(materials[order], 0.5).lower, whole.lower[order], rtol=1e-5)
    np.testing.assert_allclose(fitted.predict(materials[:1], 0.5).upper, whole.upper[:1], rtol=1e-5)
    with pytest.raises(UsageError, match="context column 'temperature', which is missing here"):
        fitted.predict(Materials.from_formulas(["LiTe"]))


def test_a_saved_model_says_the_same_in_another_process(fitted, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model")
    script = (
        "import matscout, numpy as np; from matscout.data.materials import Materials\n"
        "made = Materials.from_formulas(['Li2Te', 'Ga3Te'])\n"
        "context = {'temperature': np.array([400.0, 500.0])}\n"
        "made = Materials(made.ids, made.formulas, made.compositions, context=context)\n"
        f"found = matscout.load({str(tmp_path / 'model')!r}).predict(made)\n"
        "print(' '.join(f'{value:.9g}' for value in (*found.predicted, *found.lower, *found.upper)))"
    )
    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    made = Materials.from_formulas(["Li2Te", "Ga3Te"])
    context = {"temperature": np.array([400.0, 500.0])}
    own = fitted.predict(Materials(made.ids, made.formulas, made.compositions, context=context))
    np.testing.assert_allclose(
        [float(value) for value in said.split()], [*own.predicted, *own.lower, *own.upper], rtol=1e-6
    )
    assert fitted.address == f"by-definition/gp={LAW}"
    assert "merit = power*temperature/conductivity, from models of power, Conductivity." in fitted.notes


@pytest.fixture
def table(tmp_path: Path) -> Path:
    given = dataset()
    frame = pl.DataFrame(
        {
            "formula": given.materials.formulas.tolist(),
            "temperature (K)": given.materials.context["temperature"],
            "power (W/(m K2))": given.target("power").values,
            "Conductivity (W/(m K))": given.target("Conductivity").values,
        },
        nan_to_null=True,
    )
    frame.write_csv(tmp_path / "t.csv")
    return tmp_path / "t.csv"


def test_a_figure_of_merit_is_fitted_predicted_and_scouted(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--context", "temperature", "--define", f"merit={LAW}", "--fast"]
    assert run(["fit", str(table), *asked, "--model", "gp", "-o", str(tmp_path / "model")]) == 0
    assert "merit: learned from 59 rows" in capsys.readouterr().out
    assert list(matscout.predict.artefact.load_models(tmp_path / "model")) == ["merit"]
    (tmp_path / "c.csv").write_text("formula,temperature (K)\nLi3Te,600\nGa2Te,500\nRb2Te,500\n", encoding="utf-8")
    assert run(["predict", str(tmp_path / "model"), str(tmp_path / "c.csv"), "-o", str(tmp_path / "p.csv")]) == 0
    assert (pl.read_csv(tmp_path / "p.csv")["merit_lower"] > 0).all()
    out = tmp_path / "out"
    more = ["--goal", "merit=max", "--candidates", str(tmp_path / "c.csv"), "--set", "temperature=600", "-o", str(out)]
    more += ["--use", str(tmp_path / "model")]
    assert run(["scout", str(table), *asked, *more]) == 0
    assert set(pl.read_csv(out / "shortlist.csv")["formula"]) <= {"Li3Te", "Ga2Te", "Rb2Te"}
    assert "merit" in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("column", "asked"), [("temperature", "T"), ("T (K)", "temperature"), ("T", "T")])
def test_the_temperature_may_be_called_by_its_symbol(tmp_path: Path, column: str, asked: str) -> None:
    rows = np.arange(30)
    frame = pl.DataFrame(
        {
            "formula": [f"{METALS[row % 10]}{1 + row // 10}Te" for row in rows],
            column: np.where(rows % 2, 300, 600),
            "S": 1e-4 * (1 + rows),
            "sigma": 1e4 * (1 + rows % 7),
            "kappa": 1.0 + rows % 3,
        }
    )
    frame.write_csv(tmp_path / "t.csv")
    (tmp_path / "c.csv").write_text("formula\nLi4Te\nRb2Te\n", encoding="utf-8")
    law, out, model = ["--define", "zT=S**2*sigma*T/kappa"], tmp_path / "out", str(tmp_path / "model")
    asked_for = ["--context", asked, "--model", "dummy", "--fast", "-o", model]
    assert run(["fit", str(tmp_path / "t.csv"), *law, *asked_for]) == 0
    search = ["--goal", "zT=max", "--set", f"{asked}=600", "--candidates", str(tmp_path / "c.csv"), "--use", model]
    assert run(["scout", str(tmp_path / "t.csv"), *law, *search, "--fast", "-o", str(out)]) == 0
    assert set(pl.read_csv(out / "shortlist.csv")["formula"]) == {"Li4Te", "Rb2Te"}


@pytest.mark.parametrize(
    ("define", "words"),
    [
        ("merit", "--define 'merit' is not of the form NAME=LAW"),
        ("merit=power.x", "holds 'power.x'; a law consists of numbers"),
        ("merit=power/nothing", "nothing"),
    ],
)
def test_wrong_laws_end_in_a_sentence(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], define: str, words: str
) -> None:
    assert run(["fit", str(table), "--context", "temperature", "--define", define, "-o", str(tmp_path / "m")]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert words in said
    assert "Traceback" not in said
