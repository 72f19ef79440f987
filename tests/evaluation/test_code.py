"""Stored results belong to the code that made them."""

from __future__ import annotations

from pathlib import Path

import grimp
import pytest

import matscout
from matscout.code_digest import VECTORS, digest_of_code, logic
from matscout.discover import funnel
from matscout.evaluation.code import PREDICTING, code_digest

ROOMS = {path.parent.name for path in Path(matscout.__file__).parent.glob("*/__init__.py")}


def test_comments_and_docstrings_do_not_count_but_logic_does(tmp_path):
    texts = [
        'def f(x):\n    """Say."""\n    return x\n',
        "# why\ndef f(x):\n\n    return x  # because\n",
        "def f(x):\n    return -x\n",
    ]
    paths = [tmp_path / f"{number}.py" for number in range(3)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    first, same, other = (logic(path) for path in paths)
    assert first == same != other


def test_the_digest_is_stable_within_a_run():
    assert code_digest() == digest_of_code.__wrapped__(PREDICTING)
    assert len(code_digest()) == 64


@pytest.mark.parametrize("places", [VECTORS, PREDICTING, funnel.CODE], ids=["vectors", "predictions", "funnel"])
def test_a_key_names_all_rooms_that_its_rooms_import(places):
    graph, rooms = grimp.build_graph("matscout"), ROOMS & set(places)
    modules = {module for module in graph.modules if module.split(".")[1:2] and module.split(".")[1] in rooms}
    imported = {other for module in modules for other in graph.find_modules_directly_imported_by(module)}
    assert len(modules) > 100
    assert {other.split(".")[1] for other in imported if "." in other} & ROOMS <= rooms


def test_other_code_makes_other_cells(fake_fit, dataset_of, tmp_path, monkeypatch):
    from matscout.evaluation.evaluating import evaluate

    evaluate(dataset_of(50), baselines=(), store=tmp_path)
    monkeypatch.setattr("matscout.evaluation.cells.code_digest", lambda: "other")
    evaluate(dataset_of(50), baselines=(), store=tmp_path)
    assert len(fake_fit.calls) == 10
