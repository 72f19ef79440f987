"""Which code takes part in predictions, for what is stated beside scores."""

from __future__ import annotations

from matscout.code_digest import digest_of_code

ROOMS = ("data", "crystal", "simulate", "represent", "predict")

PREDICTING = (*(f"matscout.{room}" for room in ROOMS), "matscout.evaluation.cells")
"""Rooms and modules that may take part in a prediction."""


def code_digest() -> str:
    """Digest of all code and tables that may take part in any prediction."""
    return digest_of_code(*PREDICTING)
