"""The tasks on which PolySRL judges vectors of compositions: what the paper says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

METHODS = ("untrained", "GraphCL", "MP-gap", "MP-energy", "Infomax-3D", "PolySRL")
"""In the order of the columns of the paper's tables 1 and 3."""
WITHOUT_SAMPLING = "PolySRL-without-sampling"

MIN_MAX = 10.0
"""Largest value after "min-max" scaling."""


@dataclass(frozen=True)
class Described:
    """A task as the paper has it (doi:10.48550/arXiv.2312.13289, tables 1, 3 and 5, appendix C).

    Parameters
    ----------
    title, unit
        For figures and tables.
    dataset, target
        Name of a public set (``matscout datasets``), and its column; "" for the usual one.
    kelvin
        Range of measuring temperatures that is kept; None for all rows.
    scaling
        "positive" keeps values above 0, "ln" takes the natural logarithm, "min-max" goes from 0 to :data:`MIN_MAX`.
    factor
        By which the paper multiplies errors.
    batch
        Rows of a batch of the probe, as in the authors' code.
    published
        MAE of :data:`METHODS` and, if there is a seventh, of PolySRL without sampling.
    transferred
        MAE of :data:`METHODS` whose encoders go on learning (table 4).
    optional
        Whether it is left out, with the reason, where it cannot be loaded.
    rows, folds
        How many compositions at most, drawn once at random, and how many of five folds are tested.
    """

    title: str
    unit: str
    dataset: str
    target: str = ""
    kelvin: tuple[float, float] | None = None
    scaling: str = ""
    factor: float = 1.0
    batch: int = 128
    published: tuple[float, ...] = ()
    transferred: tuple[float, ...] = ()
    optional: bool = False
    rows: int | None = None
    folds: int = 5


def _estm(
    words: str, kelvin: int, target: str, published: tuple[float, ...], transferred: tuple[float, ...]
) -> Described:
    span = {300: (295.0, 305.0), 600: (593.0, 608.0)}[kelvin]
    scaling, unit = ("min-max", "min-max x 10") if target.startswith("seebeck") else ("ln", "ln units")
    return Described(f"{words}, {kelvin} K", unit, "estm", target, span, scaling, 1.0, 32, published, transferred)


SIGMA, KAPPA, SEEBECK = "electrical_conductivity", "thermal_conductivity", "seebeck_coefficient"

TASKS: Mapping[str, Described] = {
    "gap": Described(
        "experimental gap of non-metals",
        "eV",
        "matbench_expt_gap",
        scaling="positive",
        published=(0.439, 0.437, 0.403, 0.416, 0.428, 0.407, 0.410),
        transferred=(0.390, 0.391, 0.382, 0.391, 0.391, 0.386),
    ),
    "enthalpy": Described(
        "experimental formation enthalpy",
        "eV/atom x 10",
        "expt_formation_enthalpy",
        "e_form expt",
        factor=10.0,
        published=(0.671, 0.677, 0.690, 0.619, 0.654, 0.592, 0.618),
        transferred=(0.599, 0.607, 0.604, 0.582, 0.606, 0.576),
        optional=True,
    ),
    "trg": Described(
        "reduced glass transition temperature",
        "x 10",
        "metallic_glass_trg",
        factor=10.0,
        published=(0.211, 0.212, 0.212, 0.203, 0.201, 0.194, 0.198),
        transferred=(0.204, 0.193, 0.193, 0.197, 0.194, 0.191),
        optional=True,
    ),
    "sigma-300": _estm(
        "electrical conductivity",
        300,
        SIGMA,
        (1.029, 1.057, 1.008, 1.121, 0.969, 0.912, 0.864),
        (0.849, 0.862, 0.829, 0.822, 0.844, 0.822),
    ),
    "kappa-300": _estm(
        "thermal conductivity",
        300,
        KAPPA,
        (0.225, 0.229, 0.225, 0.228, 0.217, 0.197, 0.208),
        (0.202, 0.198, 0.210, 0.195, 0.210, 0.189),
    ),
    "seebeck-300": _estm(
        "Seebeck coefficient",
        300,
        SEEBECK,
        (0.451, 0.459, 0.443, 0.441, 0.432, 0.388, 0.407),
        (0.425, 0.412, 0.405, 0.410, 0.402, 0.386),
    ),
    "sigma-600": _estm(
        "electrical conductivity",
        600,
        SIGMA,
        (0.714, 0.695, 0.690, 0.784, 0.692, 0.665, 0.679),
        (0.659, 0.643, 0.632, 0.641, 0.633, 0.626),
    ),
    "kappa-600": _estm(
        "thermal conductivity",
        600,
        KAPPA,
        (0.218, 0.206, 0.217, 0.220, 0.212, 0.189, 0.198),
        (0.209, 0.205, 0.197, 0.209, 0.207, 0.195),
    ),
    "seebeck-600": _estm(
        "Seebeck coefficient",
        600,
        SEEBECK,
        (0.437, 0.440, 0.436, 0.444, 0.428, 0.412, 0.396),
        (0.402, 0.412, 0.402, 0.428, 0.391, 0.390),
    ),
    "castelli": Described(
        "formation energy of perovskites",
        "eV/cell",
        "matbench_perovskites",
        published=(0.140, 0.145, 0.141, 0.134, 0.147, 0.132),
    ),
    "refractive": Described(
        "refractive index", "", "matbench_dielectric", published=(0.394, 0.386, 0.399, 0.379, 0.388, 0.394)
    ),
    "shear": Described(
        "shear modulus", "log10 GPa", "matbench_log_gvrh", published=(0.115, 0.117, 0.116, 0.108, 0.117, 0.107)
    ),
    "bulk": Described(
        "bulk modulus",
        "log10 GPa x 10",
        "matbench_log_kvrh",
        factor=10.0,
        published=(0.850, 0.844, 0.851, 0.801, 0.880, 0.837),
    ),
    "exfoliation": Described(
        "exfoliation energy",
        "meV/atom / 100",
        "matbench_jdft2d",
        factor=0.01,
        published=(0.393, 0.411, 0.397, 0.382, 0.408, 0.378),
    ),
    "mp-gap": Described(
        "calculated band gap",
        "eV",
        "matbench_mp_gap",
        published=(0.354, 0.351, 0.354, 0.338, 0.354, 0.328),
        rows=20_000,
        folds=1,
    ),
    "mp-energy": Described(
        "calculated formation energy",
        "eV/atom",
        "matbench_mp_e_form",
        published=(0.119, 0.121, 0.119, 0.115, 0.116, 0.112),
        rows=20_000,
        folds=1,
    ),
}
