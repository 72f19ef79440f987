"""Steps that compute structures of a file with a force field and write a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from matscout.settings.fields import SettingInfo
from matscout.simulate.choice import make_force_field, origin_of_field
from matscout.workflow.kind import SourceFile, StepKind, WrittenFiles
from matscout.workflow.label_settings import MaterialSettings


@dataclass(frozen=True, kw_only=True)
class ForceFieldStep(MaterialSettings, StepKind):
    """Compute structures with a force field.

    Parameters
    ----------
    file
        File, folder or archive of structures.
    force_field
        Which force field, or the address of a calculator.
    """

    file: Annotated[Path, SourceFile()]
    force_field: Annotated[str, SettingInfo(key="with")] = "chgnet"

    output: ClassVar[str] = "Table"
    predicts: ClassVar[bool] = True

    def summary(self, result: WrittenFiles) -> str:
        """What became of the structures, in a line."""
        return result.words

    def origin(self, folder: Path) -> object:
        """All that the force field is."""
        return dict(origin_of_field(make_force_field(self.force_field)))
