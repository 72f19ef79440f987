"""What a hazard is: its kind, its statements, who classifies it so; and the rule that says what has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.hazard_chemistry import HazardChemistry

Bools = NDArray[np.bool_]
HazardKind = Literal["explosive", "radioactive", "toxic", "restricted", "oxidising", "pyrophoric", "water-reactive"]
HAZARD_KINDS: tuple[HazardKind, ...] = get_args(HazardKind)
"""From the worst; each candidate's hazards are listed in this order."""

STATEMENTS = {
    "H200": "unstable explosive",
    "H201": "explosive, mass explosion hazard",
    "H240": "heating may cause an explosion",
    "H250": "catches fire spontaneously if exposed to air",
    "H260": "releases flammable gases with water, which may ignite spontaneously",
    "H261": "releases flammable gases with water",
    "H270": "may cause or intensify fire",
    "H271": "may cause fire or explosion; strong oxidiser",
    "H272": "may intensify fire; oxidiser",
    "H300": "fatal if swallowed",
    "H301": "toxic if swallowed",
    "H310": "fatal in contact with skin",
    "H314": "causes severe skin burns",
    "H330": "fatal if inhaled",
    "H331": "toxic if inhaled",
    "H350": "may cause cancer",
    "H350i": "may cause cancer by inhalation",
    "H360": "may damage fertility or the unborn child",
    "H372": "damages organs through prolonged exposure",
    "EUH014": "reacts violently with water",
    "EUH029": "contact with water releases toxic gas",
    "EUH031": "contact with acids releases toxic gas",
    "class-7": "radioactive material (ADR class 7)",
    "RoHS": "restricted in electronics",
}
"""Code -> what it says: hazard statements of GHS, shortened; supplemental statements of the EU; transport class 7."""


@dataclass(frozen=True)
class Hazard:
    """A family of substances that is hazardous.

    Parameters
    ----------
    kind
        What it does.
    family
        What the family is, as a reader says it: ``"lead compounds"``.
    codes
        Keys of :data:`STATEMENTS`.
    source
        Who classifies it so.
    """

    kind: HazardKind
    family: str
    codes: tuple[str, ...]
    source: str

    @property
    def statements(self) -> str:
        """``"H300 fatal if swallowed, H330 fatal if inhaled"``."""
        return ", ".join(f"{code} {STATEMENTS[code]}" for code in self.codes)

    def __str__(self) -> str:
        """``"toxic: lead compounds (H360 may damage fertility or the unborn child)"``."""
        return f"{self.kind}: {self.family} ({self.statements})"


@dataclass(frozen=True)
class HazardRule:
    """A hazard, and which compositions it is of.

    Parameters
    ----------
    hazard
        What is said of them.
    applies
        Maps the chemistry of n compositions to whether the rule holds, bool [n].
    """

    hazard: Hazard
    applies: Callable[[HazardChemistry], Bools]
