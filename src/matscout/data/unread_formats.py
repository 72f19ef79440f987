"""Files that hold a structure in a format that is not read: what they are, and what turns them into one that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matscout.data.encodings import decoded
from matscout.data.structure_bytes import head_of_file

_ASE = "convert it, with ASE: ase convert -i {kind} {file} {stem}.cif"
_BABEL = "convert it, with Open Babel: obabel {file} -O {stem}.cif"
_SAVE = "save its structure as CIF with the program's own tools or a structure viewer"


@dataclass(frozen=True)
class UnreadFormat:
    """A format of structures that is not read.

    Parameters
    ----------
    name
        What it is called, with its article.
    endings
        Of files of this format that nothing in the text tells.
    words
        Sets of words; a text is of this format where, of each set, one begins or ends a line (in lower case).
    advice
        How to convert it, with the fields ``file`` and ``stem``.
    """

    name: str
    endings: tuple[str, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()
    advice: str = _SAVE

    def holds(self, suffix: str, lines: Sequence[str]) -> bool:
        """Whether a file with this ending and these first lines (in lower case) is of this format."""
        if suffix in self.endings:
            return True
        present = (any(line.startswith(some) or line.endswith(some) for line in lines) for some in self.words)
        return bool(self.words) and all(present)


FORMATS = (
    UnreadFormat("a Gaussian cube file", (".cube", ".cub"), (), _ASE.replace("{kind}", "cube")),
    UnreadFormat("a Tripos mol2 file", (".mol2",), (("@<tripos>",),), _BABEL),
    UnreadFormat("an MDL mol file", (".mol", ".sdf"), ((" v2000", " v3000"),), _BABEL),
    UnreadFormat(
        "a LAMMPS data file",
        (".lmp", ".lammps"),
        ((" atom types",), (" xlo xhi", " avec")),
        _ASE.replace("{kind}", "lammps-data"),
    ),
    UnreadFormat(
        "an ABINIT input",
        (),
        (("acell ", "rprim ", "rprim"), ("znucl ",), ("xred", "xcart", "xangst")),
        _ASE.replace("{kind}", "abinit-in"),
    ),
    UnreadFormat(
        "a GULP input",
        (".gin",),
        (("cell", "vectors"), ("fractional", "cartesian"), ("species", "space", "opti", "conp", "conv", "single")),
    ),
    UnreadFormat(
        "a SIESTA input",
        (".fdf",),
        (("%block latticevectors", "%block latticeparameters"), ("%block atomiccoordinates",)),
    ),
    UnreadFormat("a CRYSTAL input", (".d12",)),
    UnreadFormat("a GROMACS file", (".gro",), (), _ASE.replace("{kind}", "gromacs")),
)


def unread_format(path: Path) -> UnreadFormat | None:
    """The format of a file of a structure that is not read; None for other files."""
    lines = [line.strip().lower() for line in decoded(head_of_file(path)).splitlines()]
    return next((form for form in FORMATS if form.holds(path.suffix.lower(), lines)), None)


def conversion_advice(path: Path, form: UnreadFormat) -> str:
    """What a file is and how to convert it."""
    advice = form.advice.format(file=path.name, stem=path.stem)
    return f"{path.name} is {form.name}, a structure format that is not supported; {advice}"
