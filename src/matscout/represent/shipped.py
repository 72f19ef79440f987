"""Where the weights lie that come with matscout."""

from __future__ import annotations

from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights"
"""A folder for each, as ``matscout pretrain`` writes it to ``RUN_DIR/artefact``."""
