"""Arrangements beside enumeration, dimod and dwave-samplers: ``python benchmarks/arrangements.py --peers PYTHON``.

A triangular lattice with J = 0.6 exp(-d/4) cos(2 pi d/5) eV and h from N(0, 0.05) eV; so many sites are replaced.
TTS99 is the CPU time until the best arrangement is found with a chance of 99 %. PYTHON is that of an environment with
dimod and dwave-samplers (Apache-2.0); without it their columns are blank. Cells are kept in
``benchmarks/results/arrangements.jsonl``, and a killed run goes on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from matscout.generate.arrangements.arrangement_energy import ArrangementEnergy, SiteProblem
from matscout.generate.arrangements.exhaustive import best_of_all, number_of_arrangements
from matscout.generate.arrangements.swapping import LOWEST, anneal, tabu

RESULTS = Path(__file__).parent / "results"
CELLS, PAGE = RESULTS / "arrangements.jsonl", RESULTS / "arrangements.md"
SIZES = ((4, 4), (5, 6), (6, 6), (8, 8), (8, 16), (10, 20))
SEEDS = (0, 1, 2)
RESTARTS = 200
FEW = 3_000_000
NEAR = 1e-9
PENALTIES = (0.5, 2.0, 8.0)
"""eV; the one with the most hits counts."""
METHODS = ("tabu", "annealing by exchanges", "dwave annealing, penalty", "dwave tabu, penalty")

PEER = """
import json, sys, time
import numpy as np, dimod
from dwave.samplers import SimulatedAnnealingSampler, TabuSampler
held = np.load(sys.argv[1]); h, J, k, reads = held["h"], held["J"], int(held["k"]), int(held["reads"])
n, lam = len(h), float(held["penalty"])
linear = {i: h[i] + lam * (1 - 2 * k) for i in range(n)}
quadratic = {(i, j): J[i, j] + 2 * lam for i in range(n) for j in range(i)}
model = dimod.BinaryQuadraticModel(linear, quadratic, lam * k * k, "BINARY")
out = {}
for name, sampler, more in (
    ("dwave annealing, penalty", SimulatedAnnealingSampler(), {"num_sweeps": 200, "seed": 1}),
    ("dwave tabu, penalty", TabuSampler(), {"timeout": 100, "seed": 1}),
):
    number = reads if "annealing" in name else 20
    began = time.process_time(); found = sampler.sample(model, num_reads=number, **more)
    seconds = time.process_time() - began
    states = np.array([[row[i] for i in range(n)] for row in found.samples(sorted_by=None)])
    out[name] = {"states": states.tolist(), "seconds": seconds / number}
json.dump(out, open(sys.argv[2], "w"))
"""


def triangular(length: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """h [n] and J [n, n] of a periodic triangular lattice, eV."""
    places = np.array([(i, j) for i in range(length) for j in range(length)])
    images = length * np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)])
    steps = (places[:, None] - places)[:, :, None] + images
    lengths = np.linalg.norm(steps @ np.array([[1, 0], [0.5, np.sqrt(0.75)]]), axis=-1).min(axis=2)
    couplings = 0.6 * np.exp(-lengths / 4) * np.cos(2 * np.pi * lengths / 5)
    np.fill_diagonal(couplings, 0)
    return np.random.default_rng(seed).normal(0, 0.05, length**2), couplings


def cell(length: int, replaced: int, seed: int, peers: str | None, scratch: Path) -> dict[str, object]:
    """All methods on one lattice."""
    h, couplings = triangular(length, seed)
    energy = ArrangementEnergy.of_ising(h, couplings)
    start = np.repeat([0, 1], [length**2 - replaced, replaced])
    problem = SiteProblem(energy.fields, energy.couplings, start, np.zeros(length**2, dtype=np.int64), LOWEST)
    spread = float(np.std(energy.of(np.array([np.random.default_rng(s).permutation(start) for s in range(200)]))))
    betas = np.geomspace(1 / spread, 50 / spread, 200)
    runs: dict[str, list[tuple[np.ndarray, float]]] = {}
    for name, search in (
        ("tabu", lambda number, rng: tabu(problem, 500, number, rng)),
        ("annealing by exchanges", lambda number, rng: anneal(problem, betas, number, rng)),
    ):
        search(1, np.random.default_rng(9))
        began = time.process_time()
        states = search(RESTARTS, np.random.default_rng(seed))
        runs[name] = [(states, (time.process_time() - began) / RESTARTS)]
    runs |= of_peers(h, couplings, replaced, peers, scratch)
    n_all = number_of_arrangements(start, problem.sublattices)
    exact, seconds = None, None
    if n_all <= FEW:
        began = time.process_time()
        exact = float(best_of_all(problem, 1)[1][0])
        seconds = time.process_time() - began
    met = {name: [met_energies(energy, states, replaced) for states, _ in ones] for name, ones in runs.items()}
    best = min(one.min() for ones in met.values() for one in ones) if exact is None else exact
    return {
        "sites": length**2,
        "replaced": replaced,
        "seed": seed,
        "arrangements": n_all,
        "enumeration_seconds": seconds,
        "best": best,
        "runs": {
            name: max(
                (
                    {"seconds": each, "hits": int((values < best + NEAR).sum()), "n": len(values)}
                    for (_, each), values in zip(ones, met[name], strict=True)
                ),
                key=lambda run: run["hits"],
            )
            for name, ones in runs.items()
        },
    }


def met_energies(energy: ArrangementEnergy, states: np.ndarray, replaced: int) -> np.ndarray:
    """Energies, infinite where the number of replaced sites is wrong."""
    return np.where(states.sum(axis=1) == replaced, energy.of(states), np.inf)


def of_peers(
    h: np.ndarray, couplings: np.ndarray, replaced: int, peers: str | None, scratch: Path
) -> dict[str, list[tuple[np.ndarray, float]]]:
    """What dwave-samplers find on the quadratic form with each penalty on the number."""
    runs: dict[str, list[tuple[np.ndarray, float]]] = {}
    for penalty in PENALTIES if peers else ():
        given, made = scratch / "ising.npz", scratch / "ising.json"
        np.savez(given, h=h, J=couplings, k=replaced, reads=RESTARTS, penalty=penalty)
        subprocess.run([peers or "", "-c", PEER, str(given), str(made)], check=True)
        for name, one in json.loads(made.read_text()).items():
            runs.setdefault(name, []).append((np.array(one["states"], dtype=np.int64), float(one["seconds"])))
    return runs


def until_sure(runs: list[dict[str, float]]) -> float:
    """TTS99 in milliseconds, of the pooled chance."""
    hits, number = sum(run["hits"] for run in runs), sum(run["n"] for run in runs)
    each = 1e3 * float(np.mean([run["seconds"] for run in runs]))
    if hits == 0:
        return float("inf")
    return each * max(1.0, np.log(0.01) / np.log1p(-min(hits / number, 0.999999)))


def page(cells: list[dict[str, object]]) -> str:
    """The table."""
    lines = [
        "# Arrangements, measured",
        "",
        f"Made by `python benchmarks/arrangements.py` on {datetime.now(UTC):%Y-%m-%d}.",
        (__doc__ or "").split("``.", 1)[1].strip().replace("``", "`"),
        "",
        f"Means over {len(SEEDS)} draws of h. Ours: {RESTARTS} restarts, 500 exchanges each (tabu) or 200 sweeps from",
        "the spread of the energies to a fiftieth of it; dwave: 200 reads of 200 sweeps, 20 reads of 100 ms, on the",
        f"quadratic form with a penalty x (n - k)^2 eV, the best x of {PENALTIES}. Where there is no enumeration, the",
        "best is the best of all methods.",
        "",
        "| sites, replaced | arrangements | all of them, s | "
        + " | ".join(f"{name}: p, TTS99 ms" for name in METHODS)
        + " |",
        "|---|--:|--:|" + "--:|" * len(METHODS),
    ]
    for length, replaced in SIZES:
        own = [one for one in cells if (one["sites"], one["replaced"]) == (length**2, replaced)]
        if not own:
            continue
        seconds = [one["enumeration_seconds"] for one in own if one["enumeration_seconds"] is not None]
        columns = []
        for name in METHODS:
            runs = [one["runs"][name] for one in own if name in one["runs"]]
            if not runs:
                columns.append("")
                continue
            chance = sum(run["hits"] for run in runs) / sum(run["n"] for run in runs)
            columns.append(f"{chance:.2f}, {until_sure(runs):.3g}")
        every = f"{np.mean(seconds):.2g}" if seconds else "-"
        lines.append(f"| {length**2}, {replaced} | {own[0]['arrangements']:.1e} | {every} | {' | '.join(columns)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Make the missing cells, then the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", metavar="PYTHON", help="Python of an environment with dimod and dwave-samplers")
    parser.add_argument("--scratch", type=Path, default=Path("/tmp"))
    options = parser.parse_args()
    cells = [json.loads(line) for line in CELLS.read_text().splitlines()] if CELLS.exists() else []
    done = {(one["sites"], one["replaced"], one["seed"]) for one in cells}
    for length, replaced in SIZES:
        for seed in SEEDS:
            if (length**2, replaced, seed) not in done:
                cells.append(cell(length, replaced, seed, options.peers, options.scratch))
                with CELLS.open("a") as file:
                    file.write(json.dumps(cells[-1]) + "\n")
                print(cells[-1]["sites"], replaced, seed, flush=True)
    PAGE.write_text(page(cells), encoding="utf-8")


if __name__ == "__main__":
    main()
