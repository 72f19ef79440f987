"""screen: a funnel described in one file, from candidates to the shortlist that scout makes of what is left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from matscout.data.dataset import Dataset
from matscout.data.kinds import KINDS, Kind
from matscout.data.settings import set_columns
from matscout.discover.base import Brief
from matscout.discover.filters import require_some
from matscout.discover.filters import screen as keep
from matscout.discover.funnel import sift
from matscout.discover.goals import parse_goals
from matscout.generate.base import Candidates, Generator, Wishes
from matscout.generate.must import Must
from matscout.predict.definitions import with_definitions
from matscout.progress import Progress, silent
from matscout.workflow.funnel_plan import Plan
from matscout.workflow.results import Scouting
from matscout.workflow.scouting import ScoutSettings, scout
from matscout.workflow.search import Search, find_candidates, find_must


@dataclass(frozen=True, eq=False)
class Funnel(Generator):
    """Candidates for :func:`matscout.scout`: those that pass all stages.

    Parameters
    ----------
    plan
        What to do.
    store
        Folder of finished verdicts.
    """

    plan: Plan
    store: Path | None = None

    usual_filters: ClassVar[tuple[str, ...]] = ("new",)
    repeats: ClassVar[bool] = True
    kinds: ClassVar[tuple[Kind, ...]] = KINDS

    @property
    def words(self) -> str:
        """What the candidates are, in short."""
        return f"sifted ({self.plan.path.name})"

    def sample(self, wishes: Wishes, n: int, seed: int = 0, progress: Progress = silent) -> Candidates:
        """What passes all stages, the best first; errors as :func:`matscout.discover.funnel.sift` tells them."""
        plan, labels = self.plan, wishes.labels
        search, goals = plan.search(), parse_goals(list(plan.goals), labels.targets)
        must = find_must(labels, search, goals)
        start = _holding(find_candidates(labels, search, progress, must), labels, must)
        brief = Brief(
            labels,
            goals,
            plan.definitions,
            set_columns(plan.settings, tuple(labels.materials.context), labels.context_units),
            plan.rank.seed,
            plan.rank.level,
        )
        return sift(start, plan.steps, brief, store=self.store, progress=progress)


def _holding(candidates: Candidates, labels: Dataset, must: Must) -> Candidates:
    """Those that hold what they must, so that no stage spends its budget on others."""
    kept = keep(candidates, labels.materials, must=must)
    require_some(kept, must)
    lost = len(candidates) - len(kept.rows)
    told = [f"{lost:,} candidates were left out before the first stage: what is kept {must.step}."] if lost else []
    return replace(kept.candidates, remarks=(*kept.candidates.remarks, *told), lost=candidates.lost)


def _asked(plan: Plan, labels: Dataset) -> tuple[str, ...] | None:
    """What the ranking is to ask for: the plan's word, unless what is combined leaves out some of what labels share."""
    goals = parse_goals(list(plan.goals), labels.targets)
    combined = find_must(labels, plan.search(), goals).symbols
    return plan.must if combined == find_must(labels, Search(must=plan.must), goals).symbols else combined


def screen(
    plan: str | Path,
    *,
    labels: Dataset | None = None,
    command: str = "",
    store: Path | None = None,
    progress: Progress = silent,
) -> Scouting:
    """Send candidates through a funnel, and rank what is left; nothing is written.

    Parameters
    ----------
    plan
        YAML file, see ``docs/how-to/screen.md``.
    labels
        The labelled rows of its first section, if they have been read.
    command
        How to run the same again.
    store
        Folder in which finished stages and fits are kept; a run that was stopped goes on from there.
    progress
        Told how far the work is.

    Raises
    ------
    UsageError, InputError
        As :func:`matscout.workflow.scouting.scout` does, or if the plan is wrong, or a stage leaves nothing.
    """
    read = Plan.read(Path(plan))
    rank, source = read.rank, read.search().candidates
    if isinstance(source, Generator):
        source.check()
    labels = read.read_labels(progress) if labels is None else labels
    laws = {name: law for name, law in read.definitions.items() if name not in labels.targets}
    labels = with_definitions(labels, laws)
    settings = ScoutSettings(
        model=rank.model,
        metric=rank.metric,
        fast=rank.fast,
        seed=rank.seed,
        level=rank.level,
        order=rank.order,
        batch=rank.batch,
        definitions=read.definitions,
        candidates=Funnel(read, store),
        require=rank.require,
        must=_asked(read, labels),
        settings=read.settings,
    )
    return scout(labels, list(read.goals), settings, command=command, store=store, progress=progress)
