"""Stored fits belong to the code, tables and weights that made them, and to no others."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from matscout import code_digest
from matscout.code_digest import parts_of_code
from matscout.evaluation.code import PREDICTING
from matscout.evaluation.evaluating import evaluate
from matscout.predict.fitting import make_model
from matscout.predict.origins import origin_of_fit
from matscout.represent.base import Representation
from matscout.represent.embedding import make_representation


def changed(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """From now on the code of a module is another one."""
    path, parse = code_digest._path_of(module), code_digest._Files.parse

    def parsed(self, given):
        found = parse(self, given)
        return replace(found, logic="other") if given == path else found

    monkeypatch.setattr(code_digest._Files, "parse", parsed)
    code_digest.digest_of_code.cache_clear()


@pytest.fixture(autouse=True)
def known_code():
    yield
    code_digest.digest_of_code.cache_clear()


DEPENDS = {
    "gp": {
        "matscout.predict.learners.gaussian_process": True,
        "matscout.represent.descriptors.magpie": True,
        "matscout.represent.descriptors.elements": False,
        "matscout.predict.models.auto": False,
        "matscout.data.delimited": False,
        "matscout.discover.ranking": False,
    },
    "auto": {
        "matscout.predict.learners.ridge": True,
        "matscout.represent.descriptors.elements": True,
        "matscout.represent.inference.set_transformer": True,
        "matscout.represent.descriptors.soap": False,
        "matscout.represent.descriptors.structure_basic": False,
        "matscout.data.structure_cif": False,
        "matscout.predict.models.gp": False,
    },
    "by-definition/gp=y*2": {"matscout.predict.models.gp": True, "matscout.predict.laws": True},
    "trees=density": {"matscout.represent.descriptors.density": True, "matscout.represent.descriptors.magpie": False},
}


@pytest.mark.parametrize(
    ("model", "module", "depends"),
    [(model, module, depends) for model, modules in DEPENDS.items() for module, depends in modules.items()],
)
def test_a_fit_depends_on_what_it_uses_only(dataset_of, monkeypatch, model, module, depends):
    before = origin_of_fit(model, dataset_of(20).materials)
    changed(monkeypatch, module)
    assert (origin_of_fit(model, dataset_of(20).materials) != before) == depends


def test_all_that_is_called_while_a_model_learns_is_known(dataset_of, monkeypatch):
    """Held against what really runs: every module of matscout one of whose functions was called."""
    called: set[str] = set()
    dataset = dataset_of(40)
    model = make_model("auto", fast=True)
    monkeypatch.setattr("matscout.predict.models.auto.Auto.fast_trees", (10, 5))
    sys.setprofile(lambda frame, event, value: called.add(frame.f_globals.get("__name__", "")))
    try:
        model.fit(dataset, "y").predict(dataset.materials)
    finally:
        sys.setprofile(None)
    known = set(parts_of_code(*model.modules, "matscout.predict.fitting"))
    for name in model.may_learn_from(dataset.materials):
        known |= set(parts_of_code(*make_representation(name).modules))
    ours = {name for name in called if name.startswith("matscout.") and _is_module(name)}
    assert len(ours) > 30
    assert ours - known - code_digest.NEUTRAL == set()


def _is_module(name):
    """Not a package, which is imported on the way."""
    return code_digest._path_of(name).name != "__init__.py"


def test_all_of_it_is_code_that_may_predict(dataset_of):
    assert set(parts_of_code("matscout.predict.models.auto")) <= set(parts_of_code(*PREDICTING))


def test_other_tables_and_weights_make_other_fits(dataset_of, monkeypatch):
    before = origin_of_fit("gp", dataset_of(20).materials)
    monkeypatch.setattr(Representation, "version", "other weights")
    assert origin_of_fit("gp", dataset_of(20).materials) != before
    assert any("element_tables" in name for name in parts_of_code("matscout.represent.descriptors.magpie"))


def test_other_code_makes_other_cells(fake_fit, dataset_of, tmp_path, monkeypatch):
    evaluate(dataset_of(50), model="gp", baselines=(), store=tmp_path)
    evaluate(dataset_of(50), model="gp", baselines=(), store=tmp_path)
    assert len(fake_fit.calls) == 5
    changed(monkeypatch, "matscout.predict.learners.gaussian_process")
    evaluate(dataset_of(50), model="gp", baselines=(), store=tmp_path)
    assert len(fake_fit.calls) == 10
    changed(monkeypatch, "matscout.data.delimited")
    evaluate(dataset_of(50), model="gp", baselines=(), store=tmp_path)
    assert len(fake_fit.calls) == 10
