"""A data folder of a few rows in which every flaw of the real one occurs, and the scripts as importable modules."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"

FILES = {
    # the same material twice, the lowest counts; sodium nitride; a failed calculation
    "matbench/mp_e_form.csv": (
        "formula,target,fold\nFe4O6,-1.6,0\nFe2O3,-1.7,1\nNaN,0.5,0\nHe2,7.5,2\nSr2LaTi3O9,-3.5,0\n"
    ),
    # an even number of polymorphs, in two spellings
    "matbench/mp_gap.csv": "formula,target,fold\nLiCoO2,1.0,0\nLi2Co2O4,2.0,1\nTiO2,9.0,0\nCu,0.0,0\n",
    "matbench/log_kvrh.csv": "formula,target,fold\nCu,2.0,0\n",
    "matbench/log_gvrh.csv": "formula,target,fold\nCu,1.5,0\n",
    "matbench/perovskites.csv": "formula,target,fold\nSrTiO3,-0.5,0\nTiSrO3,1.0,1\n",
    # two polymorphs, and a third whose energy is doubtful
    "mp_structures/properties.csv": (
        "material_id,reduced_formula,nsites,formation_energy_per_atom,band_gap,efermi,volume,total_magnetization\n"
        "mp-1,TiO2,6,-3.30,2.0,1.5,60,0.0\n"
        "mp-2,TiO2,12,-3.36,1.8,,126,-24.0\n"
        "mp-3,TiO2,6,-13.5,0.0,1.0,12,0.0\n"
    ),
    "mp_structures/splits.csv": "material_id,fold_formula,clean_energy\nmp-1,0,1\nmp-2,0,1\nmp-3,0,0\n",
    # by id: known from the structures, from the scores, and not at all
    "multifidelity_gaps/computed_gaps.csv": (
        "material_id,fidelity,band_gap_eV\nmp-1,hse,3.3\nmp-2,hse,3.1\nmp-9,pbe,0.7\nmp-77,pbe,5.0\n"
        "mp-9,gllb-sc,1.2\nmp-9,scan,0.9\n"
    ),
    "synthesizability/mp_clscores.csv": (
        "material_id,composition,clscore,in_icsd_2020\nmp-9,Li1 Fe1 O2,0.9,1\nmp-1,TiO2,0.9,1\n"
    ),
    "synthesizability/mp_synthesized_labels.csv": "material_id,synthesized\nmp-1,0\nmp-2,0\nmp-9,0\nmp-77,1\n",
    "synthesizability/icsd_like_compositions_scores.csv": "composition,score,var,std\nTb3 Ge13 Ir4,0.9,0,0\n",
    "perovskite_synthesizability/structures.csv": "id,reduced_formula,nsites,icsd\n0,SrTiO3,5,1\n1,BaTiO3,5,0\n",
    "synthesizability/ternary_oxides_solid_state_curated.csv": (
        "mp_id,composition,e_above_hull,solid_state_synthesized_composition\n"
        "mp-4,SrTiO3,0.0,y\nmp-5,Ag2As2O7,0.04,?\nmp-6,LiFeO2,0.3,n\nmp-7,SrTiO3,0.1,y\n"
    ),
    "mp_elasticity/structures.csv": (
        "formula_pretty,formation_energy_per_atom,bulk_modulus_mp2018_GPa,shear_modulus_mp2018_GPa,poisson_mp2018\n"
        "Cu,0.0,140,48,0.35\nTiO2,-3.3,200,100,0.2\nTiO2,-3.4,210,110,0.25\nHe,0.1,,,\n"
    ),
    "superconductors/supercon_formulas.csv": (
        "formula,tc_K\nBa0.4K0.6Fe2As2,38\nBa0.8K1.2Fe4As4,36\nY2C2Br0.5!1.5,5\nHfV2D0.5,0\n"
    ),
    "superconductors/3dsc_mp_structures.csv": "formula_sc,tc_K\nBa2K3Fe10As10,30\nNb1,9.2\nNb1,9.2\n",
    "perov_5/structures.csv": (
        "material_id,split,formula,heat_all,heat_ref,dir_gap,ind_gap\n"
        "1,train,TlCoN2O,,,,\n2,val,SrTiO3,1.0,1.0,3.5,3.0\n3,test,TiSrO3,0.2,0.2,2.5,2.0\n"
    ),
    "thermoelectrics/estm.csv": "formula,temperature_K\nLa0.333Sr0.667TiO3,300\nBi2Te2.7Se0.3,300\n",
    "matbench/expt_gap.csv": "formula,target,fold\nFe2O3,2.2,0\nTi33.33O66.67,3.2,0\n",
    "matbench/expt_is_metal.csv": "formula,target,fold\nFe2O3,0,0\n",
    "matbench/dielectric.csv": "formula,target,fold\nNaN,1.5,0\n",
    "matbench/jdft2d.csv": "formula,target,fold\nTb3Ge13Ir4,60,0\n",
    # 1 % of the atoms away from a donor: near, not the same
    "matbench/glass.csv": "formula,target,fold\nCu99Zr1,0,0\n",
}

BENCHMARK = {
    "CritExam__Ef": "Fe2O3,-1.5\nCuO,-0.8\n",
    "OQMD_Bandgap": "GaAs,0.3\nAl2Cu,0.0\n",
    "aflow__Egap": "GaAs,0.0\n",
    "aflow__energy_atom": "GaAs,-4.1\nAlCu2,77.7\n",
    "aflow__ael_bulk_modulus_vrh": "GaAs,100\nAlCu2,0.7\n",
    "aflow__ael_shear_modulus_vrh": "GaAs,10\n",
    "aflow__ael_debye_temperature": "GaAs,1000\n",
    "aflow__agl_thermal_conductivity_300K": "GaAs,10\n",
    "aflow__agl_thermal_expansion_300K": "GaAs,1e-5\nAlCu2,-1e-6\n",
    "mp_bulk_modulus": "Cu,500\nAg,100\n",
    "mp_shear_modulus": "Ag,10\nAu,0.0\n",
    "mp_e_hull": "SrTiO3,0.002\n",
    "mp_mu_b": "Gd2O3,-55.9\nTiO2,0.0\n",
    "mp_elastic_anisotropy": "Ag,9\nAu,-5.66\nCu,893\n",
}


def written(folder: Path, files: dict[str, str], benchmark: dict[str, str]) -> Path:
    """Write the files as CSV text under the names of the real, compressed ones (the reader looks at the content)."""
    parts = {f"composition_benchmarks/{task}/train.csv": f"formula,target\n{rows}" for task, rows in benchmark.items()}
    for part in ("val", "test"):
        parts |= {f"composition_benchmarks/{task}/{part}.csv": "formula,target\n" for task in benchmark}
    for name, text in (files | parts).items():
        path = folder / f"{name}.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def scripts(monkeypatch):
    """The folder of the scripts, importable."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield SCRIPTS
    for name in [name for name in sys.modules if name.split(".")[0] in ("donor_table", "make_donor_table")]:
        del sys.modules[name]


@pytest.fixture
def small_folder(tmp_path: Path) -> Path:
    return written(tmp_path / "data", FILES, BENCHMARK)
