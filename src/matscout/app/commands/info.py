"""``matscout info``: what a folder of results is, and how it was made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matscout.app.console import show_table
from matscout.app.session import give
from matscout.errors import InputError, UsageError
from matscout.made import Made, read_made

if TYPE_CHECKING:
    from matscout.predict.model import Model

Folder = Annotated[
    str,
    typer.Argument(
        metavar="MODEL|INDEX|RUN", help="Folder that fit, scout, run or index build has written.", show_default=False
    ),
]


def info(*, folder: Folder) -> None:
    """Show where a model, index or run comes from: version, date, seed, command, digests."""
    from matscout.discover.index.storage import MARK, is_address
    from matscout.predict.artefact_folder import models_in
    from matscout.workflow.parsing import existing
    from matscout.workflow.result_files import RUN

    if is_address(folder) or (Path(folder) / MARK).exists():
        from matscout.app.commands.index import show_index

        return show_index(folder)
    place = existing(Path(folder))
    made = read_made(place)
    if (models_in(place) / "spec.json").is_file():
        return _show_model(place, models_in(place), made)
    if not (place / RUN).is_file() and made is None:
        raise UsageError(
            f"{folder} is not a model, index or run: name a folder that fit, scout, run or index build has written"
        )
    _show_made("run", place, made)
    if (place / RUN).is_file():
        _show_steps(place / RUN)
    return None


def _show_made(what: str, place: Path, made: Made | None) -> None:
    rows = {"what": what, "folder": str(place)}
    if made is None:
        rows["made"] = "not recorded"
    else:
        rows |= {"matscout": made.matscout, "python": made.python, "date": made.date}
        rows |= {"command": made.command or "a call from Python", "seed": "" if made.seed is None else str(made.seed)}
    give("made", made)
    show_table(("", "value"), [(name, value) for name, value in rows.items() if value])


def _show_model(place: Path, folder: Path, made: Made | None) -> None:
    from matscout.predict.artefact import load_models

    models = load_models(folder)
    _show_made("models of a scout run" if folder != place else "models", place, made or read_made(folder))
    give("models", {name: _facts(model) for name, model in models.items()})
    for name, model in models.items():
        facts = [(key, _text(value)) for key, value in _facts(model).items() if value not in ("", None, {}, ())]
        show_table((name, "value"), facts)


def _facts(model: Model) -> dict[str, Any]:
    facts: dict[str, Any] = {"model": model.address, "target": model.target.label, "seed": model.seed}
    facts |= _facts_of_likeness(model)
    facts |= {f"{name} while fitting": value for name, value in model.scores.items()}
    card = model.card
    if card is None:
        return facts
    facts |= {
        "rows": card.n_rows,
        f"{card.noun}s": card.n_compositions,
        "groups": card.n_groups,
        "context": card.context,
    }
    facts |= {"metric": card.metric, "source": card.source, "sha256 of the source": card.digest}
    return facts | {"sha256 of the materials": card.formulas_digest}


def _facts_of_likeness(model: Model) -> dict[str, Any]:
    """What a score of likeness rests on; nothing of other models."""
    from matscout.predict.likeness_calibration import LikenessCalibration

    ranks = model.calibration
    if not isinstance(ranks, LikenessCalibration):
        return {}
    return {
        "known rows": f"{len(ranks.known)}, called {model.target.classes[1]}",
        "unlabelled rows": len(ranks.unlabelled),
        "class prior": model.target.class_prior,
        "learns from": model.representations,
        "score": model.assumption,
        "remarks": tuple(model.notes),
    }


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _show_steps(path: Path) -> None:
    try:
        outcomes = json.loads(path.read_text(encoding="utf-8"))
        rows = [
            (name, *(str(one.get(key) or "") for key in ("state", "words", "key"))) for name, one in outcomes.items()
        ]
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"{path} is damaged: run the workflow again") from error
    give("steps", outcomes)
    show_table(("step", "state", "result", "key"), rows)
