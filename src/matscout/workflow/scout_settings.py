"""All that can be set of the main job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from matscout.data.formula_alloys import Shares
from matscout.discover.acquisition import DEFAULT_ORDER
from matscout.errors import UsageError
from matscout.evaluation.plan import EvaluationPlan
from matscout.generate.base import Generator
from matscout.predict.base import Metric
from matscout.workflow.learning_settings import AllowedHazard
from matscout.workflow.search import Search

RENAMED = {"models": "use"}
"""Settings that had another name."""


@dataclass(frozen=True)
class ScoutSettings:
    """All that can be set of :func:`matscout.scout`, by the names that it takes.

    Parameters
    ----------
    model, metric, fast, seed
        As for :func:`matscout.fit`.
    use
        Folder of fitted models to use instead of fitting; scores are then those of the same kind of model. The labels
        must have been read with the context columns of these models.
    definitions
        Name -> law of targets that follow from others, ``{"zT": "S**2*sigma*T/kappa"}``: each of these is learned, and
        their uncertainties are propagated.
    level
        Coverage that the intervals should have.
    candidates
        File of materials to rank, or a generator, such as a :class:`~matscout.discover.generators.recall.Recall` of
        those of an index that are like known ones; otherwise formulas are generated.
    alloys
        What the numbers in the names of alloys of a file of candidates are, as for :func:`matscout.read`.
    elements, dope
        Enumerate compounds of these elements only; or a doping series instead, ``"HOST:A,B:0:0.2"``.
    n_candidates
        How many to generate.
    exclude, must
        Elements that must not occur; those that all must, ``()`` for none. If not given: those that at least 95 % of
        the labelled materials hold, where 20 rows or more are labelled; a remark says which.
    require
        Filters that candidates must pass. If not given: what their generator usually asks for, "neutral", "in-domain"
        and "new" for generated formulas, "new" for those of a file, "unlabelled" for a doping series.
    allow
        Hazards that candidates may have: "explosive", "radioactive". Such candidates are left out otherwise, unless a
        tenth of the labels have that hazard, too.
    settings
        Context column -> ``"600"`` (fixed), ``"300,600"`` or ``"300:900"`` (the best is looked for). Columns that are
        not named stay at the middle number or the most frequent category of the labels, with a remark.
    order, batch
        See :func:`matscout.discover.acquisition.acquire`; how many different materials to propose, 0 for none.
    watch
        Formulas that are added to the candidates and whose rank is reported.
    since
        Folder of an earlier result: its proposals are compared with what is measured now, and those that are not are
        marked. What is labelled is left out of the candidates.
    references
        Phases of a hull, as for :func:`matscout.hull`: candidates with structures get energies above it, and those that
        lie too high are left out before anything is ranked. If not given, stability is not asked for.
    force_field, relax, keep_below, own_hull, second_opinion
        Of these energies: a force field by its name, whether candidates are relaxed with it first, what is too high
        (eV/atom), and the rest as for :func:`matscout.hull`.
    """

    model: str = "auto"
    use: str | Path | None = None
    definitions: Mapping[str, str] = field(default_factory=dict)
    metric: Metric = "mae"
    fast: bool = False
    seed: int = 0
    level: float = 0.9
    candidates: str | Path | Generator | None = None
    alloys: Shares | None = None
    elements: Sequence[str] = ()
    dope: str | None = None
    n_candidates: int = 20_000
    exclude: Sequence[str] = ()
    require: Sequence[str] | None = None
    must: Sequence[str] | None = None
    allow: Sequence[AllowedHazard] = ()
    settings: Mapping[str, str | float] = field(default_factory=dict)
    order: str = DEFAULT_ORDER
    batch: int = 8
    watch: Sequence[str] = ()
    since: str | Path | None = None
    references: str | Path | None = None
    force_field: str = "chgnet"
    relax: bool = False
    keep_below: float = 0.1
    own_hull: bool = False
    second_opinion: str | None = None

    @classmethod
    def of(cls, named: Mapping[str, Any]) -> ScoutSettings:
        """From settings by name.

        Raises
        ------
        UsageError
            If one is unknown; the message names the nearest one.
        """
        known = [one.name for one in fields(cls)]
        for name in named:
            if name in RENAMED:
                raise UsageError(f"{name} is now called {RENAMED[name]}: give {RENAMED[name]}={named[name]!r}")
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"
                raise UsageError(f"scout has no setting {name!r}; {hint}")
        return cls(**{name: value for name, value in named.items() if value is not None})

    @property
    def changed(self) -> dict[str, Any]:
        """The settings that are not the usual ones."""
        usual = ScoutSettings()
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if value != getattr(usual, name)}

    @property
    def plan(self) -> EvaluationPlan:
        """How models are fitted and measured."""
        return EvaluationPlan(
            level=self.level, model=self.model, metric=self.metric, fast=self.fast, seed=self.seed, thrifty=True
        )

    @property
    def search(self) -> Search:
        """What is searched among and how it is ranked."""
        return Search(
            candidates=Path(self.candidates) if isinstance(self.candidates, str) else self.candidates,
            alloys=self.alloys,
            elements=tuple(self.elements),
            dope=self.dope,
            n_candidates=self.n_candidates,
            exclude=tuple(self.exclude),
            require=None if self.require is None else tuple(self.require),
            must=None if self.must is None else tuple(self.must),
            allow=tuple(self.allow),
            settings={name: str(value) for name, value in self.settings.items()},
            order=self.order,
            batch=self.batch,
            watch=tuple(self.watch),
            seed=self.seed,
        )
