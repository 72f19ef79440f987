"""What a model that has learned nothing yet answers to whoever asks it as if it had."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, final

from matscout.data.materials import Materials
from matscout.errors import UsageError


class Unfitted(ABC):
    """Refuses what only a fitted model can do, with the call that makes one."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The plug-in name."""

    @property
    @abstractmethod
    def address(self) -> str:
        """What asks for a model like this one."""

    @final
    def predict(self, materials: Materials, level: float = 0.9) -> NoReturn:
        """Refused with a :class:`~matscout.errors.UsageError`: what ``fit`` returns predicts."""
        self._refuse()

    @final
    def predict_at(self, materials: Materials, levels: Sequence[float]) -> NoReturn:
        """Refused with a :class:`~matscout.errors.UsageError`: what ``fit`` returns predicts."""
        self._refuse()

    @final
    def explain(self, materials: Materials, k: int = 3) -> NoReturn:
        """Refused with a :class:`~matscout.errors.UsageError`: what ``fit`` returns explains."""
        self._refuse()

    @final
    def save(self, folder: str | Path) -> NoReturn:
        """Refused with a :class:`~matscout.errors.UsageError`: what ``fit`` returns can be saved."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise UsageError(
            f"{self.name} is not fitted: use the model that fit returns, model = matscout.fit(dataset, "
            f"model={self.address!r})"
        )
