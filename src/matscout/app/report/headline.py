"""What was asked and the answer, in a few sentences that stand alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from matscout.app.report.candidates import CandidateEntry, goal_chances
from matscout.app.report.scores import (
    coverage_words,
    main_metric,
    overlap_sentence,
    plain_score,
)
from matscout.app.report.verdict import SETTLED, STEPS, ReportVerdict, by_group, no_batch
from matscout.app.wording import SPACE, factor, goal_words, number, percent
from matscout.counting import counted, listed
from matscout.discover.evidence.donor_hints import DONOR
from matscout.discover.goals import Aim
from matscout.evaluation.coverage import Coverage
from matscout.evaluation.doubts import GUESS
from matscout.remarks import codes
from matscout.workflow.findings import Finding
from matscout.workflow.results import Scouting

NAMED = 3
"""Candidates that the answer names."""


@dataclass(frozen=True)
class Tile:
    """A figure worth a glance, what it is, and a line of detail."""

    value: str
    name: str
    detail: str


@dataclass(frozen=True)
class Headline:
    """The top of the page: what was read, asked and found, and what to know before using it.

    ``steps`` say what to do where the verdict is a refusal, ``notes`` what else a reader should know first; ``idle`` is
    why there is nothing to make next, "" if there is something.
    """

    title: str
    read: str
    asked: str
    confidence: str
    verdict: ReportVerdict
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    tiles: tuple[Tile, ...]
    first: tuple[CandidateEntry, ...]
    batch: tuple[CandidateEntry, ...]
    idle: str


def write_headline(
    scouting: Scouting,
    aims: Mapping[str, Aim],
    verdict: ReportVerdict,
    shown: tuple[CandidateEntry, ...],
    batch: tuple[CandidateEntry, ...],
) -> Headline:
    """The answer in words.

    Parameters
    ----------
    aims
        Target -> what counts as met.
    verdict
        What the models are worth.
    shown, batch
        The first candidates (the best of each chemical system are named), and those to make next.
    """
    wanted = [goal_words(aim) for aim in aims.values()]
    return Headline(
        title=f"Shortlist: {listed(wanted)}",
        read=_read(scouting),
        asked=_asked(scouting, wanted),
        confidence=_confidence(scouting, batch, list(aims.values())),
        verdict=verdict,
        steps=STEPS if verdict.is_refusal else (),
        notes=tuple(note for finding in scouting.findings.values() for note in _notes(finding)),
        tiles=_tiles(scouting),
        first=() if verdict.is_refusal else tuple(entry for entry in shown if entry.leads)[:NAMED],
        batch=batch,
        idle="" if batch else no_batch(verdict, scouting.search.batch),
    )


def _read(scouting: Scouting) -> str:
    check = scouting.check
    dropped = "none left out" if not check.n_left_out else f"{counted(check.n_left_out, 'row')} left out, listed below"
    labels = f" {listed(list(check.labels))}." if check.n_labelled < check.n_used else ""
    return f"{check.n_used:,} of {counted(check.n_found, 'row')} of {check.source} were used, {dropped}.{labels}"


def _asked(scouting: Scouting, wanted: list[str]) -> str:
    search = scouting.search
    without = f", without {', '.join(search.exclude)}" if search.exclude else ""
    held = scouting.ranking.must.symbols
    holding = f", containing {listed(list(held))}" if held else ""
    among = f"{len(scouting.ranking.candidates):,} {scouting.ranking.candidates.words}"
    return f"Wanted: {listed(wanted)}{without}{holding}, among {among} candidates."


def _confidence(scouting: Scouting, batch: tuple[CandidateEntry, ...], aims: list[Aim]) -> str:
    """What making the whole batch should bring."""
    if not batch:
        return ""
    chances = goal_chances(batch)
    kind = scouting.dataset.materials.kind
    wanted = aims[0].words if len(aims) == 1 else "all goals"
    reached = f"the {len(batch)} {kind.plural} proposed below will reach {wanted}"
    if sum(chances) >= 1:
        hits = f"about {number(sum(chances), 2)} of {reached}"
    else:
        some = percent(1.0 - math.prod(1.0 - chance for chance in chances))
        hits = f"the chance is {some} that at least one of {reached}"
    if not kind.is_compound:
        return f"If their stated chances hold, {hits}."
    hinted = any(evidence.source.name == DONOR for evidence in scouting.ranking.shortlist.facts.values())
    makeable = "scored; the shortlist has hints" if hinted else "predicted"
    return f"If their stated chances hold, {hits}. Synthesisability is not {makeable}."


def _notes(finding: Finding) -> list[str]:
    """Doubts that are no part of the verdict, and whether pretraining knew most of the rows."""
    overlap = finding.scores.asked.overlap
    known = [overlap_sentence(name, one) for name, one in overlap.items() if one.of_most and not one.alike]
    return [doubt for doubt in finding.doubts if not set(codes([doubt])) & set(SETTLED)] + known


def _tiles(scouting: Scouting) -> tuple[Tile, ...]:
    check, ranking = scouting.check, scouting.ranking
    ranked = int((ranking.shortlist.ranks > 0).sum())
    return (
        Tile(f"{check.n_labelled:,}", "rows with a label", f"of {check.n_found:,}, {check.n_left_out:,} left out"),
        Tile(f"{ranked:,}", "candidates ranked", f"of {len(ranking.candidates):,} considered"),
        *(tile for finding in scouting.findings.values() for tile in _score_tiles(finding)),
    )


def _score_tiles(finding: Finding) -> tuple[Tile, ...]:
    asked, name = finding.scores.of_new, finding.target.name
    metric = main_metric(asked, finding.model.metric)
    held = Coverage.of_model(asked)
    beside = f"constant guess {plain_score(asked, GUESS, metric)}" if GUESS in asked.scores else ""
    decades = metric.unit and asked.target.scale == "log"
    as_factor = f"a factor of {factor(asked.scores[asked.model][metric.key])}; " if decades else ""
    return (
        # A line may end between number and unit: a tile is narrow.
        Tile(
            plain_score(asked, asked.model, metric).replace(SPACE, " "),
            f"{metric.words}, {name}",
            f"{as_factor}{beside}".rstrip("; "),
        ),
        Tile(
            f"{held.inside} of {held.n}" if held.few else percent(held.share),
            f"inside their {percent(asked.level)} {coverage_words(asked)}",
            f"{name}, {counted(asked.n_tested, 'unseen row')}{' of new groups' if by_group(asked) else ''}",
        ),
    )
