"""The nouns of everything that is trained: batch, corpus, view, encoder, encoder output, objective.

A recipe for pretraining is a corpus, a view, one or more encoders and an objective, put together by configuration.
The loop in :mod:`matscout.represent.pretraining` knows these nouns and nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from matscout.data.compositions import Compositions
from matscout.data.elements import N_ELEMENTS
from matscout.represent.base import Needs

BatchKind = Needs | Literal["polymorphs"]
"""What a batch is of; ``polymorphs`` are structures with their compositions beside them."""

Settings = Mapping[str, Any]
"""Arguments of a constructor, as they stand in JSON: an artefact stores them to build the same module again."""


class Batch(Protocol):
    """Some materials as tensors. Each kind of encoder reads its own kind of batch."""

    @property
    def labels(self) -> Tensor | None:
        """What is known of the n materials, float32 [n, t], NaN where it is not; None if there are no labels."""
        ...

    def __len__(self) -> int:
        """Number of materials n."""
        ...

    def to(self, device: torch.device) -> Self:
        """The same batch on another device."""
        ...


@dataclass(frozen=True, eq=False)
class EncoderOutput:
    """What an encoder says of n materials; what it cannot give is None.

    Parameters
    ----------
    crystal
        [n, d], one vector for each material.
    log_variance
        [n, d], how sure it is of each component.
    sites
        [s, c], one vector for each element or site, in the order of the batch.
    pairs
        [p, c], one vector for each pair of sites, in the order of the batch.
    site_log_variance
        [s, c], how sure it is of each component of ``sites``.
    """

    crystal: Tensor
    log_variance: Tensor | None = None
    sites: Tensor | None = None
    pairs: Tensor | None = None
    site_log_variance: Tensor | None = None


class Encoder(nn.Module, ABC):
    """A network from a batch to vectors.

    What it gives for a material depends neither on the other materials of the batch nor on the order in which the
    elements or sites stand.

    Parameters
    ----------
    width
        d, the length of a crystal vector.
    settings
        All other arguments of the constructor, kept so that an artefact can build the module again.
    """

    needs: ClassVar[Needs] = "composition"
    sees_elements: ClassVar[bool] = True
    """Whether it knows which elements are where, and not only where there are some."""

    def __init__(self, width: int, **settings: Any) -> None:
        super().__init__()
        self.width = width
        self.settings: Settings = {"width": width, **settings}

    @property
    def listed(self) -> Tensor:
        """Which elements it can encode, bool [118], by atomic number - 1."""
        return torch.ones(N_ELEMENTS, dtype=torch.bool)

    @abstractmethod
    def forward(self, batch: Any) -> EncoderOutput:
        """Encode n materials; ``batch`` is of the kind that this encoder reads."""


class View(ABC):
    """What of a batch the encoders are shown: the batch itself, disturbed copies, false samples, another modality."""

    needs: ClassVar[BatchKind | None] = None
    """What its batches are of; None for whatever has labels."""
    shows: ClassVar[Mapping[str, BatchKind]] = {}
    """Name -> what the batch of this name is of, where that differs from what the corpus gives."""

    @abstractmethod
    def __call__(self, batch: Any, generator: torch.Generator) -> Mapping[str, Any]:
        """Name -> batch.

        All chance comes from ``generator`` (on the CPU), so that a resumed run sees what it would have seen.
        """


class Corpus(torch.utils.data.Dataset[Any], ABC):
    """The materials that are learnt from, held so that a batch of any of them is quickly made."""

    needs: ClassVar[BatchKind] = "composition"
    """What its batches are of."""

    @abstractmethod
    def __len__(self) -> int:
        """Number of materials N."""

    @abstractmethod
    def __getitem__(self, rows: NDArray[np.int64]) -> Any:
        """The batch of these rows; the corpus may order them as it likes."""

    @property
    def labels(self) -> NDArray[np.float32] | None:
        """What is known of the materials, [N, t], NaN where it is not; None if there are no labels."""
        return None

    @property
    def sizes(self) -> NDArray[np.int64]:
        """What each material counts in a batch, [N]: 1, or for crystals the number of their distinct sites."""
        return np.ones(len(self), dtype=np.int64)

    @property
    def families(self) -> NDArray[np.int64]:
        """Number of the family of each material, [N]: those of one are all trained on, or all validated with."""
        return np.arange(len(self))

    @property
    def compositions(self) -> Compositions | None:
        """Their compositions, [N], where an encoder of compositions is shown them."""
        return None

    @property
    def label_names(self) -> Sequence[str]:
        """Names of the t columns of ``labels``, with units."""
        return ()

    @property
    @abstractmethod
    def digest(self) -> str:
        """SHA-256 of the data, in hexadecimal digits."""

    @property
    @abstractmethod
    def marks(self) -> NDArray[np.uint64]:
        """One 64-bit mark for each material, [N], by which it is recognised later (:mod:`matscout.represent.seen`)."""

    @property
    @abstractmethod
    def summary(self) -> Sequence[str]:
        """Sentences for the card: how many materials and labels, what was left out."""

    @property
    def origin(self) -> str:
        """Markdown for the card: where the data come from, and their licences."""
        return ""


class Objective(nn.Module, ABC):
    """What the encoders learn from: outputs in, loss out. It owns its small heads and never reads data.

    Parameters
    ----------
    settings
        All arguments of the constructor, kept so that an artefact can build the module again.
    """

    needs: ClassVar[BatchKind | None] = None
    """What its batches are of; None for whatever has labels."""
    fewest: ClassVar[int] = 1
    """Materials that a batch holds at least: 2 where a material is told from others."""

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self.settings: Settings = settings

    @classmethod
    def for_corpus(cls, corpus: Corpus, rows: NDArray[np.int64], widths: Mapping[str, int], **settings: Any) -> Self:
        """The objective for the training ``rows`` of ``corpus`` and encoders of these ``widths`` (encoder -> width).

        An objective that must know something of the data (how large its labels are) looks here, once.
        """
        return cls(widths=dict(widths), **settings)

    @abstractmethod
    def forward(self, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]) -> dict[str, Tensor]:
        """``{"loss": ..., part: ...}``, all scalars; the loss is what is minimised, the parts are logged."""

    def measures(self, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]) -> dict[str, Tensor]:
        """What is reported of validation materials: name -> one value for each that has one, averaged over all."""
        return {}
