"""Process conditions: fixed, varied, brought along or assumed."""

import numpy as np
import pytest

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.discover.conditions import N_STEPS, expand_context
from matscout.errors import UsageError
from matscout.generate.base import Candidates
from matscout.remarks import codes


def materials(formulas, context):
    plain = Materials.from_formulas(formulas)
    return Materials(plain.ids, plain.formulas, plain.compositions, None, context)


LABELS = Dataset(
    materials(
        ["PbTe", "Bi2Te3", "SnSe"],
        {"temperature": np.array([300.0, 400.0, 700.0]), "route": np.array(["film", "bulk", "bulk"])},
    )
)


def candidates(context=None):
    return Candidates(materials(["PbSe", "GeTe"], context or {}), np.array(["a", "b"]))


def test_every_candidate_under_every_condition():
    conditions = expand_context(candidates(), {"temperature": "300:900", "route": "film"}, LABELS)
    assert conditions.rows.tolist() == [0] * N_STEPS + [1] * N_STEPS
    assert conditions.materials.context["temperature"].tolist() == [300, 400, 500, 600, 700, 800, 900] * 2
    assert set(conditions.materials.context["route"]) == {"film"}
    assert conditions.materials.formulas.tolist() == ["PbSe"] * N_STEPS + ["GeTe"] * N_STEPS
    assert len(set(conditions.materials.ids)) == 2 * N_STEPS
    assert conditions.remarks == (
        "temperature is set to 800, 900, but the labels have 300 to 700: predictions there are guesses.",
    )


def test_what_is_not_set_is_as_usual_and_said():
    conditions = expand_context(candidates(), {}, LABELS)
    assert conditions.rows.tolist() == [0, 1]
    assert conditions.materials.context["temperature"].tolist() == [400.0, 400.0]
    assert conditions.materials.context["route"].tolist() == ["bulk", "bulk"]
    assert codes(conditions.remarks) == ["condition-not-set", "condition-not-set"]
    assert [remark.split()[0] for remark in conditions.remarks] == ["temperature", "route"]


def test_several_values_may_be_named():
    conditions = expand_context(candidates(), {"temperature": "700,300", "route": "film, bulk"}, LABELS)
    assert conditions.materials.context["temperature"].tolist() == [300.0, 300.0, 700.0, 700.0] * 2
    assert conditions.materials.context["route"].tolist() == ["film", "bulk"] * 4
    for wrong, message in (("300,hot", "several"), ("300,", "several"), ("300,nan", "several")):
        with pytest.raises(UsageError, match=message):
            expand_context(candidates(), {"temperature": wrong}, LABELS)


def test_what_is_usual_of_two_numbers_is_one_of_them():
    two = Dataset(materials(["PbTe", "SnSe"], {"temperature": np.array([298.15, 333.15])}))
    assert expand_context(candidates(), {}, two).materials.context["temperature"].tolist() == [298.15, 298.15]


def test_what_a_candidate_brings_is_kept():
    own = candidates({"temperature": np.array([500.0, 600.0])})
    conditions = expand_context(own, {"route": "bulk"}, LABELS)
    assert conditions.materials.context["temperature"].tolist() == [500.0, 600.0]
    overruled = expand_context(own, {"temperature": "350", "route": "bulk"}, LABELS)
    assert overruled.materials.context["temperature"].tolist() == [350.0, 350.0]


def test_columns_keep_the_order_of_the_labels():
    conditions = expand_context(candidates(), {"route": "film"}, LABELS)
    assert list(conditions.materials.context) == ["temperature", "route"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pressure": "1"}, "'pressure' is set but is not a context column.*temperature, route"),
        ({"temperature": "hot"}, "temperature is a number"),
        ({"temperature": "900:300"}, "must go from low"),
        ({"temperature": "nan"}, "must go from low"),
        ({"route": "melt"}, "does not occur.*bulk, film"),
    ],
)
def test_mistakes_are_explained(settings, message):
    with pytest.raises(UsageError, match=message):
        expand_context(candidates(), settings, LABELS)


def test_only_the_chosen_candidates_are_expanded():
    conditions = expand_context(candidates(), {"temperature": "300:900"}, LABELS, rows=np.array([1]))
    assert conditions.rows.tolist() == [1] * N_STEPS
    assert set(conditions.materials.formulas) == {"GeTe"}


def test_without_context_nothing_is_repeated():
    plain = Dataset(Materials.from_formulas(["PbTe"]))
    conditions = expand_context(candidates(), {}, plain)
    assert conditions.rows.tolist() == [0, 1]
    assert conditions.materials.context == {}
