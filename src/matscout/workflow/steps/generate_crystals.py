"""Crystals for a wish, drawn by a generator of crystals, as candidates with structures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from matscout.generate.crystal_generator_choice import USUAL
from matscout.generate.generators.generated_crystals import GeneratedCrystals
from matscout.workflow.candidate_settings import CandidateSettings, made_by
from matscout.workflow.kind import StepWork
from matscout.workflow.search import Search


@dataclass(frozen=True, kw_only=True)
class GenerateCrystalsStep(CandidateSettings):
    """Generate crystals as candidates.

    Parameters
    ----------
    wish
        A formula, or plain English; empty for any crystal.
    generator
        Generator of crystals (default: substitution for a formula, else enumerated, or random).
    count
        How many.
    """

    wish: str = ""
    generator: str = USUAL
    count: Annotated[int, Ge(1)] = 200

    def search(self, work: StepWork) -> Search:
        """Among what is drawn."""
        return made_by(GeneratedCrystals(wish=self.wish, generator=self.generator, count=self.count))
