"""Compositions per second: matscout beside matminer, in one process and one thread.

Run: ``.venv/bin/python benchmarks/composition_speed.py``. It prints a table and writes it to
``benchmarks/results/composition_speed.md``. Formulas are the distinct ones of ``matbench/mp_e_form`` in
``MATSCOUT_DATA``. Speeds are compositions per CPU second, the median of three rounds; matminer sees the first 2,000
formulas only.
"""

from __future__ import annotations

import datetime
import gzip
import hashlib
import platform
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

import numpy as np
from data_folder import data_folder
from threadpoolctl import threadpool_limits

from matscout.data.compositions import Compositions
from matscout.data.files import write_text_whole
from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.represent.embedding import make_representation

RESULT = Path(__file__).parent / "results" / "composition_speed.md"
N_PEER = 2_000
ROUNDS = 3
PACKAGES = ("matscout", "matminer", "numpy", "pymatgen", "ElementEmbeddings")
OTHERS = ("element-fraction", "valence", "ionic", "elements=oliynyk", "elements=mat2vec", "skipspecies")


@dataclass(frozen=True)
class Speed:
    """What was measured: ``per_second`` compositions per CPU second over ``n`` of them."""

    what: str
    n: int
    per_second: float


def measure(what: str, n: int, work: Callable[[], object]) -> Speed:
    """The median of three rounds, in CPU seconds of this process."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return Speed(what, n, n / median(seconds))


def distinct_formulas(path: Path) -> list[str]:
    """The formulas of a benchmark file, each once, in order of appearance."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        next(file)
        return list(dict.fromkeys(line.split(",", 1)[0] for line in file))


def as_materials(compositions: Compositions, formulas: Sequence[str]) -> Materials:
    ids = np.arange(len(compositions)).astype(np.str_)
    return Materials(ids, np.array(formulas, dtype=np.str_), compositions)


def measure_matscout(formulas: list[str]) -> tuple[list[Speed], np.ndarray]:
    """Speeds of matscout, and its Magpie vectors of all formulas."""
    magpie = make_representation("magpie")

    def from_strings() -> np.ndarray:
        return np.asarray(magpie.represent(as_materials(parse_formulas(formulas).compositions, formulas)).vectors)

    vectors = from_strings()
    n, materials = len(formulas), as_materials(parse_formulas(formulas).compositions, formulas)
    speeds = [
        measure("matscout, parsing alone", n, lambda: parse_formulas(formulas)),
        measure("matscout, Magpie-132 from parsed input", n, lambda: magpie.represent(materials)),
        measure("matscout, Magpie-132 from strings", n, from_strings),
    ]
    for name in OTHERS:
        maker = make_representation(name)
        maker.represent(materials[:10])
        speeds.append(measure(f"matscout, {name} from parsed input", n, lambda maker=maker: maker.represent(materials)))
    return speeds, vectors


def measure_matminer(formulas: list[str]) -> tuple[list[Speed], np.ndarray]:
    """Speeds of matminer, and its Magpie vectors."""
    warnings.simplefilter("ignore")
    from matminer.featurizers.composition import ElementProperty  # noqa: PLC0415
    from pymatgen.core import Composition  # noqa: PLC0415

    featurizer = ElementProperty.from_preset("magpie", impute_nan=False)
    parsed = [Composition(formula) for formula in formulas]
    speeds = [
        measure(
            "matminer, Magpie-132 from parsed input",
            len(formulas),
            lambda: [featurizer.featurize(composition) for composition in parsed],
        ),
        measure(
            "matminer, Magpie-132 from strings",
            len(formulas),
            lambda: [featurizer.featurize(Composition(formula)) for formula in formulas],
        ),
    ]
    return speeds, np.array([featurizer.featurize(composition) for composition in parsed], dtype=np.float64)


def page(speeds: Sequence[Speed], difference: float, path: Path) -> str:
    """The result as Markdown."""
    peer = {speed.what.rsplit(" from ")[-1]: speed.per_second for speed in speeds if speed.what.startswith("matminer")}
    lines = [
        "# Compositions per second",
        "",
        f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}, "
        "one thread, CPU seconds, median of three rounds. "
        + ", ".join(f"{name} {version(name)}" for name in PACKAGES)
        + ".",
        f"Formulas: the distinct ones of `{path.name}`, SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}.",
        f"Largest difference to matminer over {N_PEER:,} formulas, relative to max(1, |x|): {difference:.1e}; "
        "the missing values are the same.",
        "Command: `.venv/bin/python benchmarks/composition_speed.py`.",
        "",
        "| what | formulas | per second | ratio to matminer |",
        "|---|--:|--:|--:|",
    ]
    for speed in speeds:
        of_peer = peer[speed.what.rsplit(" from ")[-1]] if "Magpie" in speed.what else None
        ratio = f"{speed.per_second / of_peer:.0f}" if of_peer else ""
        lines.append(f"| {speed.what} | {speed.n:,} | {speed.per_second:,.0f} | {ratio} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    path = data_folder() / "matbench" / "mp_e_form.csv.gz"
    formulas = distinct_formulas(path)
    with threadpool_limits(1):
        ours, vectors = measure_matscout(formulas)
        theirs, truth = measure_matminer(formulas[:N_PEER])
    if not np.array_equal(np.isnan(truth), np.isnan(vectors[:N_PEER])):
        raise SystemExit("the missing values differ from matminer's")
    difference = float(np.nanmax(np.abs(vectors[:N_PEER] - truth) / np.maximum(1.0, np.abs(truth))))
    text = page([*ours, *theirs], difference, path)
    print(text)
    print(f"wrote {write_text_whole(RESULT, text)}")


if __name__ == "__main__":
    main()
