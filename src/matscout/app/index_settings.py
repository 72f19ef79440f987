"""Settings of the commands that build an index, add to it, or search it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge

from matscout.settings.fields import SettingInfo
from matscout.workflow.index_search import IndexSearchSettings


@dataclass(frozen=True)
class SourceSettings:
    """Materials that an index is made of.

    Parameters
    ----------
    source
        File, folder or archive of materials.
    """

    source: Annotated[Path, SettingInfo(argument=True, metavar="INPUT")]


@dataclass(frozen=True)
class PlaceSettings:
    """An index that is there.

    Parameters
    ----------
    index
        Folder, or s3://BUCKET/NAME.
    """

    index: Annotated[str, SettingInfo(argument=True, metavar="INDEX")]


@dataclass(frozen=True)
class NewIndexSettings:
    """An index that is built.

    Parameters
    ----------
    out
        Folder, or s3://BUCKET/NAME.
    representations
        Representation (repeatable; default: networks trained on properties, one for formulas and, with structures, one
        for crystals).
    cell
        Cell to which structures are converted.
    """

    out: Annotated[str, SettingInfo(flags=("-o", "--out"), metavar="INDEX")]
    representations: Annotated[tuple[str, ...], SettingInfo(key="with", metavar="NAME")] = ()
    cell: Literal["as-given", "primitive", "conventional"] = "as-given"


@dataclass(frozen=True)
class WorkSettings:
    """How many materials are represented.

    Parameters
    ----------
    cache
        Keep vectors, and reuse them for equal structures in later runs.
    ray
        Process the parts on a Ray cluster.
    """

    cache: bool = True
    ray: Annotated[str | None, SettingInfo(metavar="auto|ADDRESS")] = None


@dataclass(frozen=True, kw_only=True)
class SearchSettings(IndexSearchSettings):
    """What is searched for in an index, and how.

    Parameters
    ----------
    index
        Folder, or s3://BUCKET/NAME.
    like
        What the hits should be similar to, e.g. PbTe.
    version
        Search this earlier version of the index.
    out
        Write all columns to this file.
    """

    index: Annotated[str, SettingInfo(argument=True, metavar="INDEX")]
    like: Annotated[str, SettingInfo(metavar="FORMULA|FILE|ID|TEXT")]
    version: Annotated[int, Ge(1)] | None = None
    out: Annotated[Path | None, SettingInfo(flags=("-o", "--out"), metavar="OUT.csv|parquet|xlsx|json")] = None
