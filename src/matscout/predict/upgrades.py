"""What turns artefacts of older versions into those of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.predict.ceilings import Ceiling
from matscout.predict.learner import learner_class
from matscout.predict.standardised import PLAIN, Standardised
from matscout.predict.states import State, join_states


def with_blocks(stored: State) -> State:
    """Version 1 to 2: a Gaussian process has one kernel for each block of columns, and features tell the blocks."""
    origins = {
        f"{name.removesuffix('medians')}origins": np.zeros(len(medians), dtype=np.int64)
        for name, medians in stored.arrays.items()
        if name.endswith("/medians")
    }
    return State(_one_part(stored.spec), {**stored.arrays, **origins})


HAIR = 1e-9
"""A share that is next to nothing."""


def with_stepwise_scores(stored: State) -> State:
    """Version 2 to 3: between two scores intervals are interpolated, and what ends predictions is called limits.

    Intervals used to be as wide as the larger of two neighbouring scores. Where each score stands twice, at the lower
    and at the upper end of its share, interpolation gives just that; more than 128 scores, 256 knots, are thinned to
    256 knots where a shape is made of them (:data:`matscout.predict.profiles.MOST_KNOTS`).
    """
    arrays = dict(stored.arrays)
    for name, shares in stored.arrays.items():
        values = f"{name.removesuffix('shares')}values"
        if not name.endswith("/shares") or values not in arrays:
            continue
        arrays[values] = np.repeat(arrays[values], 2)
        arrays[name] = np.column_stack([np.full(len(shares), HAIR), shares - HAIR]).ravel()
    return State(_with_limits(stored.spec), arrays)


def _with_limits(spec: Any) -> Any:
    """No value below 0 is a limit like any other."""
    if not isinstance(spec, dict):
        return spec
    inner = {name: _with_limits(item) for name, item in spec.items()}
    if "bounded_at_zero" in inner:
        inner["limits"] = [0.0 if inner.pop("bounded_at_zero") else None, None]
    if isinstance(inner.get("target"), dict) and "limits" in inner["target"]:
        # Predictions used to be moved into the limits of a yield at the very end.
        inner["limits"] = inner["target"]["limits"]
        if "stack" in inner:
            inner["stack"]["limits"] = inner["limits"]
    return inner


def _one_part(spec: Any) -> Any:
    """Every process in a part of ``spec.json`` sees all columns in one block, as it did."""
    if isinstance(spec, list):
        return [_one_part(item) for item in spec]
    if not isinstance(spec, dict):
        return spec
    inner = {name: _one_part(item) for name, item in spec.items()}
    kernel = inner.get("kernel")
    if isinstance(kernel, dict):
        numbers = dict(kernel)
        inner |= {"kernel": {"noise": numbers.pop("noise"), "parts": [numbers]}, "blocks": None}
    return inner


def with_predictors(stored: State) -> State:
    """Version 3 to 4: a model is a predictor with calibration, domain and labels, whatever its kind.

    What was fitted is kept by its fields (:class:`matscout.predict.states.Stored`), with the arrays of each part under
    its name.
    """
    spec, old = stored.spec, _part(State({"model": stored.spec["state"]}, stored.arrays), "model")
    model = model_of_version_3(spec["plug_in"], spec["model_version"], old)
    kept = {name: spec[name] for name in ("artefact_version", "kind", "matscout", "card", "sha256") if name in spec}
    return join_states(kept, {"model": model})


def model_of_version_3(plug_in: str, version: int, old: State) -> State:
    """A model of any kind, from its state as artefacts of version 3 held it."""
    if "models" in old.spec:
        return _law(plug_in, version, old)
    facts = old.spec["target"]
    predictor, calibration = _parts_of_kind(old)
    spec = {
        "plug_in": plug_in,
        "model_version": version,
        "target": facts,
        "assumption": old.spec["assumption"],
        "scores": old.spec.get("scores", {}),
    }
    labels = _part(old, "labels")
    known = {name: array for name, array in labels.arrays.items() if name in {"formulas", "values"}}
    parts = {"predictor": predictor, "calibration": calibration, "domain": _domain(_part(old, "domain"))}
    return join_states(spec, {**parts, "labels": State({}, known)})


def _parts_of_kind(old: State) -> tuple[State, State]:
    """Predictor and calibration of all but laws."""
    if "column_sets" in old.spec:
        return _auto(old)
    own = {"options": old.spec["options"]}
    parts = {"scale": _scale(old)}
    if "usual" in _part(old, "labels").arrays:
        own_arrays = {"usual": _part(old, "labels").arrays["usual"]}
        parts |= {"context": _part(old, "context"), "networks": _part(old, "networks")}
        return _with_arrays(join_states(own, parts), own_arrays), _calibration(old, [_part(old, "intervals")])
    parts["features"] = _part(old, "features")
    if "learner" in old.spec:
        parts["learner"] = learner_of_version_3(_baseline_of(_part(old, "learner")), _task(old), _part(old, "learner"))
    else:
        parts |= {"networks": _part(old, "networks"), "scaling": _scaling(_part(old, "scaling"))}
        own["n_folds"] = old.spec["folds"]
    if "others" in old.spec:
        own |= {"others": old.spec["others"], "target": old.spec["target"]["name"]}
        parts["levels"] = State({"values": {}}, _under("values", _part(old, "levels").arrays))
    if "errors" in old.spec:
        errors = _part(old, "errors")
        forest = learner_of_version_3("extra-trees", "regression", State(errors.spec["forest"], errors.arrays))
        parts["errors"] = join_states({name: errors.spec[name] for name in ("seed", "floor")}, {"forest": forest})
    return join_states(own, parts), _calibration(old, [_part(old, "intervals")])


def _task(old: State) -> str:
    return str(old.spec["target"].get("task", "regression"))


def _scale(old: State) -> State:
    """The scale of a model, which those without networks found again from the labels."""
    if "scale" in old.spec:
        return State(old.spec["scale"])
    if _task(old) == "classification":
        return PLAIN.state()
    return Standardised.plain(_part(old, "labels").arrays["values"], old.spec["target"].get("scale", "linear")).state()


def _calibration(old: State, judges: list[State]) -> State:
    if _task(old) == "classification":
        return _with_list({}, "scores", judges)
    limits = [str(end) if one is None else one for one, end in zip(_limits(old), (-np.inf, np.inf), strict=True)]
    return _with_list({"limits": limits}, "intervals", [_intervals(one, old) for one in judges])


def _limits(old: State) -> list[float | None]:
    """None where there is none, as in artefacts of earlier versions."""
    return list(old.spec.get("limits", (None, None)))


def _intervals(judge: State, old: State) -> State:
    """Error bars, conformal ones and those of a Gaussian process."""
    conformal = "scores" in judge.spec
    named = judge.spec["scores"] if conformal else judge.spec
    spec = {"n_units": named["n_units"], "unit": named["unit"], "floor": judge.spec.get("floor", 0.0)}
    parts = {"scores": _part(judge, "scores")} if conformal else {}
    if "ceiling" in judge.spec:
        ceiling = _part(judge, "ceiling")
        parts["ceiling"] = join_states(ceiling.spec, {"blind": State({}, ceiling.arrays)})
    elif "usual" in _part(old, "labels").arrays:
        # Fine-tuned networks of earlier versions kept no spread of the labels, but the labels.
        values = _part(old, "labels").arrays["values"]
        parts["ceiling"] = Ceiling.fit(values, np.arange(len(values)), None).state()
    return join_states({**spec, "sides": judge.spec.get("sides", [1.0, 1.0])}, parts)


def _domain(domain: State) -> State:
    family = domain.spec.get("family")
    if family is None or family["reach"] is not None:
        return domain
    return State({**domain.spec, "family": {**family, "reach": "inf"}}, domain.arrays)


def _auto(old: State) -> tuple[State, State]:
    spec = {name: old.spec[name] for name in ("options", "column_sets", "summary")}
    if "origin" in old.spec:
        spec["fitted_with"] = old.spec["origin"]
    stacks, share = [_part(old, "stack")], 1.0
    if "stack_of_formulas" in old.spec:
        second = _part(old, "stack_of_formulas")
        stacks, share = [*stacks, _part(second, "stack")], second.spec["share"]
    classes = _task(old) == "classification"
    made = [_class_stack(one) if classes else _regression_stack(one) for one in stacks]
    both = dict(zip(("main", "of_formulas"), made, strict=False))
    judges = [_part(one, "scores" if classes else "conformal") for one in stacks]
    features = {name: _part(old, f"features-{name}") for name in old.spec["column_sets"]}
    parts = {"stacks": join_states({"share": share}, both), "features": join_states({}, features)}
    limits = State({**old.spec, "limits": old.spec.get("limits", _limits(stacks[0]))}, old.arrays)
    return join_states(spec, parts), _calibration(limits, judges)


def _regression_stack(old: State) -> State:
    members = [_part(old, f"member-{place}") for place in range(old.spec["n_members"])]
    names = [member.spec["recipe"]["learner"] for member in members]
    learners = [
        learner_of_version_3(name, "regression", _part(member, "learner"))
        for name, member in zip(names, members, strict=True)
    ]
    made = [
        join_states({key: member.spec[key] for key in ("recipe", "transform")}, {"learner": learner})
        for member, learner in zip(members, learners, strict=True)
    ]
    n_statistics = [len(learner_class(name, "regression").statistics) for name in names]
    low, combination = _limits(old)[0], _part(old, "combination")
    joined = State(
        {"scale": {"kind": combination.spec["scale"]}, "low": "-inf" if low is None else low},
        {**combination.arrays, "means": np.cumsum([0, *n_statistics], dtype=np.int64)[:-1]},
    )
    spec = {name: old.spec[name] for name in ("candidates", "error", "error_without_lent")}
    spec |= {"grows": old.spec.get("grows", False)}
    parts = {"combination": joined, "error_model": _part(old, "error_model")}
    whole, listed = join_states(spec, parts), _with_list({}, "members", made)
    return State({**whole.spec, **listed.spec}, {**whole.arrays, **listed.arrays})


def _class_stack(old: State) -> State:
    names = [recipe["learner"] for recipe in old.spec["recipes"]]
    learners = [
        learner_of_version_3(name, "classification", _part(old, f"learner-{place}")) for place, name in enumerate(names)
    ]
    kept = ("recipes", "temperature", "candidates", "error", "error_without_lent")
    made = _with_list({name: old.spec[name] for name in kept}, "learners", learners)
    return _with_arrays(made, _part(old, "combination").arrays)


def _law(plug_in: str, version: int, old: State) -> State:
    kinds = [tuple(one) for one in old.spec["models"]]
    models = [
        model_of_version_3(kind, number, _part(old, f"model-{place}")) for place, (_, kind, number) in enumerate(kinds)
    ]
    kind = old.spec.get("scale", "none")
    low, high = _limits(old)
    spec = {
        **{name: old.spec[name] for name in ("options", "target", "least", "share")},
        "about": {"targets": old.spec["targets"], "context": old.spec["context"]},
        "scale": {"transform": {"kind": kind}},
        "limit_below": "-inf" if low is None else low,
        "judged": "intervals" in old.spec,
    }
    parts = {"models": join_states({}, {name: model for (name, _, _), model in zip(kinds, models, strict=True)})}
    if f"model-{len(kinds)}" in old.spec:
        # Of the same kind as the others.
        _, plug_in_of_all, number = kinds[-1]
        parts["direct"] = model_of_version_3(plug_in_of_all, number, _part(old, f"model-{len(kinds)}"))
    facts = {
        "name": old.spec["target"],
        "unit": old.spec["unit"] or None,
        "scale": "log" if kind == "log" else "linear",
    }
    target = State({**old.spec, "target": facts, "limits": [low, high]}, old.arrays)
    judges = [_part(old, "intervals")] if "intervals" in old.spec else []
    whole = {
        "plug_in": plug_in,
        "model_version": version,
        "target": facts,
        "assumption": old.spec["assumption"],
        "scores": {},
    }
    labels = State({}, {"formulas": np.zeros(0, dtype=np.str_), "values": np.zeros(0)})
    made = {"predictor": join_states(spec, parts), "calibration": _calibration(target, judges)}
    return join_states(whole, {**made, "domain": _part(models[0], "domain"), "labels": labels})


def _baseline_of(learner: State) -> str:
    """Name of the learner of a model that has one learner."""
    if "kernel" in learner.spec:
        return "gaussian-process"
    return "constant" if "mean" in learner.spec or "shares" in learner.arrays else "judged-trees"


def learner_of_version_3(name: str, task: str, old: State) -> State:
    """A learner by its fields, from its state as artefacts of version 3 held it."""
    spec = {"learner": name, "task": task, **old.spec.get("options", {})}
    spec |= {
        key: value for key, value in old.spec.items() if key not in {"options", "plain", "judge", "occurs", "size"}
    }
    arrays, parts = dict(old.arrays), {}
    if "input_mean" in arrays:
        parts["scaling"] = _scaling(State({}, {key: arrays.pop(key) for key in ("input_mean", "input_std")}))
    for part, kind in (("plain", task), ("judge", task), ("occurs", "classification"), ("size", "regression")):
        if part in old.spec:
            parts[part] = learner_of_version_3("extra-trees", kind, _part(old, part))
            arrays = {key: array for key, array in arrays.items() if not key.startswith(f"{part}/")}
    if name == "judged-trees":
        forest = parts.setdefault("plain", learner_of_version_3("extra-trees", task, old))
        return join_states(
            {"learner": name, "task": task, **{key: forest.spec[key] for key in ("n_trees", "seed")}}, parts
        )
    if "roots" in arrays:
        parts["trees"] = State({}, {key: arrays.pop(key) for key in TREES})
    if spec.get("blocks") is not None:
        blocks = [np.array(block, dtype=np.int64) for block in spec["blocks"]]
        spec["blocks"], arrays = [None] * len(blocks), {**arrays, **_under("blocks", dict(enumerate(blocks)))}
    if name == "networks":
        n_layers = len(spec["hidden"]) + 1
        pair = [None, None]
        spec["members"] = [[pair] * n_layers] * spec["n_members"]
        for member in range(spec["n_members"]):
            for layer in range(n_layers):
                for place, kind in enumerate(("weights", "biases")):
                    arrays[f"members/{member}/{layer}/{place}"] = arrays.pop(f"{kind}_{member}_{layer}")
    return _with_arrays(join_states(spec, parts), arrays)


TREES = ("roots", "feature", "threshold", "right", "leaf_values")
"""Arrays of decision trees."""


def _scaling(old: State) -> State:
    return State({}, {"mean": old.arrays["input_mean"], "std": old.arrays["input_std"]})


def _part(state: State, name: str) -> State:
    """A part, as versions up to 3 nested them."""
    start = f"{name}/"
    arrays = {key.removeprefix(start): array for key, array in state.arrays.items() if key.startswith(start)}
    return State(state.spec[name], arrays)


def _under(name: str, arrays: Mapping[Any, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {f"{name}/{key}": array for key, array in arrays.items()}


def _with_list(spec: Mapping[str, Any], name: str, parts: list[State]) -> State:
    """With parts one after the other, as a tuple is kept."""
    arrays = {f"{place}/{key}": array for place, part in enumerate(parts) for key, array in part.arrays.items()}
    return State({**spec, name: [dict(part.spec) for part in parts]}, _under(name, arrays))


def _with_arrays(state: State, arrays: Mapping[str, NDArray[Any]]) -> State:
    return State(state.spec, {**state.arrays, **arrays})
