"""Experiments: YAML of the package, changed by key=value, refused in plain words where they do not fit."""

from __future__ import annotations

import pytest
import yaml

from matscout.errors import UsageError
from matscout.represent.pretraining.configuration import (
    EXPERIMENTS,
    Choice,
    expand_sweep,
    experiment_names,
    read_experiment,
)

LABELS = "data.labels=x.parquet"


def test_every_experiment_of_the_package_can_be_read():
    assert "composition_donor" in experiment_names()
    for name in experiment_names():
        text = (EXPERIMENTS / f"{name}.yaml").read_text(encoding="utf-8")
        assert text.startswith("#"), "the first line says what the experiment is for"
        assert f"matscout pretrain {name}" in text


def test_values_are_changed_and_added():
    experiment = read_experiment(
        "composition_donor", [LABELS, "encoders.composition.width=64", "+encoders.composition.heads=2", "seed=7"]
    )
    assert experiment.encoders["composition"] == Choice(
        "encoders", "set-transformer", {"width": 64, "layers": 3, "heads": 2}
    )
    assert experiment.encoders["composition"].build().settings["heads"] == 2
    assert experiment.seed == 7
    assert experiment.data.settings == {"labels": "x.parquet", "targets": None, "origin": None}
    assert yaml.safe_load(experiment.text)["encoders"]["composition"]["heads"] == 2


def test_encoders_change_places_by_name():
    experiment = read_experiment("composition_donor", [LABELS, "encoders.composition.name=weighted-attention"])
    assert experiment.encoders["composition"].build().width == 128


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ([], r"needs a value from you: give data\.labels="),
        ([LABELS, "trainer.epoch=3"], r"trainer\.epoch"),
        ([LABELS, "+trainer.speed=3"], r"trainer has no 'speed'; choose from epochs, "),
        ([LABELS, "trainer.epochs=many"], r"trainer\.epochs is 'many'; expected a whole number from 1"),
        ([LABELS, "loader.batch_size=1.5"], r"loader\.batch_size is 1\.5; expected a whole number from 1"),
        ([LABELS, "loader.batch_size=0"], r"loader\.batch_size is 0; expected a whole number from 1"),
        ([LABELS, "trainer.epochs=-1"], r"trainer\.epochs is -1; expected a whole number from 1"),
        ([LABELS, "trainer.mlflow=3"], r"trainer\.mlflow is 3; expected true or false"),
        ([LABELS, "optimiser.learning_rate=null"], r"optimiser\.learning_rate is None; expected a number from 0"),
        ([LABELS, "optimiser.learning_rate=-1"], r"optimiser\.learning_rate is -1; expected a number from 0"),
        ([LABELS, "optimiser.epsilon=0"], r"optimiser\.epsilon is 0; expected a number above 0"),
        ([LABELS, "optimiser.gradient_clip=-1"], r"optimiser\.gradient_clip is -1; expected a number from 0"),
        (
            [LABELS, "optimiser.average_decay=1"],
            r"optimiser\.average_decay is 1; expected a number from 0 to below 1",
        ),
        ([LABELS, "no equals sign"], r"composition_donor: .*no equals sign"),
    ],
)
def test_what_does_not_fit_is_refused(overrides, message):
    with pytest.raises(UsageError, match=message):
        read_experiment("composition_donor", overrides)


def test_unknown_names_are_refused():
    with pytest.raises(UsageError, match="no experiment 'donor'; there are clme, composition_donor"):
        read_experiment("donor")
    unknown = read_experiment("composition_donor", [LABELS, "encoders.composition.name=set-transformers"])
    with pytest.raises(UsageError, match="did you mean set-transformer"):
        unknown.encoders["composition"].build()
    wrong = read_experiment("composition_donor", [LABELS, "+encoders.composition.depth=3"])
    with pytest.raises(UsageError, match="set-transformer has no 'depth'; choose from width, layers, heads"):
        wrong.encoders["composition"].build()
    odd = read_experiment("composition_donor", [LABELS, "encoders.composition.width=30"])
    with pytest.raises(UsageError, match="width 30 is not a multiple of heads 4"):
        odd.encoders["composition"].build()


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("data.merged=maybe", "merged of crystal-structures is 'maybe'; expected true or false"),
        ("data.number=12.5", r"number of crystal-structures is 12\.5; expected a whole number"),
        ("data.labels=3", "labels of crystal-structures is 3; expected a text or null"),
    ],
)
def test_settings_of_plug_ins_are_of_the_types_that_they_name(override, message):
    with pytest.raises(UsageError, match=message):
        read_experiment("deep_infomax", ["data.structures=none", override]).data.build()


def test_sweeps_are_expanded_in_order():
    assert expand_sweep(["a=1", "b=x,y", "seed=range(2)", "c=[1,2]"]) == (
        ("a=1", "b=x", "seed=0", "c=[1,2]"),
        ("a=1", "b=x", "seed=1", "c=[1,2]"),
        ("a=1", "b=y", "seed=0", "c=[1,2]"),
        ("a=1", "b=y", "seed=1", "c=[1,2]"),
    )
    assert expand_sweep([]) == ((),)
    with pytest.raises(UsageError, match="cannot read a=\\[1"):
        expand_sweep(["a=[1"])
