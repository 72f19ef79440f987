"""All charge-neutral compositions of some elements, simple ones first; needs no labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, MinLen

from matscout.counting import counted
from matscout.crystal.chemistry import check_symbols
from matscout.generate.base import Candidates
from matscout.generate.generators.enumeration import enumerate_neutral
from matscout.remarks import Remark
from matscout.workflow.candidate_settings import Symbols, write_candidates
from matscout.workflow.kind import StepKind, StepWork


@dataclass(frozen=True, kw_only=True)
class EnumerateStep(StepKind):
    """Combine elements.

    Parameters
    ----------
    elements
        Symbols.
    must
        Those of which each candidate holds all.
    count
        How many at most.
    """

    elements: Annotated[Symbols, MinLen(2)]
    must: Symbols = ()
    count: Annotated[int, Ge(1)] = 20_000

    output: ClassVar[str] = "Candidates"

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> Candidates:
        """The combinations."""
        check_symbols((*self.elements, *self.must))
        candidates = enumerate_neutral(list(self.elements), self.count, must=self.must)
        words = f"{len(candidates):,} candidates by enumerating neutral compositions of {len(self.elements)} elements."
        return replace(candidates, remarks=(Remark("enumerated-without-labels", words),))

    def summary(self, result: Candidates) -> str:
        """How many."""
        return counted(len(result), "candidate")

    def write(self, result: Candidates, folder: Path) -> None:
        """Write ``candidates.csv``."""
        write_candidates(result, folder)
