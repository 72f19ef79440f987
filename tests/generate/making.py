"""Candidates as scout makes them unless the user says otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from matscout.data.dataset import Dataset
from matscout.generate.base import Candidates, Wishes
from matscout.generate.generators.formulas import Formulas


def generate(labels: Dataset, n: int, **wishes: Sequence[str]) -> Candidates:
    """About n formulas under these wishes."""
    return Formulas().sample(Wishes(labels, **{name: tuple(value) for name, value in wishes.items()}), n)
