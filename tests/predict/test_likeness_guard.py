"""What has seen which materials are known is refused, by whatever way it comes in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import matscout
from matscout.data.made_up import as_known, made_up_dataset
from matscout.errors import UsageError
from matscout.predict.likeness_guard import require_blind


@pytest.fixture(scope="module")
def dataset() -> matscout.Dataset:
    return made_up_dataset("composition", 60, label=as_known)


@pytest.mark.parametrize("name", ["composition-donor", "composition-donor-strict"])
def test_donors_are_refused_by_the_label_that_they_learned(name: str, dataset: matscout.Dataset) -> None:
    with pytest.raises(UsageError, match=f"{name} learned which materials are made .'synthesised'"):
        matscout.fit(dataset, model=f"known-likeness=magpie+{name}", fast=True)


@pytest.mark.parametrize("name", ["donor_synthesised_probability", "clscore", "synthesizability score"])
def test_so_is_the_opinion_of_a_model(name: str, dataset: matscout.Dataset) -> None:
    rows = replace(dataset, materials=replace(dataset.materials, context={name: np.linspace(0, 1, 60)}))
    with pytest.raises(UsageError, match=f"column '{name}' is what another model says.*context="):
        matscout.fit(rows, fast=True)


@pytest.mark.parametrize("name", ["magpie", "structure-basic", "crystal-properties", "polysrl"])
def test_what_learned_other_things_is_not(name: str, dataset: matscout.Dataset) -> None:
    require_blind([name], dataset.materials)
