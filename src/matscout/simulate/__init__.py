"""Physics computed with force fields, and what follows from energies: elastic moduli, vibrations, the convex hull."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.lazy import lazily, offered

if TYPE_CHECKING:
    from matscout.simulate.hull import Hull as Hull
    from matscout.simulate.references import References as References

__getattr__, __dir__ = lazily(__name__, offered(__file__))
