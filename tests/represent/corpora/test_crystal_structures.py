"""The corpus of crystals: what it takes, what it leaves out and says, what it refuses, and training on it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import polars
import pytest
from pymatgen.core import Lattice, Structure
from tests.represent.crystals_at_hand import random_structures

from matscout.data.materials import Materials
from matscout.data.structure_arrays import write_structure_arrays
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.errors import ArtefactError, InputError, UsageError
from matscout.predict.features import Features
from matscout.represent.corpora.crystal_structures import CrystalStructures
from matscout.represent.embedding import make_representation
from matscout.represent.embeddings import Embeddings
from matscout.represent.pretrained.crystal_network import CrystalNetwork
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.training import pretrain

LARGE = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.6), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]) * (2, 2, 2)
NEON = Structure.from_spacegroup("Fm-3m", Lattice.cubic(4.4), ["Ne"], [[0, 0, 0]])


def write(folder: Path, structures: list[Structure]) -> str:
    ragged = Structures.from_pymatgen(structures)
    path = folder / "crystals.npz"
    names = np.array([f"m{place}" for place in range(len(structures))], dtype=np.str_)
    write_structure_arrays(path, names, ragged)
    return str(path)


def materials(structures: list[Structure]) -> Materials:
    ragged = Structures.from_pymatgen(structures)
    names = np.arange(len(structures)).astype(np.str_)
    return Materials(names, names, compositions_of(ragged), ragged)


def test_what_is_taken_and_what_is_left_out(tmp_path: Path) -> None:
    given = random_structures(5)
    corpus = CrystalStructures(write(tmp_path, [given[0], LARGE, *given[1:], NEON]))
    assert len(corpus) == len(corpus.marks) == 5
    assert corpus.sizes.tolist() == [len(structure) for structure in given]
    assert corpus.summary[0].endswith(
        "left out, more than 50 sites: 1; left out, elements without all nine features: 1"
    )
    assert corpus.labels is None
    with pytest.raises(InputError, match="none of the 1 crystals can be used"):
        CrystalStructures(write(tmp_path, [NEON]))


def test_atoms_without_neighbours_and_sites_written_twice_are_left_out(tmp_path: Path) -> None:
    alone = Structure(Lattice.cubic(40.0), ["Li"], [[0, 0, 0]])
    twice = Structure(Lattice.cubic(4.0), ["Li", "Li", "O"], [[0, 0, 0], [0, 0, 0.02], [0.5, 0.5, 0.5]])
    corpus = CrystalStructures(write(tmp_path, [*random_structures(3), alone, twice]))
    assert len(corpus) == 3
    assert corpus.summary[0].endswith("left out, cannot be read: 1; left out, an atom without another within 32 Å: 1")


def test_labels_that_do_not_fit_are_told_or_refused(tmp_path: Path) -> None:
    path, labels = write(tmp_path, random_structures(4)), tmp_path / "labels.parquet"
    table = {"material": ["m2", "m0", "m9"], "energy (eV/atom)": [2.0, None, 7.0]}
    polars.DataFrame(table).write_parquet(labels)
    told = CrystalStructures(path, labels=str(labels)).summary[1]
    assert told == "labels by property: energy (eV/atom): 1; of materials that are not among the crystals: 1"
    polars.DataFrame({"material": ["m2", "m2"], "energy (eV/atom)": [2.0, 3.0]}).write_parquet(labels)
    with pytest.raises(InputError, match="has several rows of 'm2': keep one for each material"):
        CrystalStructures(path, labels=str(labels))
    with pytest.raises(UsageError, match=r"data\.targets chooses columns of data\.labels, but data\.labels is not set"):
        CrystalStructures(path, targets=["energy (eV/atom)"])


def test_labels_come_by_the_id_of_the_structure(tmp_path: Path) -> None:
    path = write(tmp_path, random_structures(4))
    table = {"material": ["m2", "m0", "m9"], "energy (eV/atom)": [2.0, 0.5, 7.0], "source": ["a", "b", "c"]}
    polars.DataFrame(table).write_parquet(tmp_path / "labels.parquet")
    corpus = CrystalStructures(path, labels=str(tmp_path / "labels.parquet"))
    assert corpus.label_names == ("energy (eV/atom)",)
    np.testing.assert_array_equal(corpus.labels[:, 0], np.array([0.5, np.nan, 2.0, np.nan], dtype=np.float32))
    np.testing.assert_array_equal(corpus[np.array([2, 0])].labels[:, 0], [2.0, 0.5])
    assert corpus.digest != CrystalStructures(path).digest
    with pytest.raises(UsageError, match=r"data\.targets: 'source' is not a column of numbers"):
        CrystalStructures(path, labels=str(tmp_path / "labels.parquet"), targets=["source"])


def test_formulas_are_refused(tmp_path: Path) -> None:
    (tmp_path / "formulas.csv").write_text("formula\nNaCl\nKCl\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"contains formulas only; data\.structures must name crystal structures"):
        CrystalStructures(str(tmp_path / "formulas.csv"))


def train(structures: str, run: Path) -> Path:
    overrides = [
        f"data.structures={structures}", "data.most_sites=20", "loader.batch_size=60", "loader.validation_share=0.2",
        "trainer.epochs=2", "encoders.crystal.width=16", "encoders.crystal.site_width=8", "objective.site_width=8",
    ]  # fmt: skip
    return pretrain(read_experiment("deep_infomax", overrides), run).artefact


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A short run of the experiment, and the file it learned from."""
    folder = tmp_path_factory.mktemp("run")
    path = write(folder, random_structures(30))
    return train(path, folder / "run"), Path(path)


def test_what_was_trained_represents_crystals(trained: tuple[Path, Path]) -> None:
    given = random_structures(6, seed=1)
    representation = CrystalNetwork(str(trained[0]))
    boxed = Structure(Lattice.cubic(40.0), ["Li"], [[0, 0, 0]])
    embedding = representation.represent(materials([*given[:3], LARGE, NEON, *given[3:], boxed]))
    assert embedding.vectors.shape == (6, 16)
    assert embedding.columns[0] == "crystal-network 1"
    assert [(problem.row, problem.reason) for problem in embedding.problems] == [
        (4, "its cell has 64 sites, but crystal-network was trained on at most 20"),
        (5, "the tables of crystal-network lack values of Ne"),
        (9, "its atom Li (1) has no other atom within 32 Å"),
    ]
    alone = CrystalNetwork(str(trained[0])).represent(materials([given[4]]))
    np.testing.assert_allclose(alone.vectors[0], embedding.vectors[4], atol=1e-5)
    seen = representation.seen(materials([random_structures(30)[7], given[0]]))
    assert seen[0]


def test_its_weights_are_named_like_a_part_and_known_by_their_content(trained: tuple[Path, Path]) -> None:
    given = materials(random_structures(2))
    named = make_representation(f"crystal-network={trained[0]}")
    direct = CrystalNetwork(str(trained[0])).represent(given)
    np.testing.assert_array_equal(named.represent(given).vectors, direct.vectors)
    assert len(named.version) == 64
    for address in ("crystal-network=", "composition-donor/"):
        with pytest.raises(UsageError, match=r"names no (folder|part); use"):
            make_representation(address)
    with pytest.raises(UsageError, match="magpie has no weights: use magpie"):
        make_representation(f"magpie={trained[0]}")


def test_two_networks_are_told_apart_among_features(trained: tuple[Path, Path], tmp_path: Path) -> None:
    other = Path(shutil.copytree(trained[0], tmp_path / "other"))
    given = materials(random_structures(8))
    features = Features([f"crystal-network={folder}" for folder in (trained[0], other)])
    assert len({*features.fit_transform(Embeddings(given)).columns}) == 32


def test_a_setting_that_was_left_to_its_default_is_known(trained: tuple[Path, Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(trained[0], tmp_path / "artefact"))
    spec = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
    del spec["facts"]["experiment"]["data"]["most_sites"]
    # As an artefact of then: it states no digest of its own.
    del spec["sha256"]["spec.json"]
    (folder / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    problems = CrystalNetwork(str(folder)).represent(materials([LARGE])).problems
    assert problems[0].reason.endswith("was trained on at most 50")


def test_a_run_is_the_same_again(trained: tuple[Path, Path], tmp_path: Path) -> None:
    artefact, path = trained
    again = train(str(path), tmp_path / "again")
    given = materials(random_structures(4, seed=2))
    one, two = (CrystalNetwork(str(folder)).represent(given).vectors for folder in (artefact, again))
    np.testing.assert_array_equal(one, two)


def test_without_weights_it_says_what_to_do() -> None:
    with pytest.raises(ArtefactError, match=r"needs weights of your own: crystal-network=RUN/artefact, after matscout"):
        CrystalNetwork().represent(materials(random_structures(1)))
