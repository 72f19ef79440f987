"""Campaign: ask what to make next, tell what was measured, round after round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from matscout.counting import counted
from matscout.data.dataset import Dataset
from matscout.data.files import atomic_folder
from matscout.discover.base import Shortlist
from matscout.discover.rounds import Round
from matscout.errors import ArtefactError, UsageError
from matscout.generate.base import Generator
from matscout.progress import Progress, silent
from matscout.shown import Shown, named_few
from matscout.workflow.joined_labels import joined_labels
from matscout.workflow.places import result_folder
from matscout.workflow.records import RECORD, read_record, write_record
from matscout.workflow.results import Scouting
from matscout.workflow.round_review import RoundReview, review_rounds
from matscout.workflow.rounds import read_rounds
from matscout.workflow.scout_settings import ScoutSettings
from matscout.workflow.scouting import scout


@dataclass(frozen=True, eq=False, repr=False)
class Campaign(Shown):
    """A search in rounds: labels, goals, settings, and the rounds so far.

    :meth:`ask` and :meth:`tell` alternate. A campaign never changes, except that it remembers the last result of
    :meth:`ask`, so that :meth:`tell` and :meth:`save` know what was proposed.

    Parameters
    ----------
    labels
        The labels so far, see :func:`matscout.read`.
    goals
        As for :func:`matscout.scout`: ``"max"``, ``"gap=1.1:1.6"``; one or several.
    settings
        As for :func:`matscout.scout`.
    rounds
        The rounds so far, the first one first.
    """

    labels: Dataset
    goals: tuple[str, ...]
    settings: ScoutSettings = field(default_factory=ScoutSettings)
    rounds: tuple[Round, ...] = ()
    _asked: dict[str, Scouting | Round] = field(default_factory=dict, init=False, repr=False)

    def in_a_line(self) -> str:
        """The goals, and how far it is."""
        rounds = counted(len(self.rounds), "round") if self.rounds else "no round yet"
        return f"{named_few(self.goals)}, {counted(len(self.labels), 'label')}, {rounds}"

    @classmethod
    def begin(cls, labels: Dataset, goals: str | Sequence[str], **settings: Any) -> Campaign:
        """A campaign that has proposed nothing yet.

        Parameters
        ----------
        labels, goals
            As said.
        settings
            The fields of :class:`~matscout.workflow.scout_settings.ScoutSettings` by name; ``since``, the folder
            of a result of ``scout``, goes on with its rounds.

        Raises
        ------
        UsageError
            If a setting is unknown, or ``since`` is no result.
        """
        asked = ScoutSettings.of(settings)
        rounds = () if asked.since is None else read_rounds(Path(asked.since))
        wanted = (goals,) if isinstance(goals, str) else tuple(goals)
        return cls(labels, wanted, replace(asked, since=None), rounds)

    def ask(self, k: int | None = None, *, progress: Progress = silent) -> Shortlist:
        """The ranked candidates, of which the column ``batch`` proposes ``k`` to make next; asked again, the same.

        Parameters
        ----------
        k
            How many to propose; as the settings say if None.
        progress
            Told how far the work is.

        Raises
        ------
        UsageError, InputError
            As :func:`matscout.scout`.
        """
        return self.scouting(k, progress=progress).ranking.shortlist

    def scouting(self, k: int | None = None, *, progress: Progress = silent) -> Scouting:
        """All that :meth:`ask` rests on: model, scores, review of earlier rounds; parameters and errors as there."""
        batch = self.settings.batch if k is None else k
        last = self._asked.get(LATEST)
        if isinstance(last, Scouting) and last.search.batch == batch:
            return last
        settings = replace(self.settings, batch=batch)
        made = scout(self.labels, self.goals, settings, rounds=self.rounds, progress=progress)
        self._asked[LATEST] = made
        return made

    @property
    def proposed(self) -> Round | None:
        """The round that was asked for and is not measured yet; None if nothing was."""
        last = self._asked.get(LATEST)
        return last.rounds[-1] if isinstance(last, Scouting) else last

    def tell(self, labels: Dataset) -> Campaign:
        """The campaign that knows more labels; what was asked for becomes a round.

        Parameters
        ----------
        labels
            What was measured, or the whole table with it: rows that are known already do not count twice.

        Raises
        ------
        UsageError
            If the targets, conditions or units are others.
        """
        rounds = self.rounds if self.proposed is None else (*self.rounds, self.proposed)
        joined = joined_labels(self.labels, labels)
        *earlier, last = rounds or (None,)
        kept = tuple(one.trimmed(joined.materials) for one in earlier if one is not None)
        return Campaign(joined, self.goals, self.settings, kept if last is None else (*kept, last))

    def review(self) -> RoundReview | None:
        """What became of earlier proposals, and how good the promises were; None before the first round ends."""
        return review_rounds(self.rounds, self.labels) if self.rounds else None

    def save(self, folder: str | Path) -> Path:
        """Write the campaign, and what it proposed, into a folder of JSON, arrays and tables; gives the folder.

        Raises
        ------
        UsageError
            If the folder holds something else, or candidates come from a generator, which only this session knows.
        """
        if isinstance(self.settings.candidates, Generator):
            raise UsageError("a campaign cannot save candidates of a generator: name a file of candidates, or elements")
        place = result_folder(Path(folder), RECORD)
        state = CampaignState(self.labels, self.goals, self.settings, self.rounds, self.proposed)
        with atomic_folder(place) as unfinished:
            write_record(state, unfinished)
        return place

    @classmethod
    def load(cls, folder: str | Path) -> Campaign:
        """The campaign that :meth:`save` wrote.

        Raises
        ------
        ArtefactError
            If the folder holds something else.
        """
        state = read_record(Path(folder))
        if not isinstance(state, CampaignState):
            raise ArtefactError(f"{folder} contains no campaign: name the folder that Campaign.save has written")
        campaign = cls(state.labels, state.goals, state.settings, state.rounds)
        if state.proposed is not None:
            campaign._asked[LATEST] = state.proposed
        return campaign


LATEST = "latest"


@dataclass(frozen=True, eq=False)
class CampaignState:
    """A campaign on the disk, with the round that is not measured yet."""

    labels: Dataset
    goals: tuple[str, ...]
    settings: ScoutSettings
    rounds: tuple[Round, ...]
    proposed: Round | None
