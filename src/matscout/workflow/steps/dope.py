"""Candidates of a doping series: a host whose atoms dopants replace, up to an amount."""

from __future__ import annotations

from dataclasses import dataclass

from matscout.workflow.candidate_settings import CandidateSettings
from matscout.workflow.kind import StepWork
from matscout.workflow.search import Search


@dataclass(frozen=True)
class DopeStep(CandidateSettings):
    """Make a doping series.

    Parameters
    ----------
    series
        HOST:A,B:LOW:HIGH, for example PbTe:Na,Bi:0:0.1 (dopant atoms per formula unit).
    """

    series: str = ""

    def search(self, work: StepWork) -> Search:
        """Among its members."""
        return Search(dope=self.series)
