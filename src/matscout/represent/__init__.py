"""Material -> vector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.lazy import lazily, offered

if TYPE_CHECKING:
    from matscout.represent.base import Embedding as Embedding
    from matscout.represent.base import Representation as Representation
    from matscout.represent.describing.describe import describe as describe
    from matscout.represent.embedding import embed as embed
    from matscout.represent.embedding import make_representation as make_representation

__getattr__, __dir__ = lazily(__name__, offered(__file__))
