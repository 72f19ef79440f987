"""Composition networks that are fine-tuned with a head, with published errors (PolySRL, table 4)."""

from __future__ import annotations

import polars

from matscout.represent.pretrained.composition_network import CompositionNetwork
from matscout.studies.base import CheckedStatement
from matscout.studies.composition_tasks import CompositionTask
from matscout.studies.described_tasks import METHODS
from matscout.studies.figures.composition_probes import CompositionProbes
from matscout.studies.learners import TaskLearner, Transfer
from matscout.studies.probing import RANDOM


class CompositionTransfer(CompositionProbes):
    """All weights of a network learn, at the best of three rates; rivals are probed, as their vectors are."""

    def _on_network(self, task: CompositionTask, network: CompositionNetwork) -> TaskLearner:
        return Transfer(network, self._epochs)

    def _published(self, task: CompositionTask) -> dict[str, float]:
        return dict(zip(METHODS, task.described.transferred, strict=False))

    def findings(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        """The paper's on transfer, as far as the methods are there."""
        there = {*runs["contestant"].to_list()}
        statements = []
        for name in METHODS[1:]:
            if name in there:
                comparisons = [self._compare(runs, task, (name, METHODS[0]), RANDOM) for task in self.data.tasks]
                statements.append(
                    CheckedStatement.lower(
                        f"learning begins better from {name} than from untrained weights", comparisons
                    )
                )
                if name == "PolySRL":
                    statements.append(CheckedStatement.never_higher("what PolySRL learned never harms", comparisons))
        return tuple(statements)
