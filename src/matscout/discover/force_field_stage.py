"""Stages that look at the structures of candidates with a force field."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from matscout.discover.base import Brief
from matscout.discover.stage import Stage
from matscout.errors import UsageError
from matscout.generate.base import Candidates
from matscout.generate.facts import EvidenceSource
from matscout.simulate.choice import make_force_field, origin_of_field
from matscout.simulate.force_field import ForceField
from matscout.store import key_of


class ForceFieldStage(Stage):
    """What these stages have in common: which force field, and that candidates need structures.

    Parameters
    ----------
    force_field
        Its name, or the address of a calculator.
    """

    needs_structures = True

    def __init__(self, force_field: str) -> None:
        self.force_field = force_field

    @cached_property
    def field(self) -> ForceField:
        """The force field."""
        return make_force_field(self.force_field)

    @classmethod
    def state(cls, settings: Mapping[str, Any]) -> object:
        """Name, weights and code of the force field."""
        return dict(origin_of_field(make_force_field(settings.get("with", "chgnet"))))

    def origin(self, brief: Brief) -> str:
        """Digest of the force field."""
        return key_of(dict(origin_of_field(self.field)))

    def check(self, candidates: Candidates, brief: Brief) -> None:
        """A force field that is installed, and structures."""
        _ = self.field
        if not candidates.materials.has_structure.any():
            raise UsageError(
                "the candidates are formulas only, and a force field needs structures: give a table or folder with "
                "structures as candidates"
            )

    def source(self, about: str = "") -> EvidenceSource:
        """Who says it."""
        weights = self.field.weights
        return EvidenceSource(self.field.name, weights.version, weights.digest, about)
