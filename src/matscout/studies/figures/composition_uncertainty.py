"""Uncertainty of a network about compositions, by known structures, doping and errors (PolySRL, figures 3, 4 and 9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
import polars
from annotated_types import Ge, MinLen
from numpy.typing import NDArray

from matscout.data.formulas import format_formula
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.progress import Progress, silent
from matscout.represent.label_tables import LabelTable
from matscout.represent.pretrained.composition_network import CompositionNetwork
from matscout.studies.ambiguity_panels import PANELS
from matscout.studies.ambiguity_statements import CRYSTALS, STATEMENTS
from matscout.studies.ambiguity_tables import conformal_widths, errors_by_uncertainty
from matscout.studies.base import CheckedStatement, Study, StudyData
from matscout.studies.composition_networks import network_called
from matscout.studies.composition_tasks import CompositionTask, CompositionTasks
from matscout.studies.crystals import MATERIAL
from matscout.studies.parts import runs_of
from matscout.studies.probing import RANDOM, ProbedTask, fill, probe_on, shared_parts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

COLUMNS = (
    "network",
    "source",
    "formula",
    "elements",
    "structures",
    "seen",
    "doped",
    "variance",
    "relative",
    "spread",
    "error",
)

NAMED = ("AlP", "CaS", "HgCl", "NaI", "ScN", "ZrC")
"""Examples of the paper for compositions that are certain although several structures are known, or uncertain."""


class CompositionUncertainty(Study):
    """Variances of finished networks, of all formulas of crystals and tasks.

    A formula is doped if an amount in it is no whole number. Variances are told relative to the median over the
    formulas of the crystals.

    Parameters
    ----------
    data
        Tasks, and the crystals that are known.
    folder
        Finished probes are kept beside it.
    weights
        Networks of compositions, by name or folder.
    energy
        Column of ``data.labels``, of which the spread over the structures of a formula is compared; "" for none.
    panels
        What is drawn, out of :data:`~matscout.studies.ambiguity_panels.PANELS`.
    seeds, epochs
        Of the probe whose errors are compared, five folds each; 0 seeds for no errors.
    """

    reads: ClassVar[Callable[..., StudyData]] = CompositionTasks.read
    statistics: ClassVar[str] = "p is that of the test named beside it; formulas count once."

    def __init__(
        self,
        data: CompositionTasks,
        folder: Path,
        *,
        weights: Annotated[Sequence[str], MinLen(1)],
        energy: str,
        panels: Sequence[str],
        seeds: Annotated[int, Ge(0)],
        epochs: Annotated[int, Ge(1)],
    ) -> None:
        unknown = [name for name in panels if name not in PANELS]
        if unknown or not panels:
            raise UsageError(f"panels are some of {', '.join(PANELS)}; got {list(panels)}")
        if data.structures is None or (energy and data.labels is None):
            raise UsageError(
                "data.structures are the crystals that are known, and data.labels their energies: give both"
            )
        self.data, self._energy, self._panels, self._parts = data, energy, tuple(panels), shared_parts(folder)
        self._networks = {label: network_called(name) for label, name in labelled(weights).items()}
        for network in self._networks.values():
            # Refused before anything is probed, if it tells no variances.
            network.uncertainty(Materials.from_formulas(["NaCl"]))
        self._seeds, self._epochs = seeds, epochs

    def run(self, progress: Progress = silent) -> polars.DataFrame:
        """A row for each network and formula."""
        known, errors = self._known(), self._errors(progress)
        counts = dict(zip(known.materials.compositions.keys().tolist(), known.structures.tolist(), strict=True))
        tables = []
        for name, network in self._networks.items():
            crystals = _variances(network, known.materials, name, CRYSTALS)
            own = {"structures": polars.Series(known.structures), "spread": polars.Series(known.spread).fill_nan(None)}
            parts = [crystals.with_columns(**own)]
            for task in self.data.tasks:
                parts.append(_of_task(network, task, name, counts, errors[name, task.name]))
            table = polars.concat(parts, how="diagonal").drop_nulls("variance")
            usual = table.filter(source=CRYSTALS)["variance"].median()
            tables.append(table.with_columns(relative=polars.col("variance") / usual))
        return polars.concat(tables).select(COLUMNS)

    def _known(self) -> _Known:
        """The formulas of the crystals."""
        crystals = self.data.crystals
        assert crystals is not None
        _, first, owner, counts = np.unique(
            crystals.compositions.keys(), return_index=True, return_inverse=True, return_counts=True
        )
        spread = np.full(len(first), np.nan)
        if self._energy:
            assert self.data.labels is not None
            table = LabelTable.read(self.data.labels, MATERIAL, [self._energy])
            energies = table.of(crystals.ids.tolist())[:, 0].astype(np.float64)
            grouped = polars.DataFrame({"owner": owner, "energy": energies}).fill_nan(None).group_by("owner")
            energy = polars.col("energy")
            several = grouped.agg(energy.std(ddof=0), n=energy.count()).filter(polars.col("n") > 1)
            spread[several["owner"].to_numpy()] = several["energy"].to_numpy()
        return _Known(crystals[first], counts, spread)

    def _errors(self, progress: Progress) -> dict[tuple[str, str], Floats]:
        """Network and task -> absolute errors of the mean prediction of the probes of all seeds, NaN without one."""
        cells = [
            ProbedTask(self._parts, task, RANDOM, seed, name, probe_on(self._parts, task, [one], epochs=self._epochs))
            for name, one in self._networks.items()
            for task in self.data.tasks
            for seed in range(self._seeds)
        ]
        errors = {
            (name, task.name): np.full(len(task.values), np.nan) for name in self._networks for task in self.data.tasks
        }
        if cells:
            predicted = runs_of(cells, fill, "probes", progress).filter(polars.col("predicted").is_finite())
            means = predicted.group_by("contestant", "task", "row").agg(polars.mean("predicted"), polars.first("truth"))
            for (name, task), part in means.group_by("contestant", "task"):
                wrong = (part["predicted"] - part["truth"]).abs()
                errors[str(name), str(task)][part["row"].to_numpy()] = wrong.to_numpy()
        return errors

    def figure(self, runs: polars.DataFrame) -> Figure:
        """The panels beside each other, a row for each network."""
        from matplotlib.figure import Figure

        networks = runs["network"].unique(maintain_order=True).to_list()
        figure = Figure(figsize=(4.4 * len(self._panels), 3.6 * len(networks)), layout="constrained")
        grid = figure.subplots(len(networks), len(self._panels), squeeze=False)
        for row, network in zip(grid, networks, strict=True):
            for axes, name in zip(row, self._panels, strict=True):
                PANELS[name](axes, runs.filter(network=network))
                axes.set_title(network if len(networks) > 1 else "", fontsize=8.5)
        return figure

    def findings(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        """For each network the statements of the paper that the panels are to show."""
        statements = []
        for (name,), part in runs.group_by("network", maintain_order=True):
            for statement, test in (entry for panel in self._panels for entry in STATEMENTS[panel].items()):
                result = test(part)
                if result is not None:
                    statements.append(CheckedStatement.judged(f"{name}: {statement}", [result]))
        return tuple(statements)

    def tables(self, runs: polars.DataFrame) -> str:
        """What the panels show: means by number of structures, cases, errors by uncertainty and conformal widths."""
        tables_of: dict[str, list[Callable[[polars.DataFrame], str]]] = {
            "structures": [_by_structures],
            "cases": [_cases],
            "errors": [errors_by_uncertainty, conformal_widths],
        }
        return "\n\n".join(table(runs) for panel in self._panels for table in tables_of.get(panel, []))


@dataclass(frozen=True, eq=False)
class _Known:
    """Formulas of crystals [n], how many crystals each has [n], and the standard deviation of their energies [n]."""

    materials: Materials
    structures: NDArray[np.int64]
    spread: Floats


def _of_task(
    network: CompositionNetwork, task: CompositionTask, name: str, counts: Mapping[str, int], wrong: Floats
) -> polars.DataFrame:
    """A row for each formula of a task, with the mean of the errors ``wrong`` of its rows."""
    keys = task.materials.compositions.keys()
    _, first, owner = np.unique(keys, return_index=True, return_inverse=True)
    table = _variances(network, task.materials[first], name, task.name)
    errors = np.bincount(owner, wrong) / np.bincount(owner)
    structures = [counts.get(key, 0) for key in keys[first].tolist()]
    return table.with_columns(structures=polars.Series(structures), error=polars.Series(errors).fill_nan(None))


def labelled(weights: Sequence[str]) -> dict[str, str]:
    """Label in tables -> name or folder; of ``RUN/artefact`` the name of the run, if that tells them apart."""
    labels = [Path(name).parent.name if Path(name).is_dir() else name for name in weights]
    return dict(zip(labels if len({*labels}) == len(labels) else weights, weights, strict=True))


def _variances(network: CompositionNetwork, materials: Materials, name: str, source: str) -> polars.DataFrame:
    """A row for each of n formulas, null where the network knows nothing of an element."""
    uncertainty, compositions = network.uncertainty(materials), materials.compositions
    variances = np.full(len(materials), np.nan)
    variances[uncertainty.rows] = uncertainty.variances
    whole = np.isclose(compositions.amounts, np.round(compositions.amounts), atol=1e-6)
    columns = {
        "network": [name] * len(materials),
        "source": [source] * len(materials),
        "formula": [format_formula(compositions.to_dict(row)) for row in range(len(materials))],
        "elements": np.diff(compositions.offsets),
        "seen": network.seen(materials),
        "doped": ~np.logical_and.reduceat(whole, compositions.offsets[:-1]),
        "variance": variances,
        "spread": np.full(len(materials), np.nan),
        "error": np.full(len(materials), np.nan),
    }
    return polars.DataFrame(columns).with_columns(polars.col("variance", "spread", "error").fill_nan(None))


def _by_structures(runs: polars.DataFrame) -> str:
    lines = ["| network | formulas | structures known | n | mean variance / median |", "|" + " --- |" * 5]
    source = polars.when(source=CRYSTALS).then(polars.lit(CRYSTALS)).otherwise(polars.lit("formulas of tasks"))
    several = runs.with_columns(source=source, structures=polars.col("structures").clip(upper_bound=5))
    several = several.unique(["network", "source", "formula"])
    counted = several.group_by("network", "source", "seen", "structures").agg(polars.len(), polars.mean("relative"))
    for row in counted.sort("network", "source", "seen", "structures").iter_rows(named=True):
        words = "5 or more" if row["structures"] == 5 else str(row["structures"])
        where = f"{row['source']}, {'learned from' if row['seen'] else 'held out'}"
        lines.append(f"| {row['network']} | {where} | {words} | {row['len']} | {row['relative']:.3f} |")
    return "\n".join(lines)


def _cases(runs: polars.DataFrame) -> str:
    """The five most and least certain formulas of crystals with three or more structures, and with one; the paper's."""
    lines = ["| network | structures | most certain | least certain |", "|" + " --- |" * 4]
    named = [
        "",
        "Formulas that the paper names, their known structures, and how many of a hundred formulas vary less:",
        "",
    ]
    for (name,), part in runs.filter(source=CRYSTALS).group_by("network", maintain_order=True):
        for words, chosen in (
            ("1", part.filter(structures=1)),
            ("3 or more", part.filter(polars.col("structures") > 2)),
        ):
            ordered = chosen.sort("variance")["formula"].to_list()
            lines.append(f"| {name} | {words} | {', '.join(ordered[:5])} | {', '.join(ordered[:-6:-1])} |")
        place = (100 * (polars.col("variance").rank() - 1) / polars.len()).alias("place")
        rows = part.select("formula", "structures", place).filter(polars.col("formula").is_in(NAMED))
        places = [
            f"{formula} ({count} structures): {at:.0f}" for formula, count, at in rows.sort("formula").iter_rows()
        ]
        named.append(f"- {name}: {'; '.join(places) or 'none of them is among the crystals'}")
    return "\n".join([*lines, *named])
