"""One experiment, or one for each combination of values, and the folder of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from matscout.errors import UsageError
from matscout.represent.pretraining.configuration import Experiment, expand_sweep, read_experiment


def plan_runs(experiment: str, overrides: Sequence[str], out: Path, multirun: bool) -> Mapping[Path, Experiment]:
    """Folder -> experiment, all checked before the first one runs.

    Parameters
    ----------
    experiment, overrides
        As for :func:`~matscout.represent.pretraining.configuration.read_experiment`.
    out
        Folder of the run; with ``multirun`` the folder that holds one sub-folder for each run, named after the
        values that differ, so that a sweep that was interrupted or made larger finds its runs again.
    multirun
        Whether values such as ``seed=0,1,2`` stand for several runs.

    Raises
    ------
    UsageError
        If an experiment is wrong, or values are swept without ``multirun``.
    """
    combinations = expand_sweep(overrides)
    if not multirun:
        if len(combinations) > 1:
            raise UsageError("several values for one key: add --multirun to run them one after another")
        return {out: read_experiment(experiment, overrides)}
    swept = [place for place, values in enumerate(zip(*combinations, strict=True)) if len(set(values)) > 1]
    return {
        out / _folder_name([combination[place] for place in swept]): read_experiment(experiment, combination)
        for combination in combinations
    }


def _folder_name(values: Sequence[str]) -> str:
    return re.sub(r"[^\w.=,+-]+", "_", ",".join(values)) or "only"
