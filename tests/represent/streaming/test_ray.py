"""The same parts on a Ray cluster of two nodes, one of which is killed in the middle: complete and identical."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matscout.represent.streaming.job import Finished, PartTask, work
from matscout.represent.streaming.run import write_rows
from matscout.represent.streaming.structure_parts import parts_of_structures
from matscout.represent.streaming.work import Recipe, VectorJob
from matscout.workers import in_this_process

pytestmark = pytest.mark.slow

RECIPE, ORIGIN = Recipe("density"), {"source": "somewhere"}
N = 60


def slowly(task: PartTask) -> Finished:
    """So that there is a middle."""
    time.sleep(0.5)
    return work(task)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    np.savez(
        tmp_path / "all.npz",
        lattice=np.eye(3) * (3.0 + np.arange(N)[:, None, None] / 10),
        n_sites=np.full(N, 2),
        atomic_number=np.tile([11, 17], N),
        frac_coords=np.tile([[0, 0, 0], [0.5, 0.5, 0.5]], (N, 1)),
    )
    return tmp_path / "all.npz"


@pytest.mark.filterwarnings("ignore")
def test_a_node_that_is_killed_costs_nothing(source, tmp_path, monkeypatch):
    pytest.importorskip("ray", reason="Ray is an extra: pip install 'matscout[ray]'")
    import ray
    from ray.cluster_utils import Cluster

    from matscout.ray_workers import on_cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "object_store_memory": 100_000_000})
    nodes = [cluster.add_node(num_cpus=1, object_store_memory=100_000_000) for _ in range(2)]
    cluster.wait_for_nodes()
    done: list[int] = []

    def progress(step: str, count: int, total: int) -> None:
        done.append(count)
        if len(done) == 8:
            cluster.remove_node(nodes[0], allow_graceful=False)

    try:
        runner = on_cluster(cluster.address)

        def slow_runner(function, tasks, **settings):
            return runner(slowly, tasks, **settings)

        out = tmp_path / "v.parquet"
        written = write_rows(
            parts_of_structures(source, 3), VectorJob(RECIPE), out, origin=ORIGIN, runner=slow_runner, progress=progress
        )
    finally:
        ray.shutdown()
        cluster.shutdown()
    alone = write_rows(
        parts_of_structures(source, 3), VectorJob(RECIPE), tmp_path / "w.parquet", origin=ORIGIN, runner=in_this_process
    )
    assert done[-1] == written.materials == N
    assert pl.read_parquet(written.path).equals(pl.read_parquet(alone.path))
