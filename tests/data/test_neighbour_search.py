"""vesin is imported without torch, and torch is there afterwards as before."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from matscout.data.neighbour_search import load_neighbour_search

CODE = """
import sys
from matscout.data.neighbour_search import load_neighbour_search
load_neighbour_search()
print("torch" in sys.modules)
import torch
print(torch.ones(1).item())
"""


def test_torch_is_not_imported_and_can_be_afterwards() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "1.0"]


def test_it_finds_neighbours() -> None:
    search = load_neighbour_search().NeighborList(cutoff=1.1, full_list=True)
    (distances,) = search.compute(points=np.zeros((1, 3)), box=np.eye(3), periodic=True, quantities="d")
    np.testing.assert_allclose(distances, np.ones(6))
