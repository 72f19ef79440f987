"""Stored results belong to the code that made them."""

from __future__ import annotations

from matscout.code_digest import digest_of_code, logic
from matscout.evaluation.code import PREDICTING, code_digest


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


def test_other_code_makes_other_cells(fake_fit, dataset_of, tmp_path, monkeypatch):
    from matscout.evaluation.evaluating import evaluate

    evaluate(dataset_of(50), baselines=(), store=tmp_path)
    monkeypatch.setattr("matscout.evaluation.cells.code_digest", lambda: "other")
    evaluate(dataset_of(50), baselines=(), store=tmp_path)
    assert len(fake_fit.calls) == 10
