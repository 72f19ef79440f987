"""What a run does, described once: reading, fitting, measuring, searching, ranking; results without files or pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.lazy import lazily, offered

if TYPE_CHECKING:
    from matscout.workflow.results import Scouting as Scouting
    from matscout.workflow.scout_settings import ScoutSettings as ScoutSettings

__getattr__, __dir__ = lazily(__name__, offered(__file__))
