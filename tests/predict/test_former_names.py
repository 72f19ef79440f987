"""Models that had a name of their own are settings of others now: old names mean what they meant, and tell the new."""

from __future__ import annotations

import numpy as np
import pytest
from typer.testing import CliRunner

import matscout
from matscout import registry
from matscout.app.cli import app
from matscout.errors import UsageError
from matscout.predict.fitting import make_model
from matscout.predict.former_names import FORMER_NAMES, present_address
from matscout.remarks import codes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("auto-with=crystal-network=run/artefact", "auto:vectors=crystal-network=run/artefact"),
        ("auto-with", "auto:vectors=crystal-denoising"),
        ("auto-strict-with=mat2vec", "auto:donor=composition-donor-strict,vectors=elements=mat2vec"),
        ("auto-without-donor", "auto:donor=none"),
        ("auto-simulated", "auto:simulate=yes"),
        ("donor-alone", "auto:donor=composition-donor-strict,descriptors=no"),
        ("extratrees-magpie", "trees=magpie"),
        ("single-task-network/one-hot=magpie", "mixture-of-experts:experts=1,alone=yes,part=one-hot,weights=magpie"),
        ("auto", "auto"),
        ("fine-tuned/head=run/artefact", "fine-tuned/head=run/artefact"),
    ],
)
def test_an_old_name_is_another_one_today(old: str, new: str) -> None:
    assert present_address(old) == new


@pytest.mark.parametrize("name", FORMER_NAMES)
def test_what_an_old_name_asks_for_is_what_the_new_one_asks_for(name: str) -> None:
    assert name not in {plug_in.name for plug_in in registry.plug_ins("models")}
    old, new = make_model(name, seed=3), make_model(present_address(name), seed=3)
    assert type(old) is type(new)
    assert old.options == new.options
    assert make_model(new.address).options == {**new.options, "seed": 0}


def test_who_uses_an_old_name_is_told_the_new_one(make_dataset, tmp_path) -> None:
    dataset = make_dataset(20)
    old = matscout.fit(dataset, model="auto-without-donor", fast=True)
    (told,) = [note for note in old.notes if codes([note]) == ["model-called-otherwise-now"]]
    assert told == "The model auto-without-donor is now called auto:donor=none; the old name will be removed."
    assert old.card.model == "auto:donor=none"
    new = matscout.fit(dataset, model="auto:donor=none", fast=True)
    assert "model-called-otherwise-now" not in codes(new.notes)
    np.testing.assert_array_equal(old.predict(dataset.materials).upper, new.predict(dataset.materials).upper)
    table = tmp_path / "labels.csv"
    table.write_text("formula,gap (eV)\n" + "".join(f"Li{n}O,{n}.5\n" for n in range(1, 17)), encoding="utf-8")
    for command in (["fit", "-o", str(tmp_path / "model")], ["evaluate"]):
        arguments = [command[0], str(table), "--fast", "--model", "auto-without-donor", *command[1:]]
        said = CliRunner().invoke(app, arguments)
        assert said.exit_code == 0, said.output
        assert said.output.count("is now called auto:donor=none") == 1


def test_the_baseline_of_all_tables_keeps_its_name(make_dataset) -> None:
    model = matscout.fit(make_dataset(20), model="extratrees-magpie", fast=True)
    assert (model.card.model, model.address, model.notes) == ("extratrees-magpie", "trees=magpie", ())


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("auto:donors=none", "auto has no option 'donors'; its options are donor, vectors, simulate, descriptors"),
        ("auto:simulate=perhaps", "auto:simulate= takes yes or no; got 'perhaps'"),
        ("auto:seed=3", "auto has no option 'seed'"),
        ("auto:donor", "an option is OPTION=VALUE, got 'donor'"),
        ("auto:donor=none,descriptors=no", "auto:descriptors=no learns from a transfer source alone"),
        ("auto:donor=composition-dono", "'composition-dono' is not one of the representations"),
        ("gp:kernel=3", "gp has no option 'kernel'; it has none"),
        ("mixture-of-experts:experts=many", "mixture-of-experts:experts= takes a whole number; got 'many'"),
        ("mixture-of-experts:experts=0", "has at least one expert; got 0"),
    ],
)
def test_wrong_options_end_in_a_sentence(address: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_model(address)
    assert words in str(caught.value)
