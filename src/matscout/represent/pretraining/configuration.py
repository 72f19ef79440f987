"""Experiments: YAML files of the package, changed by ``key=value``, turned into frozen dataclasses."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, Lt
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from matscout import registry
from matscout.errors import UsageError
from matscout.settings.checking import check_arguments, check_settings

EXPERIMENTS = Path(registry.__file__).parent / "experiments"


@dataclass(frozen=True)
class Choice:
    """A plug-in by its registry name, and the arguments of its constructor."""

    family: str
    name: str
    settings: Mapping[str, Any]

    def load(self) -> Any:
        """The class of the plug-in.

        Raises
        ------
        UsageError
            If there is no such plug-in.
        """
        return registry.load_class(self.family, self.name)

    def build(self) -> Any:
        """The plug-in.

        Raises
        ------
        UsageError
            If there is no such plug-in, or an argument is wrong.
        """
        made = self.load()
        check_arguments(made, self.settings, self.name)
        try:
            return made(**self.settings)
        except (TypeError, ValueError) as error:
            raise UsageError(f"{self.name}: {error}") from error


@dataclass(frozen=True)
class LoaderSettings:
    """How materials become batches.

    Parameters
    ----------
    batch_size
        In the sizes of the corpus.
    validation_share
        Share of the materials that is held back.
    workers
        Processes that make batches.
    """

    batch_size: Annotated[int, Ge(1)]
    validation_share: float
    workers: int


@dataclass(frozen=True)
class OptimiserSettings:
    """AdamW, its learning rate over time, and the average of the weights (see ``experiments/*.yaml``)."""

    learning_rate: Annotated[float, Ge(0)]
    weight_decay: Annotated[float, Ge(0)]
    epsilon: Annotated[float, Gt(0)]
    amsgrad: bool
    warmup_share: Annotated[float, Ge(0), Lt(1)]
    final_share: Annotated[float, Ge(0), Le(1)]
    gradient_clip: Annotated[float, Ge(0)]
    average_decay: Annotated[float, Ge(0), Lt(1)]


@dataclass(frozen=True)
class TrainerSettings:
    """How long and on what: the words of Lightning's trainer where it has them."""

    epochs: Annotated[int, Ge(1)]
    max_minutes: float | None
    patience: Annotated[int, Ge(1)]
    precision: str
    accelerator: str
    devices: int
    mlflow: bool


@dataclass(frozen=True)
class Experiment:
    """One run of pretraining, complete: equal experiments on equal data give equal weights."""

    seed: int
    data: Choice
    view: Choice
    encoders: Mapping[str, Choice]
    objective: Choice
    loader: LoaderSettings
    optimiser: OptimiserSettings
    trainer: TrainerSettings
    text: str
    """The whole configuration as YAML."""


def experiment_names() -> tuple[str, ...]:
    """The experiments that come with matscout."""
    return tuple(sorted(path.stem for path in EXPERIMENTS.glob("*.yaml")))


def read_experiment(name: str, overrides: Sequence[str] = ()) -> Experiment:
    """One of the package's experiments with some values changed.

    Parameters
    ----------
    name
        File name without ``.yaml``.
    overrides
        ``key=value`` in Hydra's grammar, e.g. ``encoders.composition.width=64``; ``+key=value`` adds a setting.

    Raises
    ------
    UsageError
        If there is no such experiment or key, a value does not fit, or one that is needed is not given.
    """
    if name not in experiment_names():
        raise UsageError(f"there is no experiment {name!r}; there are {', '.join(experiment_names())}")
    return _experiment(*composed(name, overrides))


def composed(name: str, overrides: Sequence[str] = ()) -> tuple[dict[str, Any], str]:
    """The values of a file of ``experiments/`` with some of them changed, and the same as YAML.

    Raises
    ------
    UsageError
        If there is no such key, a value cannot be read, or one that is needed is not given.
    """
    try:
        with initialize_config_dir(str(EXPERIMENTS), version_base=None):
            config = compose(name, list(overrides))
        values = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
        return values, OmegaConf.to_yaml(config)  # type: ignore[return-value]
    except MissingMandatoryValue as error:
        key = str(error).split(": ")[-1].splitlines()[0]
        raise UsageError(f"{name} needs a value from you: give {key}=...") from error
    except (HydraException, OmegaConfBaseException) as error:
        raise UsageError(f"{name}: {' '.join(str(error).split())}") from error


def expand_sweep(overrides: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """All combinations of overrides such as ``seed=0,1,2`` or ``seed=range(3)``, in Hydra's grammar, in order.

    Raises
    ------
    UsageError
        If one cannot be read.
    """
    try:
        parsed = OverridesParser.create().parse_overrides(list(overrides))
    except HydraException as error:
        raise UsageError(f"cannot read {' '.join(overrides)}: {' '.join(str(error).split())}") from error
    choices = [
        [f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()]
        if override.is_sweep_override()
        else [str(override.input_line)]
        for override in parsed
    ]
    return tuple(itertools.product(*choices))


def _experiment(values: Mapping[str, Any], text: str) -> Experiment:
    sections = {field.name for field in fields(Experiment)} - {"text"}
    if set(values) != sections:
        raise UsageError(f"an experiment has the sections {sorted(sections)}; got {sorted(values)}")
    return Experiment(
        seed=values["seed"],
        data=_choice("corpora", values["data"]),
        view=_choice("views", values["view"]),
        encoders={name: _choice("encoders", section) for name, section in values["encoders"].items()},
        objective=_choice("objectives", values["objective"]),
        loader=check_settings(LoaderSettings, values["loader"], "loader"),
        optimiser=check_settings(OptimiserSettings, values["optimiser"], "optimiser"),
        trainer=check_settings(TrainerSettings, values["trainer"], "trainer"),
        text=text,
    )


def _choice(family: str, section: Mapping[str, Any]) -> Choice:
    return Choice(family, section["name"], {key: value for key, value in section.items() if key != "name"})
