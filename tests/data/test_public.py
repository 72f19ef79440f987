"""Public sets: from a folder, and downloaded from a server of our own; nothing here leaves the machine."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import json
import threading
from dataclasses import replace

import numpy as np
import pytest

from matscout.data import public
from matscout.data.public import list_datasets, load_dataset
from matscout.errors import InputError, MissingExtraError, UsageError

GAPS = {"index": [0, 1, 2], "columns": ["composition", "gap expt"], "data": [["Si", 1.1], ["NaN", 0.0], ["Ge", 0.7]]}


class Quiet(http.server.SimpleHTTPRequestHandler):
    requests: list[str] = []  # noqa: RUF012 - read by the tests

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.requests.append(self.path)
        super().do_GET()


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.delenv("MATSCOUT_DATA", raising=False)
    folder = tmp_path / "server"
    folder.mkdir()
    Quiet.requests.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


def publish(folder, monkeypatch, content, name="matbench_expt_gap"):
    """Put the set on the server and its checksum into the catalogue."""
    (folder / f"{name}.json.gz").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    changed = [replace(entry, sha256=digest) if entry.name == name else entry for entry in list_datasets()]
    monkeypatch.setattr(public, "list_datasets", lambda: tuple(changed))


def test_a_set_is_downloaded_once_and_checked(server, tmp_path, monkeypatch):
    folder, url = server
    publish(folder, monkeypatch, gzip.compress(json.dumps(GAPS).encode()))
    told = []
    for _ in range(2):
        dataset = load_dataset(
            "matbench_expt_gap", base_url=url, cache=tmp_path / "cache", progress=lambda *step: told.append(step)
        )
    np.testing.assert_array_equal(dataset.target("gap expt").values, [1.1, 0.0, 0.7])
    assert list(dataset.materials.formulas) == ["Si", "NaN", "Ge"]
    assert dataset.target().unit == "eV"
    assert dataset.provenance.licence.startswith("MIT")
    assert "10.1038" in dataset.provenance.citation
    assert Quiet.requests == ["/matbench_expt_gap.json.gz"]
    assert told[-1][1] == told[-1][2] > 0


def test_a_damaged_cache_is_loaded_anew(server, tmp_path, monkeypatch):
    folder, url = server
    publish(folder, monkeypatch, gzip.compress(json.dumps(GAPS).encode()))
    load_dataset("matbench_expt_gap", base_url=url, cache=tmp_path / "cache")
    (tmp_path / "cache" / "matbench_expt_gap.json.gz").write_bytes(b"half")
    assert len(load_dataset("matbench_expt_gap", base_url=url, cache=tmp_path / "cache")) == 3
    assert len(Quiet.requests) == 2


def test_a_wrong_checksum_is_refused_and_nothing_kept(server, tmp_path):
    folder, url = server
    (folder / "matbench_expt_gap.json.gz").write_bytes(b"something else")
    with pytest.raises(InputError, match="SHA-256 differs"):
        load_dataset("matbench_expt_gap", base_url=url, cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_no_server_is_said_with_what_to_do(server, tmp_path):
    _, url = server
    with pytest.raises(
        InputError, match=r"cannot be downloaded from .*404.*matbench.expt_gap.csv.gz in the folder MATSCOUT_DATA"
    ):
        load_dataset("matbench_expt_gap", base_url=url, cache=tmp_path / "cache")
    with pytest.raises(InputError, match="cannot be downloaded"):
        load_dataset("matbench_expt_gap", base_url="http://127.0.0.1:9", cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_unknown_names_are_answered():
    with pytest.raises(UsageError, match="did you mean matbench_expt_gap"):
        load_dataset("matbench_exptgap")


def test_the_catalogue_is_that_of_matminer(monkeypatch):
    from matminer.datasets.utils import _load_dataset_dict

    theirs = _load_dataset_dict()
    mine = {entry.name: entry for entry in list_datasets()}
    assert set(theirs) <= set(mine)
    for name, record in theirs.items():
        assert (mine[name].address, mine[name].sha256) == (record["url"], record["hash"])
        assert mine[name].n_rows == record["num_entries"]
        assert not mine[name].target or mine[name].target in record["columns"]


def test_without_matminer_its_sets_ask_for_the_extra(tmp_path, monkeypatch):
    monkeypatch.delenv("MATSCOUT_DATA", raising=False)
    monkeypatch.setattr(public, "find_spec", lambda name: None)
    assert {"estm", "supercon", "matbench_expt_gap"} <= {entry.name for entry in list_datasets()}
    with pytest.raises(MissingExtraError, match=r"matscout\[datasets\]"):
        load_dataset("matbench_expt_gap", cache=tmp_path)


@pytest.mark.parametrize(
    ("name", "label", "n_rows"),
    [
        ("estm", "ZT", 5205),
        ("supercon", "Tc (K)", 16414),
        ("matbench_expt_gap", "gap expt (eV)", 4604),
        ("matbench_glass", "gfa", 5680),
    ],
)
def test_local_copies(data_dir, monkeypatch, name, label, n_rows):
    monkeypatch.setenv("MATSCOUT_DATA", str(data_dir))
    dataset = load_dataset(name, base_url="http://127.0.0.1:9")
    assert dataset.target().label == label
    assert dataset.provenance.n_rows == n_rows
    assert dataset.provenance.source == name
    assert (dataset.groups is not None) == (name == "estm")
    assert len(load_dataset(name, data_dir)) == len(dataset)


def test_other_targets_of_a_set(data_dir):
    dataset = load_dataset("estm", data_dir, target=["seebeck", "ZT"])
    assert list(dataset.targets) == ["seebeck", "ZT"]
    assert list(dataset.materials.context) == ["temperature"]


def test_a_set_without_a_usual_target(server, tmp_path, monkeypatch):
    folder, url = server
    table = {"columns": ["formula", "K_VRH", "G_VRH"], "index": [0, 1], "data": [["Si", 98, 66], ["Ge", 75, 55]]}
    publish(folder, monkeypatch, gzip.compress(json.dumps(table).encode()), "elastic_tensor_2015")
    dataset = load_dataset("elastic_tensor_2015", base_url=url, cache=tmp_path / "cache")
    assert not dataset.targets
    assert dataset.table.columns == ["formula", "K_VRH", "G_VRH"]
    dataset = load_dataset("elastic_tensor_2015", target="G_VRH", base_url=url, cache=tmp_path / "cache")
    np.testing.assert_array_equal(dataset.target().values, [66, 55])


def test_structures_of_a_set_are_read(server, tmp_path, monkeypatch):
    from pymatgen.core import Lattice, Structure

    folder, url = server
    silicon = Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.43), ["Si"], [[0, 0, 0]]).as_dict()
    salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]).as_dict()
    table = {"columns": ["structure", "n"], "index": [0, 1], "data": [[silicon, 3.5], [salt, 1.5]]}
    publish(folder, monkeypatch, gzip.compress(json.dumps(table).encode()), "matbench_dielectric")
    dataset = load_dataset("matbench_dielectric", base_url=url, cache=tmp_path / "cache")
    assert list(dataset.materials.formulas) == ["Si", "NaCl"]
    assert dataset.materials.structures is not None
    np.testing.assert_array_equal(dataset.target("n").values, [3.5, 1.5])
