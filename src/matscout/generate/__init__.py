"""Proposals of new materials: candidates, the facts about them, and what makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.lazy import lazily, offered

if TYPE_CHECKING:
    from matscout.generate.base import (
        Candidates as Candidates,
    )
    from matscout.generate.base import (
        Generator as Generator,
    )
    from matscout.generate.base import (
        Removal as Removal,
    )
    from matscout.generate.base import (
        Wishes as Wishes,
    )
    from matscout.generate.facts import Evidence as Evidence
    from matscout.generate.facts import EvidenceSource as EvidenceSource

__getattr__, __dir__ = lazily(__name__, offered(__file__))
