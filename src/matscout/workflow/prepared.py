"""Labels as models learn from them: what candidates and fitted models ask of them, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.discover.prediction import described_alike
from matscout.evaluation.plan import EvaluationPlan
from matscout.generate.base import Candidates
from matscout.predict.model import Model
from matscout.remarks import Remark
from matscout.workflow.few_groups import too_few_groups
from matscout.workflow.model_context import as_fitted, refuse_models_of_structures, refuse_other_context

CODES = ("groups-not-used", "structures-not-used")
"""Of the remarks that preparing makes."""


def prepare(
    labels: Dataset,
    targets: Sequence[str],
    candidates: Candidates | None = None,
    models: Mapping[str, Model] | None = None,
    *,
    level: float = 0.9,
    n_folds: int = 5,
) -> Dataset:
    """The labels as models learn from them; remarks say what was left out.

    Parameters
    ----------
    labels
        As they were read.
    targets
        What is learned; all if none is named.
    candidates
        What will be predicted.
    models
        Target -> fitted model that will predict.
    level
        Coverage that intervals should have.
    n_folds
        Folds of the evaluation.

    Raises
    ------
    UsageError
        If models need other context columns, or structures that the candidates have not.
    """
    refuse_other_context(models or {}, labels)
    names = [labels.target(name).name for name in targets] or list(labels.targets)
    remarks = too_few_groups(labels, names, EvaluationPlan(level=level, n_folds=n_folds))
    labels = replace(labels, groups=None) if remarks else labels
    labels = replace(labels, materials=as_fitted(labels.materials, models or {}))
    if candidates is not None:
        refuse_models_of_structures(models or {}, candidates.materials)
        remarks = (*remarks, *structures_unused(labels, candidates.materials))
        labels = described_alike(labels, candidates.materials)
    all_remarks = (*labels.provenance.remarks, *remarks)
    return replace(labels, provenance=replace(labels.provenance, remarks=all_remarks))


def remarks_of(labels: Dataset) -> tuple[str, ...]:
    """What preparing has told."""
    return tuple(remark for remark in labels.provenance.remarks if _is_ours(remark))


def as_read(labels: Dataset) -> Dataset:
    """The labels without what preparing has told, for what shows it elsewhere."""
    others = tuple(remark for remark in labels.provenance.remarks if not _is_ours(remark))
    return replace(labels, provenance=replace(labels.provenance, remarks=others))


def _is_ours(remark: str) -> bool:
    return isinstance(remark, Remark) and remark.code in CODES


def structures_unused(dataset: Dataset, candidates: Materials) -> tuple[str, ...]:
    """What to tell if the labels have structures and the candidates have none: a model needs them for both or neither.

    Parameters
    ----------
    dataset
        The labels.
    candidates
        What will be predicted.
    """
    if dataset.materials.structures is None or candidates.structures is not None:
        return ()
    text = (
        "The candidates are formulas without structures, so only the compositions of the labels were used, not "
        "their structures. To use the structures, give candidates with structures (--candidates: a folder of "
        "structure files, or a table with a column of them)."
    )
    return (Remark("structures-not-used", text),)
