"""Input: materials, data sets, reading and checking what people have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.lazy import lazily, offered

if TYPE_CHECKING:
    from matscout.data.dataset import Dataset as Dataset
    from matscout.data.dataset import Target as Target
    from matscout.data.kinds import Kind as Kind
    from matscout.data.materials import Material as Material
    from matscout.data.materials import Materials as Materials
    from matscout.data.reactions.column_store import Reactions as Reactions
    from matscout.data.reading import read as read
    from matscout.data.reading import read_materials as read_materials
    from matscout.data.structures import Structures as Structures

__getattr__, __dir__ = lazily(__name__, offered(__file__))
