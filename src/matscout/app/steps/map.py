"""A map of materials: neighbours are alike, colours show a property or the chemistry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Le

from matscout.counting import counted
from matscout.settings.fields import SettingInfo
from matscout.workflow.kind import Input, StepKind, StepWork, placed_address
from matscout.workflow.mapping import MaterialsMap, map_materials


@dataclass(frozen=True)
class MapStep(StepKind):
    """Draw a map.

    Parameters
    ----------
    labels
        Materials, labelled or not.
    representation
        Representation (else `structure-basic` for structures, `magpie` for formulas).
    method
        How to place them.
    colour
        Column to colour by, or the most electronegative element (else the target, if a table has one).
    most
        Draw so many of a larger set.
    seed
        Seed of every random choice.
    width
        Inches; one column is 3.4.
    form
        Format of the picture.
    """

    labels: Annotated[str, Input("Dataset")] = ""
    representation: Annotated[str | None, SettingInfo(key="with")] = None
    method: Literal["umap", "tsne", "pca"] = "umap"
    colour: str | None = None
    most: Annotated[int, Ge(5)] = 20_000
    seed: Annotated[int, Ge(0)] = 0
    width: Annotated[float, Ge(1.0), Le(40.0)] = 3.4
    form: Literal["svg", "pdf", "png"] = "svg"

    output: ClassVar[str] = "Map"
    information: ClassVar[str] = "Distances in the plane are those of the vectors only nearby."
    predicts: ClassVar[bool] = True

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> MaterialsMap:
        """The places."""
        name = None if self.representation is None else placed_address(self.representation, work.folder)
        options: dict[str, Any] = {"method": self.method, "colour": self.colour, "seed": self.seed, "most": self.most}
        return map_materials(inputs["labels"], name, progress=work.progress, **options)

    def summary(self, result: MaterialsMap) -> str:
        """How many, by what."""
        return f"{counted(len(result), 'material')} by {result.representation}, coloured by {result.colour.label}"

    def write(self, result: MaterialsMap, folder: Path) -> None:
        """Write the picture, and the places as ``places.csv``."""
        result.save(folder / f"map.{self.form}", self.width)
        result.write_table(folder / "places.csv")
