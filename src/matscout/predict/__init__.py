"""Vectors and a few labels -> predictions with error bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.lazy import lazily, offered

if TYPE_CHECKING:
    from matscout.predict.artefact import load as load
    from matscout.predict.base import (
        ClassPredictions as ClassPredictions,
    )
    from matscout.predict.base import (
        LeftOut as LeftOut,
    )
    from matscout.predict.base import (
        Predictions as Predictions,
    )
    from matscout.predict.fitting import fit as fit
    from matscout.predict.known_likeness import KnownLikeness as KnownLikeness
    from matscout.predict.model import Model as Model
    from matscout.predict.model import Predictor as Predictor
    from matscout.predict.propagation import propagate as propagate

__getattr__, __dir__ = lazily(__name__, offered(__file__))
