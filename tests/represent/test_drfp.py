"""DRFP: the bits that the package drfp sets."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from matscout.data.reading import read_materials
from matscout.represent.embedding import embed

VALUES = json.loads((Path(__file__).parent / "drfp_values.json").read_text(encoding="utf-8"))["reactions"]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value["reaction"])
def test_it_sets_the_bits_of_the_package(value):
    vector = embed(read_materials([value["reaction"]]).materials, "drfp").vectors[0]
    assert np.flatnonzero(vector).tolist() == value["bits"]


def test_agents_count_among_what_goes_in():
    said = embed(read_materials(["CCO.CC(=O)O>[Pd]>CC(=O)OCC", "CCO.CC(=O)O.[Pd]>>CC(=O)OCC"]).materials, "drfp")
    np.testing.assert_array_equal(said.vectors[0], said.vectors[1])
