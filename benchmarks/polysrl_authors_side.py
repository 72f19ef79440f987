"""One measurement of the authors' code of PolySRL; ``polysrl_authors.py`` runs it with their Python.

``python polysrl_authors_side.py CHECKOUT CRYSTALS.npz {graphs,train,formulas} N``: N crystals of CRYSTALS in order,
their graphs, a pass of training, or vectors of their formulas. Functions and networks are theirs, with their settings;
what is ours is the loop around them, since their own needs a GPU, and a container of graphs that the installed
torch_geometric accepts. Writes how many crystals, the CPU seconds and the largest memory (GiB) as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import time
import types
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import torch
import torch_geometric.nn
from pymatgen.core import Structure
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader

WIDTH, BATCH, LAYERS, SAMPLES, LEARNING_RATE, LARGEST_GRADIENT = 200, 256, 3, 8, 5e-5, 2.0
LOSS = {"shift": 20.0, "negative_scale": 20.0, "uniform": 0.0, "vib": 1e-8}
SLICE = 250
"""Crystals of one pass of building graphs, whose edges are large."""


ELEMENTS = "res/matscholar-embedding.json"


class Graph(Data):
    """As theirs, with a constructor for the installed torch_geometric."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        if "sto_x" in fields:
            self.unique_elems = len(fields["sto_x"])

    def __inc__(self, key: str, value: Any, *args: Any, **kwargs: Any) -> Any:
        if key == "sto_batch":
            return 1
        return self.unique_elems if key == "sto_edge_index" else super().__inc__(key, value, *args, **kwargs)


class Set2Set(torch_geometric.nn.Set2Set):
    """With the arguments that it took when their code was written."""

    def __init__(self, width: int, steps: int, layers: int) -> None:
        super().__init__(width, steps, num_layers=layers)


def enter(checkout: str) -> None:
    """Make their modules and files available; a table of elements that they download is not needed here."""
    sys.path.insert(0, checkout)
    os.chdir(checkout)
    vars(torch_geometric.nn)["Set2Set"] = Set2Set
    for name, facts in {
        "data": {"Custom_Data": Graph, "Custom_Test_Data": Graph},
        "mendeleev": {"element": None},
        "mendeleev.fetch": {"fetch_table": None},
    }.items():
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(facts)


def structures(path: Path, n: int) -> list[Structure]:
    """The first crystals as pymatgen holds them."""
    with np.load(path) as arrays:
        ends = np.cumsum(arrays["n_sites"])[: n - 1]
        numbers, places = np.split(arrays["atomic_number"], ends), np.split(arrays["frac_coords"], ends)
        last = arrays["n_sites"][n - 1]
        numbers[-1], places[-1] = numbers[-1][:last], places[-1][:last]
        return [Structure(*parts) for parts in zip(arrays["lattice"][:n], numbers, places, strict=True)]


def formulas_of(crystals: list[Structure]) -> list[str]:
    """As their code reads them."""
    return [crystal.composition.formula.replace(" ", "") for crystal in crystals]


def graphs_of(crystals: list[Structure]) -> list[Graph]:
    """Their graphs; reading of CIF text is left out, so that only the graph is measured."""
    code = import_module("build_train_data")
    features = code.load_elem_feats(ELEMENTS)
    found = []
    for crystal, formula in zip(crystals, formulas_of(crystals), strict=True):
        vars(code)["Structure"] = types.SimpleNamespace(from_str=lambda text, fmt, crystal=crystal: crystal)
        graph = code.get_crystal_graph(formula, features, "", max_num_nbr=12, radius=8)
        graph.formula = formula
        found.append(graph)
    return found


def build(crystals: list[Structure]) -> float:
    """Graphs in slices that fit into memory."""
    graphs_of(crystals[:5])
    start = time.process_time()
    for first in range(0, len(crystals), SLICE):
        graphs_of(crystals[first : first + SLICE])
    return time.process_time() - start


def train(crystals: list[Structure]) -> float:
    """Steps as in their ``PolySRL_Trainer.train``, making of batches included, after one step to warm up."""
    graphs, models = graphs_of(crystals), import_module("models.PolySRL")
    composition = models.Sto_Enc("GCN", LAYERS, WIDTH, WIDTH, "set2set", SAMPLES, 1.0)
    structure = models.Structure(LAYERS, WIDTH, graphs[0].edge_attr.shape[1], WIDTH, "set2set", True, "cpu")
    criterion = import_module("layers").MCSoftContrastiveLoss(types.SimpleNamespace(**LOSS))
    parameters = [*structure.parameters(), *criterion.parameters(), *composition.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=LEARNING_RATE)
    elements = import_module("util.chem").load_elem_attrs(ELEMENTS)
    start = 0.0
    for step, batch in enumerate(DataLoader(graphs, batch_size=BATCH)):
        if step == 1:
            start = time.process_time()
        optimiser.zero_grad()
        samples, spread = composition(batch, elements)
        loss = criterion(samples, structure(batch), spread, batch.formula)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, LARGEST_GRADIENT)
        optimiser.step()
    return time.process_time() - start


def embed(crystals: list[Structure]) -> float:
    """From texts of formulas to vectors."""
    elements = import_module("util.chem").load_elem_attrs(ELEMENTS)
    model = import_module("models.PolySRL").Sto_Enc("GCN", LAYERS, WIDTH, WIDTH, "set2set", SAMPLES, 1.0).eval()
    code, formulas = import_module("build_test_data"), formulas_of(crystals)
    start = time.process_time()
    table = pandas.DataFrame({"formula": formulas, "target": 1.0})
    with torch.inference_mode():
        for batch in DataLoader(code.load_matbench_dataset(table), batch_size=BATCH):
            model(batch, elements, test=True)
    return time.process_time() - start


def main() -> None:
    torch.set_num_threads(1)
    checkout, path, what, count = sys.argv[1:]
    crystals = structures(Path(path), int(count))
    with contextlib.redirect_stdout(sys.stderr):
        enter(checkout)
        seconds = {"graphs": build, "train": train, "formulas": embed}[what](crystals)
    timed = len(crystals) - (BATCH if what == "train" else 0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"crystals": timed, "seconds": seconds, "peak_gib": peak}))


if __name__ == "__main__":
    main()
