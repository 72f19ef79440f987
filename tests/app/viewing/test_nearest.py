"""The nearest labelled materials, against distances worked out here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.app.viewing.nearest import nearest_labelled
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.errors import InputError
from matscout.predict.domain import Domain
from matscout.represent.embedding import embed

PAIRS = [(a, b) for a in ("Li", "Na", "K", "Rb", "Mg", "Ca") for b in ("F", "Cl", "Br", "O", "S")]


def materials() -> Materials:
    cations = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    crystals = [
        Structure(Lattice.cubic(4.2 + row / 20), [a] * 4 + [b] * 4, np.concatenate([cations, cations + 0.5]))
        for row, (a, b) in enumerate(PAIRS)
    ]
    structures = Structures.from_pymatgen(crystals)
    names = np.array(["".join(pair) for pair in PAIRS])
    return Materials(np.char.add("id ", names), names, compositions_of(structures), structures)


def labels(known: Materials) -> Dataset:
    """Gaps, the first unknown; and a class."""
    n = len(known)
    gaps = np.concatenate([[np.nan], np.arange(1, n) / 4])
    metals = np.where(np.arange(n) % 3 == 0, np.nan, np.arange(n) % 2)
    censored = np.where(np.arange(n) == 1, 1, 0).astype(np.int8)
    targets = {
        "gap": Target("gap", gaps, "eV", censored=censored),
        "metal": Target("metal", metals, None, "classification", ("no", "yes")),
    }
    return Dataset(known, targets)


def test_structures_are_compared_by_the_standardised_descriptor() -> None:
    all_of_them = materials()
    asked, known = all_of_them[[17]], all_of_them[np.delete(np.arange(len(PAIRS)), 17)]
    found = nearest_labelled(asked, labels(known), 5)
    # The first has neither a gap nor a class and so is no label.
    vectors = embed(known[1:], "structure-basic").vectors
    varied = vectors.std(axis=0) > 0
    mean, std = vectors[:, varied].mean(axis=0), vectors[:, varied].std(axis=0)
    own = (embed(asked, "structure-basic").vectors[:, varied] - mean) / std
    distances = np.sqrt((((vectors[:, varied] - mean) / std - own) ** 2).mean(axis=1))
    order = np.argsort(distances)[:5]
    assert [row.id for row in found.rows] == known.ids[1:][order].tolist()
    assert [row.nearness for row in found.rows] == [f"{distance:.2f}" for distance in distances[order]]
    assert found.measure == "distance"
    assert "structure-basic" in found.how


def test_measured_values_have_units_bounds_and_classes() -> None:
    known = materials()
    found = nearest_labelled(known[[4]], labels(known), len(PAIRS))
    own = {row.id: row.measured for row in found.rows}
    assert found.targets == ("gap", "metal")
    assert found.rows[0].nearness == "0.00"
    assert own["id LiCl"] == ("≥ 0.25\N{NO-BREAK SPACE}eV", "yes")
    assert own["id NaF"] == ("1.25\N{NO-BREAK SPACE}eV", "yes")
    assert own["id LiO"] == ("0.75\N{NO-BREAK SPACE}eV", "")
    assert "id LiF" not in own


def test_formulas_are_compared_by_composition_and_it_is_said() -> None:
    known = materials()
    asked = known[[7]]
    found = nearest_labelled(asked, labels(replace(known, structures=None)), 4)
    expected = Domain(known[1:].compositions, 0.0, {}).nearest(asked, 4)
    assert [row.id for row in found.rows] == known.ids[1:][expected.rows[0]].tolist()
    assert (found.measure, found.rows[0].nearness) == ("similarity", "1.00")
    assert "the labels have no structures" in found.how


def test_labels_without_a_value_are_refused() -> None:
    known = materials()
    nothing = Dataset(known, {"gap": Target("gap", np.full(len(known), np.nan), "eV")})
    with pytest.raises(InputError, match="has a value"):
        nearest_labelled(known[[0]], nothing, 3)
