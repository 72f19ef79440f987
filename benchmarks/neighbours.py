"""How alike the neighbours of a material are by each representation: ``python benchmarks/neighbours.py``.

4,000 crystals of ``mp_structures`` in ``MATSCOUT_DATA`` with at most 40 sites, of fold 0, which strict networks have
not seen. Of each crystal the ten nearest by cosine that have another formula: mean difference of formation energy, band
gap and volume per atom, over that of random pairs. Vectors as they come, and on the scale of an index. Writes
``benchmarks/results/neighbours.md``.
"""

from __future__ import annotations

import datetime
import hashlib
import platform
from importlib.metadata import version

import numpy as np
import polars
from data_folder import data_folder
from jobs import RESULTS
from numpy.typing import NDArray
from structure_data import arrays_file, mp_structures

from matscout.data.files import write_text_whole
from matscout.data.formulas import format_formula
from matscout.data.materials import Materials
from matscout.discover.index.standards import Standard
from matscout.evaluation.code import code_digest
from matscout.represent.embedding import make_representation

Floats = NDArray[np.float64]

N, MOST_SITES, NEAREST, AT_ONCE = 4_000, 40, 10, 250
NAMES = (
    "element-fraction", "magpie", "elements=mat2vec", "composition-donor-strict/vector", "polysrl-strict",
    "structure-basic", "deep-infomax", "crystal-denoising", "crystal-properties", "formula-text", "composition-text",
    "structure-text",
)  # fmt: skip
PROPERTIES = ("formation energy", "band gap", "volume per atom")


def crystals() -> tuple[Materials, Floats]:
    """Materials, and their properties [n, 3]."""
    folder = data_folder() / "mp_structures"
    table = polars.read_csv(folder / "properties.csv.gz")
    splits = polars.read_csv(folder / "splits.csv.gz")
    materials = mp_structures(data_folder())
    structures = materials.structures
    assert structures is not None
    usable = (splits["fold_formula"] == 0).to_numpy() & (splits["clean_energy"] == 1).to_numpy()
    usable &= np.diff(structures.offsets) <= MOST_SITES
    rows = np.sort(np.random.default_rng(0).choice(np.flatnonzero(usable), N, replace=False))
    chosen = materials[rows]
    formulas = [format_formula(chosen.compositions.to_dict(row)) for row in range(N)]
    values = polars.DataFrame(
        {
            "energy": table["formation_energy_per_atom"],
            "gap": table["band_gap"],
            "volume": table["volume"] / table["nsites"],
        }
    )
    named = Materials(chosen.ids, np.array(formulas, dtype=np.str_), chosen.compositions, chosen.structures)
    return named, values.to_numpy()[rows]


def vectors_of(name: str, materials: Materials) -> Floats:
    """Vectors of all materials, [n, d]; the mean where there is none or a blank."""
    maker = make_representation(name)
    found = np.full((len(materials), maker.dim), np.nan)
    for start in range(0, len(materials), AT_ONCE):
        embedding = maker.represent(materials[start : start + AT_ONCE])
        found[start + embedding.rows] = embedding.vectors
    return np.where(np.isnan(found), np.nanmean(found, axis=0), found)


def differences(vectors: Floats, values: Floats, keys: NDArray[np.str_]) -> Floats:
    """Of each property, over that of random pairs, [3]."""
    scaled = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    likeness = scaled @ scaled.T
    likeness[keys[:, None] == keys] = -np.inf
    near = np.argpartition(-likeness, NEAREST, axis=1)[:, :NEAREST]
    random = np.random.default_rng(0).permutation(len(values))
    chance = np.abs(values[random] - values).mean(axis=0)
    return np.asarray(np.abs(values[near] - values[:, None]).mean(axis=(0, 1)) / chance)


def main() -> None:
    materials, values = crystals()
    keys, lines = materials.compositions.keys(), []
    for name in NAMES:
        vectors = vectors_of(name, materials)
        n = np.full(vectors.shape[1], float(N))
        standard = Standard.of(n, vectors.sum(axis=0), (vectors**2).sum(axis=0))
        told = [
            *differences(vectors, values, keys),
            *differences(standard.apply(vectors).astype(np.float64), values, keys),
        ]
        lines.append(f"| {name} | {' | '.join(f'{value:.3f}' for value in told)} |")
        print(lines[-1], flush=True)
    digest = hashlib.sha256(arrays_file(data_folder()).read_bytes()).hexdigest()
    packages = ", ".join(f"{package} {version(package)}" for package in ("matscout", "torch", "numpy"))
    text = [
        "# Neighbours by each representation",
        "",
        f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}; "
        f"{packages}; code sha256 {code_digest()[:16]}…. {N:,} crystals of `{arrays_file(data_folder()).name}` "
        f"(SHA-256 {digest[:16]}…), at most {MOST_SITES} sites, fold 0. Mean difference between a crystal and its "
        f"{NEAREST} nearest of another formula (cosine), over that of random pairs: below 1 is more alike than chance. "
        "First vectors as they come, then on the scale of an index (standardised, cut at three standard deviations).",
        "Command: `python benchmarks/neighbours.py`.",
        "",
        f"| | {' | '.join(PROPERTIES)} | {' | '.join(f'{name}, scaled' for name in PROPERTIES)} |",
        f"|---|{'--:|' * 6}",
        *lines,
        "",
    ]
    print(f"wrote {write_text_whole(RESULTS / 'neighbours.md', chr(10).join(text))}")


if __name__ == "__main__":
    main()
