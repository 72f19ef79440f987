"""Experiments: YAML files of the package, changed by ``key=value``, turned into frozen dataclasses."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from matscout import registry
from matscout.errors import UsageError

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
        self.require_types(made)
        try:
            inspect.signature(made).bind(**self.settings)
            return made(**self.settings)
        except (TypeError, ValueError) as error:
            possible = ", ".join(inspect.signature(made).parameters)
            raise UsageError(f"{self.name}: {error}; its settings are {possible or 'none'}") from error

    def require_types(self, *makers: Any) -> None:
        """Refuse numbers, texts and truth values that are not what the annotations of these callables say.

        Raises
        ------
        UsageError
            If a setting is of another type.
        """
        parameters = [one for made in makers for one in inspect.signature(made).parameters.values()]
        _require_types(f"{self.name}: ", {one.name: str(one.annotation) for one in parameters}, self.settings)


@dataclass(frozen=True)
class LoaderSettings:
    """How materials become batches, of ``batch_size`` in the sizes of the corpus; ``validation_share`` is held back."""

    batch_size: int
    validation_share: float
    workers: int

    def __post_init__(self) -> None:
        _at_least_one("loader.batch_size", self.batch_size)


@dataclass(frozen=True)
class OptimiserSettings:
    """AdamW, its learning rate over time, and the average of the weights (see ``experiments/*.yaml``)."""

    learning_rate: float
    weight_decay: float
    epsilon: float
    amsgrad: bool
    warmup_share: float
    final_share: float
    gradient_clip: float
    average_decay: float

    def __post_init__(self) -> None:
        if not self.epsilon > 0:
            raise UsageError(f"optimiser.epsilon is above 0; got {self.epsilon:g}")
        for name in ("learning_rate", "weight_decay", "gradient_clip"):
            if not getattr(self, name) >= 0:
                raise UsageError(f"optimiser.{name} is not below 0; got {getattr(self, name):g}")
        for name in ("warmup_share", "average_decay"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(f"optimiser.{name} is from 0 to below 1; got {getattr(self, name):g}")
        if not 0 <= self.final_share <= 1:
            raise UsageError(f"optimiser.final_share is from 0 to 1; got {self.final_share:g}")


@dataclass(frozen=True)
class TrainerSettings:
    """How long and on what: the words of Lightning's trainer where it has them."""

    epochs: int
    max_minutes: float | None
    patience: int
    precision: str
    accelerator: str
    devices: int
    mlflow: bool

    def __post_init__(self) -> None:
        _at_least_one("trainer.epochs", self.epochs)
        _at_least_one("trainer.patience", self.patience)


def _at_least_one(key: str, value: int) -> None:
    if value < 1:
        raise UsageError(f"{key} is at least 1; got {value}")


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
        raise UsageError(f"{name} needs a value that only you know: give {key}=...") from error
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
        [f"{found.get_key_element()}={value}" for value in found.sweep_string_iterator()]
        if found.is_sweep_override()
        else [str(found.input_line)]
        for found in parsed
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
        loader=_settings(LoaderSettings, "loader", values["loader"]),
        optimiser=_settings(OptimiserSettings, "optimiser", values["optimiser"]),
        trainer=_settings(TrainerSettings, "trainer", values["trainer"]),
        text=text,
    )


def _choice(family: str, section: Mapping[str, Any]) -> Choice:
    return Choice(family, section["name"], {key: value for key, value in section.items() if key != "name"})


def _settings(kind: type[Any], section: str, values: Mapping[str, Any]) -> Any:
    known = {field.name: str(field.type) for field in fields(kind)}
    if set(values) != set(known):
        raise UsageError(f"the section {section} has the keys {', '.join(known)}; got {', '.join(values)}")
    _require_types(f"{section}.", known, values)
    return kind(**values)


def _require_types(where: str, annotations: Mapping[str, str], values: Mapping[str, Any]) -> None:
    """Of annotations that :data:`_TYPES` does not list anything is taken."""
    for name, value in values.items():
        accepted, words = _TYPES.get(annotations.get(name, ""), ((), ""))
        if words and type(value) not in accepted:
            raise UsageError(f"{where}{name} is {words}; got {value!r}")


_TYPES: dict[str, tuple[tuple[type[Any], ...], str]] = {
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "float | None": ((int, float, type(None)), "a number or null"),
    "str": ((str,), "a text"),
    "str | None": ((str, type(None)), "a text or null"),
    "int | None": ((int, type(None)), "a whole number or null"),
    "bool": ((bool,), "true or false"),
    "Mapping[str, float] | None": ((dict, type(None)), "a mapping from names to numbers"),
}
