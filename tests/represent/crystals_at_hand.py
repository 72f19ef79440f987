"""Crystals for tests of what is trained on them: those of the suites."""

from __future__ import annotations

from matscout.testing.crystals_at_hand import batch_of, random_structures, store_of

__all__ = ["batch_of", "random_structures", "store_of"]
