"""What an index holds, as it is kept beside the materials: representations, properties, where they came from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np

from matscout.data.cells import CellChoice
from matscout.discover.index.standards import Standard
from matscout.errors import ArtefactError

FORMAT = 1
"""Of this file; newer ones are refused."""


@dataclass(frozen=True)
class Property:
    """A column of the source: its heading without the unit, and the unit."""

    heading: str
    unit: str | None = None

    @property
    def label(self) -> str:
        """As it stood in the source: ``"band gap (eV)"``."""
        return f"{self.heading} ({self.unit})" if self.unit else self.heading


@dataclass(frozen=True, eq=False)
class VectorColumn:
    """How vectors of one representation were made and brought to one scale.

    Parameters
    ----------
    column
        Where they stand.
    code
        Digest of the code and weights that made them.
    standard
        Mean and standard deviation of the materials that the index was built of.
    recall
        Of the approximate search: how many sought -> share of the true ones that it finds; empty if all are looked at.
    """

    column: str
    code: str
    standard: Standard
    recall: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class About:
    """What an index holds.

    Parameters
    ----------
    matscout
        Version that built it.
    has_structures
        Whether its materials have structures.
    cell
        Which cell structures were brought to.
    vectors
        Representation -> how its vectors were made.
    properties
        Column -> what it was called in the source.
    sources
        Where materials came from, one after the other.
    """

    matscout: str
    has_structures: bool
    cell: CellChoice
    vectors: dict[str, VectorColumn]
    properties: dict[str, Property]
    sources: tuple[str, ...]

    def dumps(self) -> str:
        """As JSON."""
        vectors = {
            name: {
                "column": one.column,
                "code": one.code,
                "mean": one.standard.mean.tolist(),
                "scale": one.standard.scale.tolist(),
                "recall": one.recall,
            }
            for name, one in self.vectors.items()
        }
        fields = {
            "format": FORMAT,
            "matscout": self.matscout,
            "has_structures": self.has_structures,
            "cell": self.cell,
            "vectors": vectors,
            "properties": {column: asdict(one) for column, one in self.properties.items()},
            "sources": list(self.sources),
        }
        return json.dumps(fields, allow_nan=False)

    @classmethod
    def loads(cls, text: str, where: str) -> Self:
        """From JSON.

        Raises
        ------
        ArtefactError
            If a newer matscout wrote it, or it is damaged.
        """
        try:
            fields: dict[str, Any] = json.loads(text)
            if fields["format"] > FORMAT:
                raise ArtefactError(
                    f"{where} was built by matscout {fields['matscout']}, which is newer than the installed "
                    "version: update matscout"
                )
            return cls(
                fields["matscout"],
                fields["has_structures"],
                fields["cell"],
                {name: _vectors(one) for name, one in fields["vectors"].items()},
                {column: Property(**one) for column, one in fields["properties"].items()},
                tuple(fields["sources"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ArtefactError(f"{where} is damaged ({error}): build it again") from error


def _vectors(fields: dict[str, Any]) -> VectorColumn:
    standard = Standard(np.array(fields["mean"]), np.array(fields["scale"]))
    return VectorColumn(
        fields["column"], fields["code"], standard, {int(k): share for k, share in fields["recall"].items()}
    )
