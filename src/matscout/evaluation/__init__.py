"""Metrics, protocols and side-by-side comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.lazy import lazily, offered

if TYPE_CHECKING:
    from matscout.evaluation.base import Evaluation as Evaluation
    from matscout.evaluation.base import Protocol as Protocol
    from matscout.evaluation.evaluating import evaluate as evaluate

__getattr__, __dir__ = lazily(__name__, offered(__file__))
