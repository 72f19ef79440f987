"""How an index is searched, as settings of commands and steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le

from matscout.settings.fields import SettingInfo

if TYPE_CHECKING:
    from matscout.discover.index.search import SearchOptions

_SEARCH = "Search options"


@dataclass(frozen=True, kw_only=True)
class IndexSearchSettings:
    """How an index is searched.

    Parameters
    ----------
    representations
        Representation to search by (repeatable; default: all that apply, with their ranks combined).
    where
        Condition on the hits, e.g. "nelements <= 3 and array_has(elements, 'Te')".
    count
        Number of hits.
    diversity
        Above 0, prefer hits that differ from each other.
    exact
        Compare with all vectors, also in a large index.
    """

    representations: Annotated[tuple[str, ...], SettingInfo(key="with", metavar="NAME", panel=_SEARCH)] = ()
    where: Annotated[str, SettingInfo(metavar="SQL", panel=_SEARCH, default=False)] = ""
    count: Annotated[int, Ge(1), Le(10_000), SettingInfo(flags=("-k",), panel=_SEARCH)] = 20
    diversity: Annotated[float, Ge(0.0), Le(1.0), SettingInfo(panel=_SEARCH)] = 0.0
    exact: Annotated[bool, SettingInfo(panel=_SEARCH)] = False

    @property
    def options(self) -> SearchOptions:
        """As the search takes them."""
        from matscout.discover.index.search import SearchOptions

        return SearchOptions(self.count, self.representations, self.where, self.diversity, self.exact)


@dataclass(frozen=True, kw_only=True)
class RecallSettings(IndexSearchSettings):
    """How candidates are looked up in an index."""

    count: Annotated[int, Ge(1), Le(10_000), SettingInfo(flags=("-k",), panel=_SEARCH)] = 100
