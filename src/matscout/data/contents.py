"""Contents: what rows are made of and told apart by; compositions and reactions are such columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.ragged import Rows


class Contents(ABC):
    """A column of n rows that have keys, and parts with names where a user's columns named some."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, index: Rows) -> Self:
        """The chosen rows; a slice with step 1 shares the memory of the whole."""

    @abstractmethod
    def keys(self) -> NDArray[np.str_]:
        """One text per row, equal for what is the same, [n]."""

    @property
    @abstractmethod
    def made_of(self) -> str:
        """What there is in all rows together, in words: ``"17 elements"``."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts; none, as here, where a row is one whole."""
        return ()

    @property
    def column(self) -> str:
        """The column of a table that held the rows as wholes, where that has to be said to read them; "" if none."""
        return ""

    @property
    def asked(self) -> tuple[str, ...]:
        """How the columns of components are named to be read again; none where there are no such columns."""
        return ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of a table that hold parts or the whole, where that has to be said to read them."""
        return ()

    def cells(self) -> Mapping[str, NDArray[np.str_]]:
        """Name of each part that holds one thing -> what it is in each row, text [n]."""
        return {}

    def cells_of(self, column: str) -> NDArray[np.str_] | None:
        """What the rows hold in a column of components, text [n]; None if that is none."""
        return None

    def arranged(self, asked: Sequence[str]) -> Self:
        """With parts in this order and spelled so, where they differ in order and capitals only; else as they are."""
        return self
