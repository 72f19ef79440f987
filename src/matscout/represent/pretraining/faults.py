"""What may go wrong in a run, in words that say what was kept and what to do."""

from __future__ import annotations

import logging
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from matscout.errors import InputError
from matscout.represent.pretraining.module import NotFiniteError
from matscout.represent.pretraining.run_folder import RunFolder

_QUIET = (
    # Lightning's advice for data loaders that read from disk; ours are in memory.
    r".*does not have many workers.*",
    r".*number of training batches .* is smaller than the logging interval.*",
    # Lightning 2.6 still calls what torch 2.13 has renamed.
    r".*`isinstance\(treespec, LeafSpec\)` is deprecated.*",
    r".*GPU available but not used.*",
    r"Checkpoint directory .* exists and is not empty.*",
)


def require_readable(checkpoint: Path) -> None:
    """Raise ``InputError`` unless ``checkpoint`` is one; it is read without running any code that it may hold."""
    try:
        torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:  # of which kind depends on where the file is damaged
        raise InputError(
            f"{checkpoint} is damaged or not a checkpoint ({type(error).__name__}); replace it by a good copy, or "
            "delete it to train from the beginning"
        ) from error


@contextmanager
def clear_faults(run: RunFolder) -> Iterator[None]:
    """Says of a fault what was kept and what to do."""
    try:
        yield
    except NotFiniteError as error:
        raise InputError(
            f"{error}; {_what_is_kept(run)}. Try a lower optimiser.learning_rate, or check the data for wrong values"
        ) from error
    except OSError as error:
        raise InputError(
            f"{error.strerror or error}: a file of the run cannot be written; {_what_is_kept(run)}. Free some space "
            "and repeat the command to resume"
        ) from error


def _what_is_kept(run: RunFolder) -> str:
    return f"the last good checkpoint is {run.checkpoint}" if run.checkpoint.is_file() else "there is no checkpoint yet"


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C ends as it does elsewhere: Lightning turns it into an exit and leaves the signal ignored."""
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    except SystemExit as leaving:
        signal.signal(signal.SIGINT, handler)
        raise KeyboardInterrupt from leaving


@contextmanager
def without_advice() -> Iterator[None]:
    """Keeps Lightning's tips and advice off the terminal, but not its errors."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        for message in _QUIET:
            warnings.filterwarnings("ignore", message=message)
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
