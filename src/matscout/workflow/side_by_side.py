"""Score models on unseen rows; where rows come in groups, random and grouped folds side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from matscout.data.dataset import Dataset
from matscout.data.files import write_text_whole
from matscout.evaluation.base import Evaluation, ProtocolOptions
from matscout.evaluation.chances import Chances
from matscout.evaluation.code import code_digest
from matscout.evaluation.doubts import doubts
from matscout.evaluation.evaluating import (
    PlannedComparison,
    make_protocol,
    planned_comparison,
    require_enough,
    scored_splits,
)
from matscout.evaluation.export import several_to_json, to_json, write_out_of_fold
from matscout.evaluation.plan import EvaluationPlan
from matscout.predict.fitting import make_model
from matscout.predict.origins import LIBRARIES, library_versions
from matscout.progress import Progress, silent
from matscout.store import Store


@dataclass(frozen=True, eq=False)
class SideBySide:
    """The evaluation that was asked for and, where rows come in groups, its counterpart.

    Parameters
    ----------
    asked
        What the plan says.
    beside
        Grouped folds beside random ones, or random ones beside grouped; None without groups.
    """

    asked: Evaluation
    beside: Evaluation | None = None

    @property
    def of_new(self) -> Evaluation:
        """That of whole groups where there are any, since what is proposed is of none of them; else what was asked."""
        return next((one for one in self.both if one.protocol.startswith("group")), self.asked)

    @property
    def both(self) -> tuple[Evaluation, ...]:
        """The evaluation asked for, then its counterpart if there is one."""
        return (self.asked,) if self.beside is None else (self.asked, self.beside)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What makes the scores doubtful, a sentence each."""
        return tuple(dict.fromkeys(sentence for evaluation in self.both for sentence in doubts(evaluation)))


def require_measurable(dataset: Dataset, target: str, plan: EvaluationPlan) -> None:
    """Refuse labels that cannot be measured as planned, before anything is fitted.

    Raises
    ------
    UsageError
        If options contradict each other or the data, or the labels are too few for the level of the intervals.
    InputError
        If the labels are all the same, or too few to be divided.
    """
    protocol = make_protocol(plan.protocol, ProtocolOptions(n_folds=plan.n_folds))
    splits = scored_splits(dataset.target(target), protocol.splits(dataset, target, plan.seed))
    require_enough(dataset, target, splits, plan.level)


def measure(
    dataset: Dataset, target: str, plan: EvaluationPlan, *, store: Path | None = None, progress: Progress = silent
) -> SideBySide:
    """Evaluate as planned; with groups, k-fold and grouped folds are both run, since random folds flatter.

    Raises
    ------
    UsageError
        If options contradict each other or the data.
    InputError
        If the labels are too few to be divided.
    """
    kept = None if store is None else Store(store)
    return SideBySide(*(one.evaluation(kept, progress) for one in comparisons(dataset, target, plan)))


def comparisons(dataset: Dataset, target: str, plan: EvaluationPlan) -> tuple[PlannedComparison, ...]:
    """What the plan measures, and with groups its counterpart; errors as :func:`measure`."""
    for name in (plan.model, *plan.others):
        make_model(name)
    beside = None if dataset.groups is None or _are_materials(dataset) else plan.counterpart
    plans = [plan] if beside is None else [plan, beside]
    return tuple(planned_comparison(dataset, target, one) for one in plans)


def _are_materials(dataset: Dataset) -> bool:
    """Whether each group is a material: folds of whole groups are then those of whole materials, which are usual."""
    groups, keys = dataset.groups, dataset.materials.keys()
    pairs = len(set(zip(np.asarray(groups).tolist(), keys.tolist(), strict=True)))
    return pairs == len(np.unique(keys)) == len(np.unique(np.asarray(groups)))


def scores_as_json(
    measured: Mapping[str, SideBySide], chances: Mapping[str, Chances] = MappingProxyType({})
) -> dict[str, Any]:
    """The scores of each target as plain data.

    A counterpart stands under the key "beside" of its target, how true its chances were under "chances", what makes
    the scores doubtful under "doubts".
    """
    scores = several_to_json({name: pair.asked for name, pair in measured.items()})
    for name, pair in measured.items():
        own = scores["targets"][name] if "targets" in scores else scores
        own["doubts"] = list(pair.doubts)
        if pair.beside is not None:
            own["beside"] = to_json(pair.beside)
        if name in chances:
            own["chances"] = asdict(chances[name])
    return scores


def _provenance(dataset: Dataset) -> dict[str, Any]:
    """What was read, and which code measured it."""
    read = dataset.provenance
    return {
        "source": read.source,
        "sha256": read.digest,
        "rows": read.n_rows,
        "rows_used": len(dataset),
        "read": list(read.remarks),
        "matscout": version("matscout"),
        "code": code_digest(),
        "libraries": dict(zip(LIBRARIES, library_versions(), strict=True)),
        "made": f"{datetime.now(tz=UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def write_scores(
    measured: Mapping[str, SideBySide],
    dataset: Dataset,
    path: Path,
    chances: Mapping[str, Chances] = MappingProxyType({}),
) -> Path:
    """Write :func:`scores_as_json`, and under "provenance" what was read and measured, whole or not at all."""
    scores = scores_as_json(measured, chances) | {"provenance": _provenance(dataset)}
    return write_text_whole(path, json.dumps(scores, indent=1, allow_nan=False, ensure_ascii=False) + "\n")


def write_predictions(measured: Mapping[str, SideBySide], dataset: Dataset, path: Path) -> list[Path]:
    """Write the out-of-fold predictions as CSV: one file, or one per target with its name before the ending."""
    if len(measured) == 1:
        return [write_out_of_fold(pair.asked, dataset, path) for pair in measured.values()]
    return [
        write_out_of_fold(pair.asked, dataset, path.with_name(f"{path.stem}.{_plain(name)}{path.suffix}"))
        for name, pair in measured.items()
    ]


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)
