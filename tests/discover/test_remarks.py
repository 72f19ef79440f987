"""What stands above a shortlist of candidates of which some have a structure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars
import pytest
from pymatgen.core import Lattice, Structure

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.discover.goals import aim_of, parse_goals
from matscout.discover.remarks import signs, usual_remarks
from matscout.remarks import codes

LACKING = "have no structure and are predicted from their formulas"


def salts(n: int, lacking: int) -> Materials:
    """Rock salt n times, the last ``lacking`` times known by its formula only."""
    cell = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.6), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    structures = Structures.from_pymatgen([cell])
    names = np.array(["salt", "salt"])
    both = Materials(names, names, compositions_of(structures)[[0, 0]], structures.spread(np.array([True, False]), 2))
    return both[[0] * (n - lacking) + [1] * lacking]


@pytest.mark.parametrize(
    ("candidates", "labels", "told"),
    [((5, 2), (4, 1), f"2 of 5 candidates {LACKING}."), ((5, 5), (4, 3), f"5 of 5 candidates {LACKING}."),
     ((1200, 1100), (4, 1), f"1,100 of 1,200 candidates {LACKING}."), ((5, 0), (4, 1), ""), ((5, 2), (4, 0), "")],
)  # fmt: skip
def test_candidates_without_a_structure_are_counted(
    candidates: tuple[int, int], labels: tuple[int, int], told: str
) -> None:
    """Where every label has a structure, a candidate without one is left out before, and nothing is predicted of it."""
    table = polars.DataFrame({"in_domain": [True] * candidates[0]})
    remarks = usual_remarks([], None, table, (salts(*candidates), salts(*labels)))
    assert [remark for remark in remarks if LACKING in remark] == [told] * bool(told)


def test_candidates_of_formulas_lack_nothing() -> None:
    formulas = replace(salts(5, 0), structures=None)
    table = polars.DataFrame({"in_domain": [True] * 5})
    assert usual_remarks([], None, table, (formulas, salts(4, 1))) == []


@pytest.mark.parametrize(
    ("values", "asked", "remarked"),
    [
        ([-500.0, -400.0, 100.0, 300.0], "max", True),
        ([-500.0, -400.0, 100.0, 300.0], "absmax", False),
        ([-1.0, 100.0, 200.0, 300.0], "max", False),
        ([100.0, 200.0, 300.0], "max", False),
        ([-500.0, -400.0, 100.0, 300.0], "min", True),
    ],
)
def test_both_signs_are_remarked(values, asked, remarked):
    labels = Dataset(
        Materials.from_formulas([f"Li{n}O" for n in range(1, len(values) + 1)]),
        {"S": Target("S", np.array(values), "uV/K")},
    )
    aims = [aim_of(goal, labels) for goal in parse_goals([asked], labels.targets)]
    assert codes(signs(aims, labels)) == (["both-signs"] if remarked else [])
