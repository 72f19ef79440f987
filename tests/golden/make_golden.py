"""Write the golden artefacts of the current artefact version: ``python tests/golden/make_golden.py``.

Run it once after a change of the format has got a new ``ARTEFACT_VERSION`` and an entry in ``UPGRADES``, or for a new
model; folders that exist stay as they are. There is one folder for each kind of model, fitted to a dozen or two rows
with networks and forests as small as they can be.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
from pymatgen.core import Lattice, Structure

import matscout
from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset, Provenance, Target
from matscout.data.made_up import made_up_dataset
from matscout.data.materials import Materials
from matscout.data.reactions.texts import parse_components, part_of
from matscout.data.row_materials import compositions_of
from matscout.data.stated_digests import digest_of_spec
from matscout.data.structures import Structures
from matscout.predict.artefact import save_models
from matscout.predict.artefact_folder import ARTEFACT_VERSION
from matscout.predict.base import Answer, Predictions
from matscout.predict.known_likeness import KnownLikeness
from matscout.predict.model import Model
from matscout.represent.base import Embedding
from matscout.represent.descriptors.force_field_response import ForceFieldResponse

GOLDEN = Path(__file__).parent
LEVEL = 0.8
"""Of the intervals that are stored."""

FORMULAS = ("NaCl", "KCl", "NaBr", "MgO", "CaO", "ZnO", "ZnS", "GaAs", "GaP", "AlN", "TiO2", "SnO2")
HARDNESS = (2.5, 2.0, 2.2, 6.0, 3.5, 4.5, 3.8, 4.5, 5.0, 9.0, 6.2, 6.5)
"""Mohs hardness, from general knowledge."""


def in_two(values: np.ndarray, above: float) -> Target:
    """Whether values lie above one, as two classes."""
    return Target("scratches glass", (values > above).astype(float), None, "classification", ("no", "yes"))


def solids() -> Dataset:
    """Twelve well-known solids with a number and a class each."""
    values = np.array(HARDNESS)
    targets = {"hardness": Target("hardness", values, "Mohs"), "scratches glass": in_two(values, 5.5)}
    return Dataset(Materials.from_formulas(FORMULAS), targets, provenance=Provenance("general knowledge"))


def lawful_solids() -> Dataset:
    """Sixty tellurides of which two properties are known and a third that follows from them and the temperature."""
    metals = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Zn", "Cd", "Al", "Ga")
    n = 6 * len(metals)
    made = Materials.from_formulas([f"{metals[row % 10]}{1 + row // 10}Te" for row in range(n)])
    temperature = 300.0 + 7.0 * (np.arange(n) * 13 % n)
    power, conductivity = 1.0 + np.arange(n) // 10 + 0.1 * (np.arange(n) % 7), 2.0 + 0.3 * (np.arange(n) % 10)
    targets = {
        "power": Target("power", power, "W"),
        "conductivity": Target("conductivity", conductivity, "W"),
        "merit": Target("merit", power * temperature / conductivity),
    }
    return Dataset(replace(made, context={"temperature": temperature}), targets)


def known_solids() -> Dataset:
    """The same tellurides, of which those with little tellurium are known."""
    made = lawful_solids().materials
    known = (np.arange(len(made)) >= 30).astype(np.float64)
    target = Target("made", known, None, POSITIVE_UNLABELLED, ("unlabelled", "1"), class_prior=0.2)
    return Dataset(replace(made, context={}), {"made": target})


def crystals() -> Dataset:
    """Rock salts and caesium chlorides of a few pairs; the property follows the length of the cell."""
    cells = []
    for row, pair in enumerate([("Na", "Cl"), ("K", "Cl"), ("K", "Br"), ("Li", "F"), ("Mg", "O"), ("Ca", "S")]):
        for place, length in ((0.5, 4.0 + 0.1 * row), (0.25, 4.6 + 0.1 * row)):
            cells.append(Structure(Lattice.cubic(length), list(pair), [[0] * 3, [place] * 3]))
    structures = Structures.from_pymatgen(cells)
    names = np.array([cell.composition.reduced_formula for cell in cells])
    materials = Materials(np.arange(len(names)).astype(np.str_), names, compositions_of(structures), structures)
    values = np.array([cell.volume / 50.0 for cell in cells])
    return Dataset(
        materials, {"size": Target("size", values, "Å"), "large": replace(in_two(values, 2.0), name="large")}
    )


def defects() -> Dataset:
    """Forty arrangements of point defects with an energy and a class each."""
    made = made_up_dataset("defect", 40)
    (target,) = made.targets.values()
    energy = Target("formation energy", target.values, "eV")
    return replace(
        made,
        targets={
            "formation energy": energy,
            "high": replace(in_two(target.values, np.median(target.values)), name="high"),
        },
    )


def couplings() -> Dataset:
    """Sixteen amides from an acid and an amine; the yield follows the acid."""
    aryls, alkyls = ("c1ccccc1", "c1ccc(C)cc1", "c1ccncc1", "c1ccsc1"), ("C", "CC", "CCC", "CCF")
    pairs = [(aryl, alkyl) for aryl in aryls for alkyl in alkyls]
    cells = {
        "acid": [f"OC(=O){aryl}" for aryl, _ in pairs],
        "amine": [f"N{alkyl}" for _, alkyl in pairs],
        "product": [f"O=C(N{alkyl}){aryl}" for aryl, alkyl in pairs],
    }
    parsed = parse_components(list(cells.values()), [part_of(name) for name in cells])
    ids = np.arange(len(pairs)).astype(np.str_)
    materials = Materials(ids, parsed.reactions.texts(), parsed.compositions, reactions=parsed.reactions)
    values = np.array([20.0 * aryls.index(aryl) + 3.0 * alkyls.index(alkyl) for aryl, alkyl in pairs])
    return Dataset(materials, {"yield": Target("yield", values, "%", limits=(0.0, 100.0))})


def response(_: ForceFieldResponse, materials: Materials) -> Embedding:
    """What stands in for the force field, which is seldom installed: the volume per site and functions of it."""
    assert materials.structures is not None
    volumes = np.abs(np.linalg.det(materials.structures.lattices)) / np.diff(materials.structures.offsets)
    vectors = np.column_stack([volumes ** (0.5 * power) for power in range(1, 6)])
    return Embedding(vectors, np.arange(len(materials)), ForceFieldResponse().columns)


@contextmanager
def stand_in() -> Iterator[None]:
    """The force field has something in its place."""
    with (
        patch.object(ForceFieldResponse, "represent", response),
        patch.object(ForceFieldResponse, "costly", new=False),
        patch.object(ForceFieldResponse, "packages", ()),
        patch.object(ForceFieldResponse, "at_hand", lambda: True),
    ):
        yield


@contextmanager
def in_small() -> Iterator[None]:
    """Forests of few trees, networks of few units and lessons of few steps."""
    models = "matscout.predict.models"
    with (
        stand_in(),
        patch(f"{models}.trees.Trees.n_trees", (8, 8)),
        patch("matscout.predict.likeness_learners.naive.N_FAST", 8),
        patch(f"{models}.auto.Auto.fast_trees", (5, 4)),
        patch(f"{models}.mixture_of_experts.MixtureOfExperts.width", 4),
        patch(f"{models}.uam.FAST_STEPS", (20, 20)),
        patch(f"{models}.uam.SWITCHES", {"whole": {"hidden": 8, "width": 8}}),
        patch("matscout.predict.error_forest.N_TREES", 4),
    ):
        yield


def small_network(folder: Path) -> str:
    """Weights of a network of crystals that has seen the crystals above, and learned next to nothing."""
    from matscout.represent.pretraining.configuration import read_experiment
    from matscout.represent.pretraining.training import pretrain

    given = crystals().materials.structures
    assert given is not None
    (folder / "cells").mkdir()
    for row in range(len(given)):
        given.to_pymatgen(row).to(filename=str(folder / "cells" / f"{row}.cif"))
    sizes = [f"encoders.crystal.{name}=4" for name in ("width", "site_width")]
    few = ["loader.batch_size=8", "loader.validation_share=0.2", "trainer.epochs=1", "objective.site_width=4"]
    overrides = [f"data.structures={folder / 'cells'}", *sizes, *few]
    return str(pretrain(read_experiment("crystal_denoising", overrides), folder / "run").artefact)


@dataclass(frozen=True)
class Kind:
    """How the golden artefact of one kind of model is made: its address and the rows it learns from.

    ``{weights}`` in the address stands for the folder of :func:`small_network`.
    """

    address: str
    dataset: Callable[[], Dataset]
    targets: tuple[str, ...]


BOTH = ("hardness", "scratches glass")
KINDS = {
    "arrangements": Kind("arrangements", defects, ("formation energy", "high")),
    "auto": Kind("auto", solids, BOTH),
    "by-definition": Kind("by-definition/trees=magpie=power*temperature/conductivity", lawful_solids, ("merit",)),
    "defect-pairs": Kind("defect-pairs", defects, ("formation energy",)),
    "dummy": Kind("dummy", solids, BOTH),
    "fine-tuned": Kind("fine-tuned/head={weights}", crystals, ("size", "large")),
    "gp": Kind("gp", solids, BOTH),
    "known-likeness": Kind("known-likeness", known_solids, ("made",)),
    "mixture-of-experts": Kind("mixture-of-experts/one-hot=element-fraction", lawful_solids, ("power",)),
    "trees": Kind("trees=magpie", solids, BOTH),
    "uam": Kind("uam", couplings, ("yield",)),
}
"""Name of the folder -> what is in it."""

DATASETS = {made.__name__: made for made in (solids, lawful_solids, known_solids, crystals, defects, couplings)}


def columns(predictions: Answer) -> dict[str, object]:
    """What is stored of predictions."""
    if isinstance(predictions, KnownLikeness):
        ranks = ("score", "percentile_known", "percentile_unlabelled", "distance", "probability", "in_domain")
        return {name: np.asarray(getattr(predictions, name)).tolist() for name in ranks}
    number = isinstance(predictions, Predictions)
    names = ("predicted", "lower", "upper", "std") if number else ("probabilities", "sets")
    return {name: getattr(predictions, name).tolist() for name in (*names, "in_domain")}


def fitted(kind: Kind, weights: str = "") -> dict[str, Model]:
    """The models of a kind, one for each target."""
    data, address = kind.dataset(), kind.address.format(weights=weights)
    with in_small():
        return {target: matscout.fit(data, target, model=address, fast=True) for target in kind.targets}


def without_place(folder: Path, place: str) -> None:
    """Take the way to a temporary folder out of saved models; their digests are stated anew."""
    for path in folder.rglob("card.md"):
        path.write_text(path.read_text(encoding="utf-8").replace(f"{place}/", ""), encoding="utf-8")
    for path in folder.rglob("spec.json"):
        before = json.loads(text := path.read_text(encoding="utf-8"))
        text = text.replace(f"{place}/", "")
        if "sha256" in before:
            text = text.replace(before["sha256"]["spec.json"], digest_of_spec(json.loads(text)))
        path.write_text(text, encoding="utf-8")


def main() -> None:
    """One folder per kind, holding its models and what they predicted when they were saved."""
    for name, kind in KINDS.items():
        folder = GOLDEN / f"artefact-{ARTEFACT_VERSION}" / name
        if folder.exists():
            continue
        with tempfile.TemporaryDirectory() as place, stand_in():
            weights = small_network(Path(place)) if "{weights}" in kind.address else ""
            models = fitted(kind, weights)
            save_models(models, folder)
            without_place(folder, place)
            told = {target: columns(model.predict(kind.dataset().materials, LEVEL)) for target, model in models.items()}
        stored = {"rows": kind.dataset.__name__, "level": LEVEL, "targets": told}
        (folder / "expected.json").write_text(json.dumps(stored) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
