"""How a map is drawn, as settings of the command and of the step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

from matscout.settings.fields import SettingInfo

_MAP = "Map options"


@dataclass(frozen=True, kw_only=True)
class MapSettings:
    """How a map is drawn.

    Parameters
    ----------
    representation
        Representation (default: `structure-basic` for structures, `magpie` for formulas).
    method
        Method of projection.
    colour
        Column to colour by, or `chemistry` for the most electronegative element (default: the target, if there is one).
    most
        Largest number of materials to draw; of a larger set, a random sample.
    width
        Width in inches; one column of a journal is 3.4.
    seed
        Seed of every random choice.
    """

    representation: Annotated[str | None, SettingInfo(key="with", metavar="NAME", panel=_MAP)] = None
    method: Annotated[Literal["umap", "tsne", "pca"], SettingInfo(panel=_MAP)] = "umap"
    colour: Annotated[str | None, SettingInfo(metavar="COL|chemistry", panel=_MAP)] = None
    most: Annotated[int, Ge(5), SettingInfo(panel=_MAP)] = 20_000
    width: Annotated[float, Ge(1.0), Le(40.0), SettingInfo(panel=_MAP)] = 3.4
    seed: Annotated[int, Ge(0), SettingInfo(panel=_MAP)] = 0
