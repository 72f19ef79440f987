"""Which calculation energies come from: energies of two schemes have no common hull."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from matscout.errors import UsageError

EnergyScheme = Literal["corrected-mp2020", "uncorrected-pbe", "corrected-mp-legacy", "r2scan", "unknown"]
"""Which energies a number belongs to; those of two schemes must not meet in one hull.

The corrections of 2020: A. Wang et al., Sci. Rep. 11, 15496 (2021), doi:10.1038/s41598-021-94550-5.
"""

MP2020: Final = "corrected-mp2020"
UNCORRECTED: Final = "uncorrected-pbe"
MP_LEGACY: Final = "corrected-mp-legacy"
UNKNOWN: Final = "unknown"

SCHEMES: Mapping[str, str] = {
    MP2020: "PBE and PBE+U of the Materials Project with the corrections of 2020",
    UNCORRECTED: "PBE and PBE+U of the Materials Project without corrections",
    MP_LEGACY: "PBE and PBE+U of the Materials Project with the corrections before 2020",
    "r2scan": "r2SCAN of the Materials Project",
    UNKNOWN: "not stated",
}
"""Scheme -> what it is."""


def check_scheme(scheme: str) -> str:
    """The scheme itself.

    Raises
    ------
    UsageError
        If there is no such scheme.
    """
    if scheme not in SCHEMES:
        raise UsageError(f"there is no scheme of energies {scheme!r}; there are {', '.join(SCHEMES)}")
    return scheme


def require_one_scheme(energies: str, references: str) -> None:
    """Refuse a hull of two schemes.

    Parameters
    ----------
    energies, references
        Scheme of the formation energies of the materials, and of those of the references.

    Raises
    ------
    UsageError
        If they differ; it names both.
    """
    if energies == references:
        return
    hint = (
        f"state the scheme of the energies (--scheme={references}) if they are of the same kind"
        if energies == UNKNOWN
        else f"state that of the references (--references-scheme={energies}) if they are of the same kind"
        if references == UNKNOWN
        else f"take references of the scheme {energies}"
    )
    raise UsageError(
        f"the energies are {energies} ({SCHEMES[check_scheme(energies)]}), the references {references} "
        f"({SCHEMES[check_scheme(references)]}): two schemes have no common hull; {hint}"
    )
