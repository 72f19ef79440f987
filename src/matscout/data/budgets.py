"""How much of what a file holds is read: limits on size and time, so that no input ends a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """Limits on what is read from foreign files; what exceeds one is refused with a reason.

    Parameters
    ----------
    bytes_per_structure
        Size of the text of one structure, unpacked.
    bytes_unpacked
        What a compressed table or all members of an archive hold together, unpacked.
    bytes_held
        Structure texts kept in memory at a time.
    times_packed
        A compressed table may become this many times as large as it is packed; smaller ones than ``freely_unpacked``
        any number of times.
    freely_unpacked
        Bytes.
    entries
        Members of an archive, frames of a trajectory or entries of a collection.
    rows
        Of a table that is read as a whole: each takes about a kilobyte and a fifth of a millisecond.
    cells
        Rows times columns of a table, or values in a JSON text.
    empty_cells
        Cells of a sheet that hold nothing may be this many times as many as those that hold something, where they are
        more than a million: one stray cell far away makes a sheet huge.
    sites
        Atoms of one structure: listed ones times symmetry operations. The time for a structure grows with the square
        of their number.
    longest_vector
        Of a lattice, Å.
    seconds
        For one structure; the largest that are let through take about ten.
    """

    bytes_per_structure: int = 20_000_000
    bytes_unpacked: int = 1_000_000_000
    bytes_held: int = 100_000_000
    times_packed: int = 100
    freely_unpacked: int = 100_000_000
    entries: int = 10_000_000
    rows: int = 2_000_000
    cells: int = 50_000_000
    empty_cells: int = 100
    sites: int = 10_000
    longest_vector: float = 1000.0
    seconds: float = 30.0


BUDGET = Budget()
"""The limits of all readers."""
