"""Models that learn several properties at once, and conditions as levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import matscout
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.predict.base import Predictions
from matscout.predict.fitting import make_model
from matscout.predict.levels import MOST, Levels
from matscout.predict.models.mixture_of_experts import MixtureOfExperts

METALS = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Zn", "Cd", "Al", "Ga")


def dataset(n: int = 80, known: int = 20) -> Dataset:
    """A property that few rows have, and one of all rows that it follows from."""
    rng = np.random.default_rng(0)
    formulas = [f"{METALS[row % 10]}{1 + row // 10}Te" for row in range(n)]
    made = Materials.from_formulas(formulas)
    context = {"temperature": rng.choice([300.0, 600.0, 900.0], n)}
    materials = Materials(made.ids, made.formulas, made.compositions, context=context)
    plenty = np.array([(1 + row // 10) * (1 + row % 10) for row in range(n)], dtype=np.float64)
    scarce = np.where(rng.permutation(n) < known, plenty**2, np.nan)
    kind = Target("kind", np.arange(n) % 2.0, None, "classification", ("a", "b"))
    # Over decades, and said so: which scale 20 labels are best learned on hangs on the last digits of a machine.
    targets = {
        "scarce": Target("scarce", scarce, "eV", asked_scale="log"),
        "plenty": Target("plenty", plenty),
        "kind": kind,
    }
    return Dataset(materials, targets)


def test_it_learns_from_rows_in_which_only_another_property_is_known() -> None:
    model = matscout.fit(dataset(), "scarce", model="mixture-of-experts", fast=True)
    assert model.notes == ("scarce was learned together with plenty.",)
    alone = matscout.fit(dataset(), "scarce", model="mixture-of-experts:experts=1,alone=yes", fast=True)
    assert alone.notes == ()
    given = dataset()
    truth = given.target("plenty").values ** 2
    shared, single = (found.predict(given.materials, 0.8) for found in (model, alone))
    assert isinstance(shared, Predictions)
    assert isinstance(single, Predictions)
    unknown = ~given.target("scarce").known
    errors = [np.abs(np.log(one.predicted / truth))[unknown].mean() for one in (shared, single)]
    assert errors[0] < errors[1]
    # Values over decades are positive, and so are the ends of their intervals.
    assert (shared.lower > 0).all()


def test_conditions_are_numbers_or_levels() -> None:
    made = make_model("mixture-of-experts/one-hot=elements=mat2vec")
    assert isinstance(made, MixtureOfExperts)
    assert made.address == "mixture-of-experts/one-hot=elements=mat2vec"
    assert made.representations == ("elements=mat2vec",)
    model = matscout.fit(dataset(), "plenty", model="mixture-of-experts/one-hot", fast=True)
    given = dataset().materials
    near = replace(given, context={"temperature": given.context["temperature"] + 20.0})
    np.testing.assert_array_equal(*(model.predict(one).predicted for one in (given, near)))  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="its parts are numbers, one-hot"):
        make_model("mixture-of-experts/text")
    with pytest.raises(UsageError, match="kind has classes"):
        matscout.fit(dataset(), "kind", model="mixture-of-experts")


def test_numbers_become_the_nearest_level() -> None:
    made = Materials.from_formulas(["LiTe"] * 4)
    told = replace(made, context={"T": np.array([300.0, 600.0, 300.0, np.nan]), "route": np.array(["a"] * 4)})
    levels = Levels.fit(told)
    assert levels.values["T"].tolist() == [300.0, 600.0]
    asked = replace(told, context={"T": np.array([1.0, 470.0, 1e4, np.nan]), "route": told.context["route"]})
    found = levels.apply(asked)
    assert found.context["T"].tolist() == ["300", "600", "600", "unknown"]
    assert found.context["route"].tolist() == ["a"] * 4
    many = replace(made[np.zeros(50, dtype=np.int64)], context={"T": np.linspace(0.0, 1.0, 50)})
    assert len(Levels.fit(many).values["T"]) == MOST
