"""CIF and POSCAR files that were read wrong once: each with the content that is right, counted by hand."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Composition, Lattice, Structure

from matscout.data.structure_files import read_structures

FOLDER = Path(__file__).parent / "structures"

CONTENT = {
    "origin-choice/si_origin2.cif": ("Si8", 8, 2.33),
    "origin-choice/si_Z.cif": ("Si8", 8, 2.33),
    "origin-choice/anatase_2.cif": ("Ti4O8", 12, 3.9),
    "origin-choice/cu2o_2.cif": ("Cu4O2", 6, 6.1),
    "origin-choice/fese_Z.cif": ("Fe2Se2", 4, 5.71),
    "origin-choice/spinel_2.cif": ("Mg8Al16O32", 56, 3.58),
    "origin-choice/spinel_hall2.cif": ("Mg8Al16O32", 56, 3.58),
    "origin-choice/pauling_mix.cif": ("Cu8Al16O32", 56, None),
    "monoclinic-settings/x_p112b.cif": ("Na4Cl4", 8, None),
    "extra-data-block/block_powder.cif": ("Na2Cl2", 4, None),
    "extra-data-block/global_ops.cif": ("Na2Cl2", 4, None),
    "extra-data-block/only_ops.cif": ("Na2Cl2", 4, None),
    "extra-data-block/pub_after.cif": ("Na2Cl2", 4, None),
    "extra-data-block/two_blocks_first_empty.cif": ("Mg4O4", 8, None),
    "occupancy-dot/occ_onedot.cif": ("Mg4O4", 8, None),
    "occupancy-dot/occ_question.cif": ("Mg4O4", 8, None),
    "occupancy-dot/occ_alldot.cif": ("Mg4O4", 8, None),
    "occupancy-dot/occ_allq.cif": ("Mg4O4", 8, None),
    "few-digits/mos2_3digits.cif": ("Mo2S4", 6, 5.0),
    "few-digits/mos2_2digits.cif": ("Mo2S4", 6, 5.0),
    "few-digits/dig3_half.cif": ("MoS2", 6, 2.5),
    "few-digits/dig3_mix2.cif": ("MoWS2Se2", 6, None),
    "few-digits/dig4_mix2.cif": ("MoWS2Se2", 6, None),
    "few-digits/dig3_third.cif": ("Li0.6C1.2", 6, None),
    "few-digits/special_half.cif": ("Si4", 8, None),
    "unknown-species/vacancy.cif": ("Fe3.8O4", 8, None),
    "unknown-species/typ_00_Va.cif": ("FeO", 2, None),
    "unknown-species/typ_01_Vac.cif": ("FeO", 2, None),
    "h-and-d-on-one-site/deuterium_hd.cif": ("HO", 2, None),
    "bytes-of-a-cif/bom.cif": ("Mg4O4", 8, None),
    "bytes-of-a-cif/cr_only.cif": ("Mg4O4", 8, None),
    "bytes-of-a-cif/upper_tags.cif": ("Mg4O4", 8, None),
    "bytes-of-a-cif/utf16.cif": ("Mg4O4", 8, None),
    "poscar-negative-scale/neg.vasp": ("MgO", 2, None),
    "poscar-spelling/comment_scale.vasp": ("MgO", 2, None),
    "poscar-spelling/fortran_d.vasp": ("MgO", 2, None),
    "structure-file-names/POSCAR": ("Na4Cl4", 8, 2.16),
    "structure-file-names/CONTCAR": ("Na4Cl4", 8, 2.16),
    "structure-file-names/NaCl-POSCAR": ("Na4Cl4", 8, 2.16),
    "structure-file-names/rocksalt.txt": ("Na4Cl4", 8, 2.16),
    "structure-file-names/POSCAR-vasp4": ("Na4Cl4", 8, 2.16),
}
REFUSED = {
    "monoclinic-settings/x_f4mmm.cif": "F 4/m m m is not recognised among the settings of number 139",
    "unknown-species/typ_11_Dum.cif": "Dum is not an element",
    "unknown-species/typ_12_Cp.cif": "Cp is not an element",
    "unknown-species/typ_03_RE.cif": "RE is not an element",
    "poscar-spelling/fewer_sites.vasp": "3 atoms are announced, 2 are listed",
    "structure-file-names/POSCAR-vasp4-unnamed": "its elements are not named",
}


def read(name: str) -> Structure:
    parsed = read_structures([FOLDER / name])
    assert len(parsed.structures) == 1, parsed.problems
    return parsed.structures.to_pymatgen(0)


@pytest.mark.parametrize("name", CONTENT)
def test_content(name):
    formula, sites, density = CONTENT[name]
    structure = read(name)
    assert structure.composition.almost_equals(Composition(formula), rtol=1e-6)
    assert len(structure) == sites
    if density is not None:
        assert structure.density == pytest.approx(density, abs=0.02)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    (problem,) = read_structures([FOLDER / name]).problems
    assert problem.dropped
    assert REFUSED[name] in problem.reason


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("p21n_noops", "P 1 21/n 1"),
        ("p21n_full", "P 1 21/n 1"),
        ("y_Pn_short", "P 1 n 1"),
        ("y_A2om_short", "A 1 2/m 1"),
        ("y_P2on_short", "P 1 2/n 1"),
    ],
)
def test_short_symbols_are_read_as_pymatgen_reads_the_full_ones(short, full, tmp_path):
    text = (FOLDER / "monoclinic-settings" / f"{short}.cif").read_text(encoding="utf-8")
    lines = [f"_symmetry_space_group_name_H-M '{full}'" if "H-M" in line else line for line in text.splitlines()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = Structure.from_str("\n".join(lines), fmt="cif")
    found = read(f"monoclinic-settings/{short}.cif")
    assert len(found) == len(expected)
    distances = found.lattice.get_all_distances(found.frac_coords, expected.frac_coords)
    np.testing.assert_allclose(distances.min(axis=1), 0, atol=1e-6)


def test_monoclinic_cell_with_unique_axis_c():
    found = read("monoclinic-settings/x_p112b.cif")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert found.get_space_group_info(0.01)[1] == 14


def test_a_negative_scale_is_a_volume():
    found = read("poscar-negative-scale/neg_cart.vasp")
    assert found.lattice.matrix == pytest.approx(Lattice.cubic(4.2).matrix)
    assert found[1].coords == pytest.approx([2.1, 2.1, 2.1])


def test_three_scales():
    found = read("poscar-spelling/three_scales.vasp")
    assert found.lattice.abc == pytest.approx((4.2, 4.2, 8.4))
    assert found[1].coords == pytest.approx([2.1, 2.1, 4.2])


def test_symbols_in_the_comment_are_remarked():
    (problem,) = read_structures([FOLDER / "structure-file-names" / "POSCAR-vasp4"]).problems
    assert "from the first line" in problem.reason
    assert not problem.dropped
