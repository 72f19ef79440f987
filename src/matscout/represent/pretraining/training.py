"""The one training loop: any corpus, view, encoders and objective; resumable, and clear about what went wrong."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import lightning.pytorch as pl
import torch
import yaml
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import Logger
from safetensors.torch import load_file

from matscout import telemetry
from matscout.errors import UsageError
from matscout.extras import require
from matscout.progress import Progress, silent
from matscout.represent.array_encoder import CompositionArrayEncoder
from matscout.represent.artefact import array_form, as_modules, described, save_pretrained
from matscout.represent.pretraining.callbacks import (
    BestWeights,
    LastCheckpoint,
    MetricsFile,
    ProgressReport,
    TimeBudget,
)
from matscout.represent.pretraining.card import write_card
from matscout.represent.pretraining.configuration import Experiment
from matscout.represent.pretraining.faults import clear_faults, interruptible, require_readable, without_advice
from matscout.represent.pretraining.loading import EpochBatches, Rows, loader, split_rows
from matscout.represent.pretraining.memory import keep_freed_memory
from matscout.represent.pretraining.module import PretrainingModule
from matscout.represent.pretraining.run_folder import RunFolder, versions
from matscout.represent.trainable import Corpus, Encoder, Objective
from matscout.represent.trained_composition_network import facts_of
from matscout.settings.checking import check_arguments


@dataclass(frozen=True)
class RunResult:
    """How a run ended.

    Parameters
    ----------
    artefact
        Folder of the result.
    epochs
        Whole epochs that were trained, in all parts of the run.
    ended
        Why there were not more.
    best_epoch
        The epoch whose weights were kept, from 0.
    values
        Losses and measures of that epoch, by name.
    seconds
        Time spent in training, in all parts of the run.
    """

    artefact: Path
    epochs: int
    ended: str
    best_epoch: int
    values: Mapping[str, float]
    seconds: float


def pretrain(experiment: Experiment, folder: Path, progress: Progress = silent) -> RunResult:
    """Run an experiment, or go on with it where ``folder`` holds a part of it; a finished one is only read.

    Parameters
    ----------
    experiment
        From :func:`~matscout.represent.pretraining.configuration.read_experiment`.
    folder
        Where everything about the run is kept (:class:`~matscout.represent.pretraining.run_folder.RunFolder`).
    progress
        Told after every optimiser step.

    Raises
    ------
    InputError
        If the data cannot be used, the loss becomes NaN, or a file cannot be written. What was written before stays.
    UsageError
        If the experiment does not fit together, or the folder holds another run.
    """
    run = RunFolder(Path(folder))
    corpus: Corpus = experiment.data.build()
    if run.begin(experiment, corpus.digest):
        return _result(run)
    keep_freed_memory()
    with _own_randomness(experiment.seed), without_advice(), clear_faults(run):
        plan = _Plan.make(experiment, corpus)
        keepers = _Keepers.make(experiment, run)
        trainer = _trainer(experiment, run, [*keepers.all(), ProgressReport(progress)])
        _fit(trainer, plan, run)
        if trainer.is_global_zero:
            _finish(run, experiment, corpus, plan, keepers)
        trainer.strategy.barrier()
    return _result(run)


@dataclass(frozen=True, eq=False)
class _Plan:
    """The module and its batches."""

    module: PretrainingModule
    encoders: Mapping[str, Encoder]
    training: EpochBatches
    validation: EpochBatches
    corpus: Corpus
    workers: int

    @classmethod
    def make(cls, experiment: Experiment, corpus: Corpus) -> _Plan:
        _require_one_kind(experiment, corpus)
        _require_others(experiment)
        settings = experiment.loader
        train, held_back = split_rows(corpus.families, settings.validation_share, experiment.seed)
        training = EpochBatches(train, settings.batch_size, experiment.seed, corpus.sizes)
        encoders: dict[str, Encoder] = {name: choice.build() for name, choice in experiment.encoders.items()}
        widths = {name: encoder.width for name, encoder in encoders.items()}
        objective = _objective(experiment, corpus, train, widths)
        view = experiment.view.build()
        module = PretrainingModule(
            encoders=encoders,
            view=view,
            objective=objective,
            optimiser=experiment.optimiser,
            seed=experiment.seed,
        )
        validation = EpochBatches(held_back, settings.batch_size, None, corpus.sizes)
        return cls(module, encoders, training, validation, corpus, settings.workers)


_WORDS = {
    "composition": "compositions",
    "structure": "structures",
    "text": "texts",
    "polymorphs": "structures with their compositions",
    "reaction": "reactions",
}


def _require_one_kind(experiment: Experiment, corpus: Corpus) -> None:
    """Formulas for what encodes formulas, crystals for what encodes crystals."""
    shown: Mapping[str, str] = experiment.view.load().shows
    if shown and {*shown} != {*experiment.encoders}:
        raise UsageError(
            f"view {experiment.view.name} shows {', '.join(shown)}, each to an encoder of that name; the encoders "
            f"are {', '.join(experiment.encoders)}"
        )
    given = {name: shown.get(name, corpus.needs) for name in experiment.encoders}
    choices = [(choice, given[name]) for name, choice in experiment.encoders.items()]
    for choice, held in [*choices, (experiment.view, corpus.needs), (experiment.objective, corpus.needs)]:
        needs = choice.load().needs
        if needs not in {None, held}:
            raise UsageError(f"{choice.name} works on {_WORDS[needs]}, but {experiment.data.name} gives {_WORDS[held]}")


def _require_others(experiment: Experiment) -> None:
    """Batches in which a material can be told from others, where the objective does that."""
    fewest, size = experiment.objective.load().fewest, experiment.loader.batch_size
    if size < fewest:
        raise UsageError(
            f"{experiment.objective.name} distinguishes the materials of a batch; loader.batch_size is at least "
            f"{fewest}, got {size}"
        )


def _objective(experiment: Experiment, corpus: Corpus, rows: Rows, widths: Mapping[str, int]) -> Objective:
    choice = experiment.objective
    made = choice.load()
    own = set(inspect.signature(made.for_corpus).parameters)
    here, beyond = ({name: one for name, one in choice.settings.items() if (name in own) == of} for of in (True, False))
    check_arguments(made.for_corpus, here, choice.name, skip=3)
    check_arguments(made, beyond, choice.name, complete=False)
    try:
        objective: Objective = made.for_corpus(corpus, rows, widths, **choice.settings)
    except TypeError as error:
        raise UsageError(f"{choice.name}: {error}; ~objective.KEY removes a setting") from error
    return objective


@dataclass(frozen=True, eq=False)
class _Keepers:
    """The callbacks whose state is the result of a run."""

    best: BestWeights
    metrics: MetricsFile
    budget: TimeBudget
    checkpoint: LastCheckpoint

    @classmethod
    def make(cls, experiment: Experiment, run: RunFolder) -> _Keepers:
        return cls(
            BestWeights(run.best_weights, experiment.trainer.patience),
            MetricsFile(run.metrics),
            TimeBudget(experiment.trainer.max_minutes),
            LastCheckpoint(run.checkpoint),
        )

    def all(self) -> list[Callback]:
        return [self.best, self.metrics, self.budget, self.checkpoint]

    def why_it_ended(self) -> str:
        if self.best.enough:
            return "the validation loss no longer decreased"
        return "the time was used up" if self.budget.enough else "all epochs were trained"


def _trainer(experiment: Experiment, run: RunFolder, callbacks: list[Callback]) -> pl.Trainer:
    settings = experiment.trainer
    logger = _mlflow(experiment, run) if settings.mlflow else False
    try:
        return pl.Trainer(
            accelerator=settings.accelerator,
            devices=settings.devices,
            # Not every objective asks for everything that an encoder can say.
            strategy="auto" if settings.devices == 1 else "ddp_find_unused_parameters_true",
            precision=settings.precision,  # type: ignore[arg-type]
            max_epochs=settings.epochs,
            gradient_clip_val=experiment.optimiser.gradient_clip,
            callbacks=callbacks,
            logger=logger,
            default_root_dir=run.path,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
    except (ValueError, MisconfigurationException) as error:  # what Lightning raises for words it does not know
        raise UsageError(f"trainer: {error}") from error


def _mlflow(experiment: Experiment, run: RunFolder) -> Logger:
    """MLflow's local store in the folder of the run; nothing is sent anywhere."""
    require("mlflow", extra="mlflow")
    telemetry.turn_off()
    from matscout.represent.pretraining.mlflow_store import MlflowStore

    store = f"sqlite:///{run.mlflow_store.resolve().as_posix()}"
    logger = MlflowStore("matscout", run_name=run.path.name, tracking_uri=store)
    logger.log_hyperparams(yaml.safe_load(experiment.text))
    return logger


def _fit(trainer: pl.Trainer, plan: _Plan, run: RunFolder) -> None:
    """Train, from the last checkpoint on where there is one."""
    checkpoint = run.checkpoint if run.checkpoint.is_file() else None
    if checkpoint is not None:
        require_readable(checkpoint)
    with interruptible():
        trainer.fit(
            plan.module,
            loader(plan.corpus, plan.training, plan.workers),
            loader(plan.corpus, plan.validation),
            ckpt_path=checkpoint,
            weights_only=True,
        )


def _finish(run: RunFolder, experiment: Experiment, corpus: Corpus, plan: _Plan, keepers: _Keepers) -> None:
    """Write the artefact from the best weights, then mark the run as finished."""
    names = {name: choice.name for name, choice in experiment.encoders.items()}
    facts = {
        "experiment": yaml.safe_load(experiment.text),
        "data_digest": corpus.digest,
        "data": list(corpus.summary),
        "epochs": len(keepers.metrics.lines),
        "ended": keepers.why_it_ended(),
        "best_epoch": keepers.best.epoch,
        "values": keepers.best.values,
        "curves": _curves(keepers.metrics.lines),
        "seconds": keepers.budget.seconds,
        "versions": versions(),
    }
    plug_ins = described(names, plan.encoders, experiment.objective.name, plan.module.objective)
    weights = load_file(run.best_weights)
    as_modules(plan.encoders, plan.module.objective).load_state_dict(weights)
    for encoder in plan.encoders.values():
        if corpus.compositions is not None and encoder.needs == "composition":
            encodes = array_form(encoder.eval())
            assert isinstance(encodes, CompositionArrayEncoder)
            facts |= facts_of(encodes, corpus.compositions)
    card = write_card(plug_ins, facts, corpus.origin)
    save_pretrained(run.artefact, plug_ins=plug_ins, weights=weights, seen=corpus.marks, facts=facts, card=card)
    run.write(experiment, corpus.digest, "finished", result={key: facts[key] for key in _RESULT})


def _curves(lines: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """Losses and measures of each epoch, by name, to five digits."""
    names = [name for name in (lines[-1] if lines else ()) if name not in {"epoch", "step", "learning rate"}]
    return {name: [float(f"{line[name]:.5g}") for line in lines] for name in names}


_RESULT = ("epochs", "ended", "best_epoch", "values", "seconds")


def _result(run: RunFolder) -> RunResult:
    return RunResult(run.artefact, **run.read_record()["result"])


@contextmanager
def _own_randomness(seed: int) -> Iterator[None]:
    """Seeds torch for the first weights, and gives the caller's random state back."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield
