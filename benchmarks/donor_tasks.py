"""The tasks on which a donor is judged: those of the main job, and few labels of them, drawn again and again."""

from __future__ import annotations

from collections.abc import Sequence

from few_labels import FewLabels
from tasks import BY_PAPER, CLASSES, DIELECTRIC, EXPT_GAP, JDFT2D, RANDOM_ESTM, Benchmark, Contest

from matscout.evaluation.base import ProtocolOptions
from matscout.evaluation.evaluating import TREE_BASELINE

MODEL, WITHOUT, ALONE = "auto-strict", "auto-without-donor", "donor-alone"
CONTEST = Contest(MODEL, (WITHOUT, ALONE, TREE_BASELINE))
SIZES = (50, 100, 250)
DRAWS = 12

FULL_SIZE = (*RANDOM_ESTM, *BY_PAPER, JDFT2D, DIELECTRIC, EXPT_GAP, *CLASSES)
JUDGES = (EXPT_GAP, JDFT2D, RANDOM_ESTM[1])
"""A band gap, an energy and a thermal conductivity: what different donors are judged by."""


def few_labels(of: Benchmark, size: int, draws: int) -> Benchmark:
    """The same data with few labels."""
    protocol = FewLabels(ProtocolOptions(n_labels=(size,), repeats=draws))
    kind = "few-grouped" if of.kind == "grouped" else "few"
    return Benchmark(f"{of.name}-{size}-labels", of.file, of.load, protocol, kind, of.unit)


def has_enough(of: Benchmark, size: int) -> bool:
    """ESTM at 600 K has 188 rows: too few to draw 250."""
    return size <= 100 or "600K" not in of.name


def benchmarks(draws: int = DRAWS) -> tuple[Benchmark, ...]:
    """All tasks, the few-label ones first: they are many small fits, and the donor is for them."""
    drawn_from = (*RANDOM_ESTM, JDFT2D, *BY_PAPER, DIELECTRIC, EXPT_GAP)
    few = (few_labels(of, size, draws) for size in SIZES for of in drawn_from if has_enough(of, size))
    return (*few, *FULL_SIZE)


def judges(draws: int = DRAWS) -> tuple[Benchmark, ...]:
    """The tasks by which different donors are judged."""
    return tuple(few_labels(of, 100, draws) for of in JUDGES)


def size_of(benchmarks: Sequence[Benchmark], size: int) -> list[str]:
    """Names of the tasks with so many labels."""
    return [one.name for one in benchmarks if one.kind.startswith("few") and one.protocol.options.n_labels == (size,)]
