"""evaluate: a model beside its baselines on the same splits, out of fold, cell by cell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset, Target
from matscout.data.given import Given, as_dataset
from matscout.data.kinds import KindName
from matscout.data.positive_unlabelled import UnlabelledCells
from matscout.errors import InputError, UsageError
from matscout.evaluation.base import CalibrationCurve, Evaluation, FoldScore, Overlap, Protocol, ProtocolOptions, Split
from matscout.evaluation.cells import ModelSettings
from matscout.evaluation.constant import constant_remark, is_constant
from matscout.evaluation.grid import Contestant, Grid
from matscout.evaluation.known_scores import with_bootstrap
from matscout.evaluation.plan import EvaluationPlan
from matscout.evaluation.scores import Scores, score
from matscout.predict.base import Metric
from matscout.predict.conformal import highest_level, units_needed
from matscout.predict.fitting import make_model, model_suited
from matscout.predict.hull_columns import is_called_hull
from matscout.predict.labels import require_variety, units_of
from matscout.progress import Progress, in_notebooks, silent
from matscout.registry import load_class, plug_ins
from matscout.represent.embedding import make_representation
from matscout.represent.taught import properties_like
from matscout.store import Store

BASELINES = ("dummy", "extratrees-magpie", "gp")

REACTION_BASELINES = ("dummy", "trees=reaction-one-hot", "trees=drfp")
"""Where the rows are reactions."""

DEFECT_BASELINES = ("dummy", "trees=defect-counts", "trees=defect-edges")
"""Where the rows are arrangements of point defects."""

USUAL_BASELINES: Mapping[KindName, tuple[str, ...]] = {
    "composition": BASELINES,
    "crystal": BASELINES,
    "reaction": REACTION_BASELINES,
    "defect": DEFECT_BASELINES,
}
"""Of each kind of rows."""

HULL_BASELINE = "known-likeness:learner=hull-distance"
"""Where a column holds energies above the convex hull."""

WITHOUT_HULL = "known-likeness:energies=ignored"
"""Beside a model that learns from these energies: what it says without them."""

KNOWN_BASELINES = (
    "known-likeness:learner=element-popularity",
    "known-likeness:learner=known-systems",
    HULL_BASELINE,
    WITHOUT_HULL,
)
"""Where rows are known or unlabelled."""

ALL_BASELINES = (*BASELINES, *REACTION_BASELINES, *DEFECT_BASELINES[1:], *KNOWN_BASELINES)

TREE_BASELINE = "extratrees-magpie"
TREE_BASELINES = (TREE_BASELINE, "trees=drfp")
"""Baselines that are fitted twice, predicting the median and the mean over their trees; the lower MAE counts."""


def evaluate(
    dataset: Given,
    target: str | None = None,
    *,
    protocol: str = "kfold",
    folds: str | None = None,
    time: str | None = None,
    n_folds: int = 5,
    repeats: int = 1,
    n_labels: Sequence[int] = (),
    max_folds: int | None = None,
    groups: str | None = None,
    level: float = 0.9,
    model: str | Sequence[str] = "auto",
    baselines: Sequence[str] | None = None,
    metric: Metric = "mae",
    fast: bool = False,
    seed: int = 0,
    context: str | Sequence[str] = (),
    unlabelled: object = None,
    positive: object = None,
    class_prior: float | None = None,
    store: Path | None = None,
    progress: Progress = in_notebooks,
) -> Evaluation:
    """Measure how well a model predicts unseen rows, compared with baselines on the same splits.

    Nothing is merged: repeats of a composition stay separate rows, on the same side of every split. Bounds ("<0.1") are
    fitted but not scored. Where all values of a training part are equal, every model predicts that value, and the text
    of the protocol states this. The tree baseline is fitted twice, with the median and with the mean over its trees;
    its scores are those with the lower MAE (for the model under test, those that suit ``metric``), and both errors are
    included ("mae_mean", "mae_median", "rmse_mean", "rmse_median"). Positive values over more than three decades are
    compared by factors: their errors are in decades, see :mod:`matscout.data.scales`.

    Parameters
    ----------
    dataset
        Labelled rows: what :func:`matscout.read` made, or what it reads, a path or a frame. If it has groups, fits see
        them and give intervals for a new group, whatever the protocol.
    target
        Name of the target; not needed if there is only one.
    protocol
        Name of a protocol plug-in: kfold, repeated, given, masked, group, cluster, time.
    folds
        Column with the fold of each row; implies the protocol "given".
    time
        Date or year column for the protocol "time".
    n_folds, repeats, n_labels
        Settings of the protocol, see :class:`matscout.evaluation.base.ProtocolOptions`.
    max_folds
        Run only this number of folds, for a faster estimate; None runs all. The text of the protocol states this.
    groups
        "formula", "chemical-system" or a column; replaces the groups of the data set.
    level
        Level of the intervals.
    model
        Name of a model plug-in, or of several that are compared: the first is under test.
    baselines
        Names of baselines to compare with; None for the usual ones. They are never fitted ``fast``.
    metric, fast, seed
        As for :func:`matscout.fit`.
    context
        For a table that is read here: columns with conditions of the measurement.
    unlabelled, positive, class_prior
        As for :func:`matscout.fit`.
    store
        Folder in which every finished cell is kept; a run with the same data and settings resumes from there.
    progress
        Called before each cell and at the end.

    Raises
    ------
    UsageError
        If a name is unknown, or an option contradicts another one or the data.
    InputError
        If the labels are too few to be divided.
    """
    cells = UnlabelledCells.asked(unlabelled, positive, class_prior)
    dataset = as_dataset(dataset, target=target, context=context, cells=cells)
    if groups is not None:
        from matscout.data.grouping import group_labels

        dataset = replace(dataset, groups=group_labels(dataset, groups))
    first, *others = [model] if isinstance(model, str) else model
    plan = EvaluationPlan(
        protocol=protocol,
        folds=folds,
        time=time,
        n_folds=n_folds,
        repeats=repeats,
        n_labels=tuple(n_labels),
        level=level,
        model=first,
        others=tuple(others),
        metric=metric,
        fast=fast,
        seed=seed,
        max_folds=max_folds,
        baselines=None if baselines is None else tuple(baselines),
    )
    return planned_comparison(dataset, target, plan).evaluation(None if store is None else Store(store), progress)


@dataclass(frozen=True, eq=False)
class PlannedComparison:
    """What is fitted and scored for an evaluation, planned and checked.

    Parameters
    ----------
    grid
        The cells: models and splits.
    protocol
        How the rows are divided.
    divided
        All splits of the protocol, of which the grid has the first.
    compared
        Models that are compared with the one under test, and are no baselines.
    seed
        Seed of all random choices.
    """

    grid: Grid
    protocol: Protocol
    divided: tuple[Split, ...]
    compared: tuple[str, ...]
    seed: int

    def evaluation(self, store: Store | None, progress: Progress = silent) -> Evaluation:
        """The scores; cells that are not in the store are made, and ``progress`` is called before each."""
        grid, dataset = self.grid, self.grid.dataset
        measured = dataset.target(grid.target)
        cells = grid.run(store, progress)
        summary = summarise(cells, measured, self.protocol, grid.level, self.seed)
        remarks = _left_out(grid.splits, self.divided) + constant_remark(measured, grid.splits)
        overlap = pretraining_overlap(dataset, grid.target, grid.models)
        summary = with_bootstrap(summary, units_of(dataset), self.seed)
        return replace(summary, protocol=summary.protocol + remarks, overlap=overlap, compared=self.compared)


def planned_comparison(dataset: Dataset, target: str | None, plan: EvaluationPlan) -> PlannedComparison:
    """Everything that an evaluation fits, before anything is fitted; errors as for :func:`evaluate`."""
    # One scale for all models and folds: by the values of one fold it might be another.
    dataset = dataset.on_scale(dataset.target(target).scale, target)
    measured = dataset.target(target)
    plan = replace(
        plan,
        model=model_suited(plan.model, measured, dataset.materials.kind),
        others=tuple(model_suited(name, measured, dataset.materials.kind) for name in plan.others),
    )
    options = ProtocolOptions(plan.n_folds, plan.repeats, plan.n_labels, plan.folds, plan.time)
    given = plan.folds is not None and plan.protocol == "kfold"
    way = make_protocol("given" if given else plan.protocol, options)
    divided = scored_splits(measured, way.splits(dataset, measured.name, plan.seed))
    require_enough(dataset, measured.name, divided, plan.level)
    splits = divided[: plan.folds_to_run(int(measured.known.sum()))]
    grid = Grid(dataset, measured.name, splits, _contenders_of(plan, dataset, measured), plan.level)
    compared = tuple(name for name in dict.fromkeys(plan.others) if name != plan.model)
    return PlannedComparison(grid, way, divided, compared, plan.seed)


def _contenders_of(plan: EvaluationPlan, dataset: Dataset, measured: Target) -> tuple[ModelSettings, ...]:
    beside = usual_baselines(dataset, measured) if plan.baselines is None else plan.baselines
    settings = ModelSettings(plan.model, plan.metric, plan.fast, plan.seed)
    return contenders(measured, settings, beside, plan.others, both_statistics=plan.both_statistics)


def usual_baselines(dataset: Dataset, target: Target | None = None) -> tuple[str, ...]:
    """What a model for these rows, and for a target that is known, is compared with."""
    if target is not None and target.task == POSITIVE_UNLABELLED:
        has_hull = any(is_called_hull(name) for name in dataset.materials.context)
        compounds = dataset.materials.kind.is_compound
        of_hull = (HULL_BASELINE, WITHOUT_HULL)
        return tuple(name for name in KNOWN_BASELINES if (has_hull if name in of_hull else compounds))
    return USUAL_BASELINES[dataset.materials.kind.name]


def make_protocol(name: str, options: ProtocolOptions) -> Protocol:
    """The protocol called ``name``.

    Raises
    ------
    UsageError
        If there is none, or an option was set that it does not read.
    """
    protocol: Protocol = load_class("protocols", name)(options)
    for option in fields(ProtocolOptions):
        unset = getattr(options, option.name) == option.default
        if not unset and option.name not in protocol.uses:
            readers = [
                plug_in.name
                for plug_in in plug_ins("protocols")
                if option.name in load_class("protocols", plug_in.name).uses
            ]
            raise UsageError(
                f"the protocol {name!r} does not use {option.name}; it belongs to the protocols {', '.join(readers)}"
            )
    return protocol


def scored_splits(target: Target, splits: Iterable[Split]) -> tuple[Split, ...]:
    """The splits with bounds taken out of the test rows: an error against a bound says nothing.

    Raises
    ------
    InputError
        If no test row is left.
    """
    if target.censored is None:
        return tuple(splits)
    measured = target.censored == 0
    kept = [replace(split, test=split.test[measured[split.test]]) for split in splits]
    if not any(len(split.test) for split in kept):
        raise InputError(
            f"all values of {target.name!r} in the test rows are bounds, and an error against a bound means nothing; "
            "add measured values"
        )
    return tuple(split for split in kept if len(split.test))


def require_enough(dataset: Dataset, name: str, splits: Sequence[Split], level: float) -> None:
    """Refuse labels from which training parts cannot learn, before the first fit.

    Raises
    ------
    InputError
        If all known values of the target are the same.
    UsageError
        If a training part has too few materials (reactions, groups) for intervals at ``level``.
    """
    target = dataset.target(name)
    require_variety(target)
    if target.task == POSITIVE_UNLABELLED:
        return  # It gives no intervals.
    units, parts = units_of(dataset), [split.train for split in splits if not is_constant(target, split)]
    fewest = min((len(np.unique(units[rows])) for rows in parts), default=0)
    needed = units_needed(level)
    if not parts or fewest >= needed:
        return
    noun = dataset.materials.noun if dataset.groups is None else "group"
    known = len(np.unique(units[target.known]))
    enough = math.ceil(needed * known / max(fewest, 1))
    raise UsageError(
        f"{known} {noun}s with a value of {name!r} are too few for intervals at {level:.3g}: the smallest training "
        f"part of the folds holds {fewest} of them and needs {needed}. Add some (to about {enough}), or choose a "
        f"level of at most {highest_level(fewest)}"
    )


def contenders(
    target: Target,
    model: ModelSettings,
    baselines: Sequence[str],
    others: Sequence[str] = (),
    *,
    both_statistics: bool = True,
) -> tuple[ModelSettings, ...]:
    """The model first, then others that are compared, then the baselines, which are never made ``fast``.

    The tree baseline of a regression comes once per statistic, if both are wanted.
    """
    names = tuple(dict.fromkeys([model.name, *others]))
    chosen = [replace(model, name=name) for name in names]
    chosen += [replace(model, name=name, fast=False) for name in dict.fromkeys(baselines) if name not in names]
    other: Metric = "rmse" if model.metric == "mae" else "mae"
    if target.task == "regression" and both_statistics:
        trees = [one for one in chosen if one.name in TREE_BASELINES and one.name in baselines]
        chosen += [replace(one, metric=other) for one in trees]
    return tuple(chosen)


def pretraining_overlap(dataset: Dataset, target: str, models: Iterable[ModelSettings]) -> dict[str, Overlap]:
    """How many labelled rows the pretrained representations of any of the models have seen.

    Parameters
    ----------
    dataset, target
        The rows in which the target is known count.
    models
        What is compared.

    Returns
    -------
    dict
        Representation -> overlap, only of representations that were trained on materials.
    """
    materials = dataset.labelled(target).materials
    seen: dict[str, NDArray[np.bool_]] = {}
    for one in models:
        model = make_model(one.name, metric=one.metric, fast=one.fast, seed=one.seed)
        seen |= model.seen(materials)
    # A network that is trained further may be told by the folder of its weights alone.
    addresses = {name: f"crystal-network={name}" if Path(name).is_dir() else name for name in seen}
    taught = {name: make_representation(address).taught for name, address in addresses.items()}
    return {
        name: Overlap(int(rows.sum()), len(rows), properties_like(target, taught[name])) for name, rows in seen.items()
    }


def summarise(
    contestants: Sequence[Contestant], target: Target, protocol: Protocol, level: float, seed: int
) -> Evaluation:
    """The result of a comparison from its finished cells; the first contestant is the model under test."""
    headline = protocol.headline(contestants[0].splits)
    chosen = _better_statistic(contestants, target, headline)
    pooled = {one.settings.name: one.among(headline) for one in chosen}
    scores = {name: one.pooled_scores(target) for name, one in pooled.items()}
    for name in TREE_BASELINES:
        if name in scores:
            scores[name] |= _both_statistics(name, contestants, target, headline)
    return Evaluation(
        target=target,
        protocol=_describe(protocol, target, seed),
        level=level,
        model=contestants[0].settings.name,
        scores=scores,
        out_of_fold={name: one.out_of_fold for name, one in pooled.items()},
        of_all_splits=(
            {}
            if len(headline) == len(contestants[0].splits)
            else {one.settings.name: one.out_of_fold for one in chosen}
        ),
        folds=tuple(entry for one in chosen for entry in _fold_scores(one, target)),
        seconds=sum(cell.seconds for one in contestants for cell in one.cells),
        calibration={name: _calibration(one) for name, one in pooled.items() if target.task == "regression"},
    )


def _describe(protocol: Protocol, target: Target, seed: int) -> str:
    text = f"{protocol.name}, {protocol.settings}, seed {seed}"
    bounds = 0 if target.censored is None else int((target.censored != 0).sum())
    return text + (f"; {bounds} bounds are fitted but not scored" if bounds else "")


def _left_out(splits: Sequence[Split], divided: Sequence[Split]) -> str:
    """What the protocol's text adds when not all folds were run."""
    if len(splits) == len(divided):
        return ""
    tested = sum(len(split.test) for split in splits)
    return f"; only {len(splits)} of {len(divided)} folds were run, {tested:,} test rows"


def _better_statistic(contestants: Sequence[Contestant], target: Target, headline: Sequence[Split]) -> list[Contestant]:
    """One contestant per model, in order; of two statistics of a baseline the one with the lower MAE.

    The model under test stands for itself: choosing its statistic by the test rows would flatter it.
    """
    best: dict[str, tuple[float, Contestant]] = {}
    under_test = contestants[0]
    for one in contestants:
        if one is not under_test and one.settings.name == under_test.settings.name:
            continue
        error = one.among(headline).pooled_scores(target).get("mae", 0.0)
        if one.settings.name not in best or error < best[one.settings.name][0]:
            best[one.settings.name] = error, one
    return [one for _, one in best.values()]


def _both_statistics(name: str, contestants: Sequence[Contestant], target: Target, headline: Sequence[Split]) -> Scores:
    """Errors of a tree baseline with the mean and with the median over its trees, where both were fitted."""
    scores: Scores = {}
    trees = [one for one in contestants if one.settings.name == name]
    if len({one.settings.metric for one in trees}) == 2:
        for one in trees:
            statistic = "median" if one.settings.metric == "mae" else "mean"
            pooled = one.among(headline).pooled_scores(target)
            scores |= {f"{error}_{statistic}": pooled[error] for error in ("mae", "rmse")}
    return scores


def _fold_scores(one: Contestant, target: Target) -> list[FoldScore]:
    return [
        FoldScore(
            model=one.settings.name,
            split=split.name,
            n_train=len(split.train),
            n_test=len(split.test),
            scores=score(target, split.test, cell.predictions),
            seconds=cell.seconds,
        )
        for split, cell in zip(one.splits, one.cells, strict=True)
    ]


def _calibration(one: Contestant) -> CalibrationCurve:
    """Shares inside at each level, over the splits whose training rows allowed that level."""
    inside: dict[float, int] = {}
    counts: dict[float, int] = {}
    for cell in one.cells:
        for level, count in zip(cell.levels.tolist(), cell.inside.tolist(), strict=True):
            inside[level] = inside.get(level, 0) + count
            counts[level] = counts.get(level, 0) + len(cell.predictions)
    nominal: NDArray[np.float64] = np.array(sorted(inside), dtype=np.float64)
    return CalibrationCurve(nominal, np.array([inside[level] / counts[level] for level in sorted(inside)]))
