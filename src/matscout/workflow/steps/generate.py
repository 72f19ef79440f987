"""New formulas by substitution in the labels, then by enumeration; for reactions, all combinations of components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from matscout.workflow.candidate_settings import CandidateSettings, Symbols
from matscout.workflow.kind import StepWork
from matscout.workflow.search import Search


@dataclass(frozen=True)
class GenerateStep(CandidateSettings):
    """Make candidates like the labels.

    Parameters
    ----------
    elements
        Combine only these (else those of the labels and near them).
    count
        How many.
    """

    elements: Symbols = ()
    count: Annotated[int, Ge(1)] = 20_000

    def search(self, work: StepWork) -> Search:
        """Among what is made up."""
        return Search(elements=self.elements, n_candidates=self.count)
