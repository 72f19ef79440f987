"""Candidates, goals, filters and the ranked shortlist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.lazy import lazily, offered

if TYPE_CHECKING:
    from matscout.discover.base import Brief as Brief
    from matscout.discover.base import Goal as Goal
    from matscout.discover.base import Shortlist as Shortlist
    from matscout.discover.generators.recall import Recall as Recall
    from matscout.discover.opinions import EvidenceProvider as EvidenceProvider
    from matscout.discover.opinions import Opinion as Opinion
    from matscout.discover.ranking import rank as rank
    from matscout.discover.stage import Filter as Filter
    from matscout.discover.stage import Stage as Stage
    from matscout.discover.stage import Verdict as Verdict

__getattr__, __dir__ = lazily(__name__, offered(__file__))
