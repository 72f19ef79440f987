"""A map of materials: neighbours are alike, colours show a property or the chemistry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from matscout.counting import counted
from matscout.workflow.kind import Input, StepKind, StepWork, placed_address
from matscout.workflow.map_settings import MapSettings
from matscout.workflow.mapping import MaterialsMap, map_materials


@dataclass(frozen=True, kw_only=True)
class MapStep(MapSettings, StepKind):
    """Draw a map.

    Parameters
    ----------
    labels
        Materials, labelled or not.
    form
        Format of the picture.
    """

    labels: Annotated[str, Input("Dataset")] = ""
    form: Literal["svg", "pdf", "png"] = "svg"

    output: ClassVar[str] = "Map"
    information: ClassVar[str] = "Only short distances on the map reflect distances between vectors."
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
