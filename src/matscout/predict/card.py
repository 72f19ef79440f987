"""Card: what a reader of a saved model should know about how it was made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np

from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset
from matscout.data.kinds import kind_called
from matscout.errors import ArtefactError
from matscout.remarks import as_json, from_json

_OF_REACTIONS = ("noun", "components", "reaction")


@dataclass(frozen=True)
class Card:
    """The origin of a model.

    Parameters
    ----------
    model
        Plug-in name.
    target, unit, task, classes
        What it predicts.
    metric
        The error it was fitted to keep small.
    context
        Context columns that it needs at prediction time.
    context_units
        Context column -> unit in which the model takes it, where one is known.
    n_rows, n_compositions, n_groups
        Labelled rows it learnt from, different compositions or reactions among them, and groups (0 without a group
        column).
    source, digest, licence, citation
        Of the data (see :class:`matscout.data.dataset.Provenance`).
    formulas_digest
        SHA-256 over the sorted different compositions or reactions, to recognise them without naming them.
    assumption
        What the coverage of the intervals rests on.
    scores
        Errors on training rows that were left out while fitting, e.g. ``{"mae": 0.31}``; empty if there are none.
    remarks
        From reading the data.
    noun
        What the rows are: "material" or "reaction".
    components
        Columns of components that reactions were put together from; empty for reaction SMILES and for materials.
    reaction
        Column of reaction SMILES, "" if there was none.
    error_unit
        Unit of the errors: decades where values are judged by factors; "" if there is none, and in earlier versions.
    """

    model: str
    target: str
    unit: str | None
    task: str
    classes: tuple[str, ...]
    metric: str
    context: tuple[str, ...]
    n_rows: int
    n_compositions: int
    n_groups: int
    source: str
    digest: str
    licence: str
    citation: str
    formulas_digest: str
    assumption: str
    scores: Mapping[str, float] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    context_units: Mapping[str, str] = field(default_factory=dict)
    noun: str = "material"
    components: tuple[str, ...] = ()
    reaction: str = ""
    error_unit: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data for ``spec.json``; what is about reactions only where there are some."""
        stored = {**asdict(self), "remarks": [as_json(remark) for remark in self.remarks]}
        return (
            stored if self.noun != "material" else {name: stored[name] for name in stored if name not in _OF_REACTIONS}
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The card again from :meth:`to_json`."""
        fields: dict[str, Any] = {
            name: tuple(from_json(one) for one in value) if isinstance(value, list) else value
            for name, value in data.items()
        }
        card = cls(**fields)
        _require_names(card.context, card.components, card.classes, card.remarks, tuple(card.context_units))
        _require_names(tuple(card.context_units.values()))
        return card

    @property
    def _what(self) -> str:
        return f"{kind_called(self.noun).key_noun}s"

    @property
    def _task(self) -> str:
        if self.task == POSITIVE_UNLABELLED:
            return f"{self.task}, known rows are {self.classes[1]}"
        return f"{self.task}{' of ' + ', '.join(self.classes) if self.classes else ''}; fitted for {self.metric}"

    def _context_with_units(self) -> list[str]:
        units = self.context_units
        return [f"{name} ({units[name]})" if name in units else name for name in self.context]

    def _shown(self, score: str, value: float) -> str:
        unit = f" {self.error_unit}" if self.error_unit and score in ("mae", "rmse") else ""
        return f"{value:.4g}{unit}"

    def to_markdown(self, notes: Sequence[str] = ()) -> str:
        """The card as a person reads it, with what the model says of itself."""
        label = f"{self.target} ({self.unit})" if self.unit else self.target
        groups = f", {self.n_groups} groups" if self.n_groups else ""
        lines = [
            f"# {label}, predicted by {self.model}",
            "",
            f"- Task: {self._task}",
            f"- Fitted to {self.n_rows} rows, {self.n_compositions} {self._what}{groups}",
            f"- Needs the context columns: {', '.join(self._context_with_units()) or 'none'}",
            f"- Data: {self.source}",
            f"- Licence of the data: {self.licence or 'not stated'}",
            f"- Citation: {self.citation or 'not stated'}",
            f"- SHA-256 of the file: {self.digest or 'no file'}",
            f"- SHA-256 of the training {self._what}: {self.formulas_digest}",
            f"- {'Score' if self.task == POSITIVE_UNLABELLED else 'Intervals'}: {self.assumption}",
            *(
                f"- {name} on rows left out during the fit: {self._shown(name, value)}"
                for name, value in self.scores.items()
            ),
            "- These errors are slightly optimistic, since the model chose its parts by them: measure with evaluate",
            *(f"- {note}" for note in (*notes, *self.remarks)),
        ]
        return "\n".join(lines) + "\n"


def describe(
    dataset: Dataset, target: str | None, *, model: str, metric: str, assumption: str, scores: Mapping[str, float]
) -> Card:
    """The card of a model fitted to the rows of ``dataset`` in which the target is known."""
    labelled, contents = dataset.labelled(target), dataset.materials.contents
    chosen = labelled.target(target)
    compositions = sorted(set(labelled.materials.keys().tolist()))
    provenance = dataset.provenance
    return Card(
        model=model,
        target=chosen.name,
        unit=chosen.unit,
        task=chosen.task,
        classes=chosen.classes,
        metric=metric,
        context=tuple(labelled.materials.context),
        n_rows=len(labelled),
        n_compositions=len(compositions),
        n_groups=0 if labelled.groups is None else len(np.unique(labelled.groups)),
        source=provenance.source,
        digest=provenance.digest,
        licence=provenance.licence,
        citation=provenance.citation,
        formulas_digest=hashlib.sha256("\n".join(compositions).encode()).hexdigest(),
        assumption=assumption,
        scores=dict(scores),
        remarks=provenance.remarks,
        context_units=dict(dataset.context_units),
        noun=dataset.materials.noun,
        components=contents.asked,
        reaction=contents.column,
        error_unit=chosen.error_unit or "",
    )


def _require_names(*kinds: tuple[str, ...]) -> None:
    if any(not isinstance(names, tuple) or not all(isinstance(name, str) for name in names) for names in kinds):
        raise ArtefactError("its card is damaged: names of columns and classes are texts; fit the model again")
