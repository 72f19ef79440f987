"""Settings that the commands share which write a folder by a force field."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from matscout.settings.fields import SettingInfo


@dataclass(frozen=True)
class ForceFieldRun:
    """By which force field, and where the result goes.

    Parameters
    ----------
    out
        Folder for the result.
    force_field
        Force field: chgnet, 7net-0, 7net-l3i5, or package.module:factory of what makes a calculator of ASE.
    """

    out: Annotated[Path, SettingInfo(flags=("-o", "--out"), metavar="OUT_DIR")]
    force_field: Annotated[str, SettingInfo(key="with", metavar="NAME")] = "chgnet"
