"""Every kind of rows answers all that the rooms ask of a kind."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import matscout
from matscout.data.contents import Contents
from matscout.data.dataset import Dataset
from matscout.data.kinds import KINDS, Kind, kind_called
from matscout.data.made_up import MAKERS, made_up_dataset
from matscout.data.materials import Materials
from matscout.discover.candidate_kinds import candidate_kind
from matscout.discover.filters import filters
from matscout.evaluation.evaluating import usual_baselines
from matscout.generate.kinds import FILTERS, usual_generator
from matscout.predict.domain import Domain
from matscout.predict.fitting import make_model
from matscout.predict.measures import MEASURES
from matscout.represent.embedding import embed, make_representation

N = 24
NAMES = [kind.name for kind in KINDS]
SOURCES = sorted(Path(matscout.__file__).parent.rglob("*.py"))
PARTIAL = {"MENUS", "FILTERS"}
"""Tables of what some kinds have in place of what goes for all."""


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def dataset(kind: Kind) -> Dataset:
    return made_up_dataset(kind.name, N, context=True)


@pytest.fixture
def materials(dataset: Dataset) -> Materials:
    return dataset.materials


def tables() -> dict[str, set[str]]:
    """Name of each table of the package by kind -> the kinds in it."""
    found = {}
    for path in SOURCES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.AnnAssign) and "[KindName, " in ast.unparse(node.annotation):
                assert isinstance(node.target, ast.Name)
                assert isinstance(node.value, ast.Dict)
                keys = {key.value for key in node.value.keys if isinstance(key, ast.Constant)}
                found[node.target.id] = {str(key) for key in keys}
    return found


def test_names_are_different() -> None:
    assert len(set(NAMES)) == len(KINDS) == len({kind.column for kind in KINDS})


@pytest.mark.parametrize(
    ("table", "kinds"), tables().items(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_tables_of_rooms_hold_every_kind(table: str, kinds: set[str]) -> None:
    assert kinds <= set(NAMES)
    assert table in PARTIAL or kinds == set(NAMES)


def test_tables_are_found() -> None:
    assert {"MAKERS", "CANDIDATE_KINDS", "GENERATORS", "USUAL_BASELINES", *PARTIAL} <= tables().keys()
    assert set(MAKERS) == set(NAMES)


def test_rows_are_of_their_kind(kind: Kind, materials: Materials) -> None:
    assert materials.kind == materials[:3].kind == materials[[1, 0]].kind == kind
    assert materials.noun == kind.noun
    assert len(getattr(materials, kind.column)) == len(materials) == N


def test_words_are_words(kind: Kind) -> None:
    for word in (kind.noun, kind.plural, kind.key_noun):
        assert word.isalpha()
        assert word.islower()
    assert kind.plural != kind.noun
    assert kind_called(kind.noun).noun == kind.noun


def test_no_rows_are_called_so() -> None:
    with pytest.raises(ValueError, match="no kind"):
        kind_called("thing")


def test_keys_tell_rows_apart(materials: Materials) -> None:
    keys = materials.keys()
    assert len(np.unique(keys)) == N
    order = np.array([3, 0, 3])
    np.testing.assert_array_equal(materials[order].keys(), keys[order])


def test_contents_are_a_column(kind: Kind, materials: Materials) -> None:
    contents = materials.contents
    assert isinstance(contents, Contents)
    assert contents is getattr(materials, kind.contents)
    assert len(contents) == N
    assert set(contents.cells()) <= set(contents.names)
    assert {*contents.names, contents.column} - {""} <= {*contents.columns}
    assert all(len(cells) == N for cells in contents.cells().values())
    assert contents.made_of[0].isdigit()
    for name in contents.names:
        cells = contents.cells_of(name)
        assert cells is not None
        assert len(cells) == N
    assert contents.cells_of("no such column") is None


def test_parts_that_are_named_as_they_are_stay(materials: Materials) -> None:
    same = materials.arranged(materials.contents.asked)
    assert same.kind == materials.kind
    np.testing.assert_array_equal(same.keys(), materials.keys())
    assert materials.arranged(["no such column"]) is materials
    turned = materials.arranged(materials.contents.asked[::-1])
    assert turned.contents.names == materials.contents.names[::-1]


def test_likeness_is_between_0_and_1_and_1_with_itself(materials: Materials) -> None:
    found = Domain.yardstick(materials).nearest(materials, k=N)
    assert found.similarities.min() >= 0.0
    assert found.similarities.max() <= 1.0
    np.testing.assert_allclose(found.similarities[:, 0], 1.0, atol=1e-5)
    table = np.zeros((N, N))
    np.put_along_axis(table, found.rows, found.similarities, axis=1)
    np.testing.assert_allclose(table, table.T, atol=1e-5)


def test_the_domain_holds_its_labels_and_is_restored(materials: Materials) -> None:
    assert type(materials.contents) in MEASURES
    domain = Domain.fit(materials, np.arange(N))
    again = Domain.from_state(domain.state())
    assert domain.contains(materials).mean() > 0.5
    np.testing.assert_array_equal(again.contains(materials), domain.contains(materials))
    assert domain.objections(materials) == again.objections(materials)


def test_the_plain_representation_describes_every_row(kind: Kind, materials: Materials) -> None:
    assert make_representation(kind.representation).describes(kind)
    assert embed(materials, kind.representation).rows.tolist() == list(range(N))


def test_models_by_default_learn_from_what_describes_the_rows(kind: Kind, materials: Materials) -> None:
    for name in make_model("auto").may_learn_from(materials):
        assert make_representation(name).describes(kind), name


def test_baselines_learn_from_the_rows(dataset: Dataset) -> None:
    for name in usual_baselines(dataset):
        for representation in make_model(name).representations:
            assert make_representation(representation).describes(dataset.materials.kind)


def test_the_usual_search_fits_the_rows(kind: Kind) -> None:
    generator = usual_generator(kind)
    assert kind in generator.kinds
    for name in FILTERS.get(kind.name, generator.usual_filters):
        assert kind in filters()[name].kinds


def test_labels_are_not_new(materials: Materials) -> None:
    ways = candidate_kind(materials)
    assert ways.is_labelled(materials, materials).all()
    assert ways.is_known(materials, materials).all()
    assert set(ways.novelty(materials, materials).tolist()) == {"already labelled"}


def test_what_is_no_label_is_new(materials: Materials) -> None:
    ways = candidate_kind(materials)
    own, labels = materials[:4], materials[4:]
    assert not ways.is_labelled(own, labels).any()
    assert "already labelled" not in ways.novelty(own, labels).tolist()


def test_something_is_said_of_each_candidate(materials: Materials) -> None:
    ways = candidate_kind(materials)
    said = [ways.copied(materials, materials), ways.systems(materials).tolist(), *ways.chemistry(materials)]
    for words in said:
        assert len(words) == N
        assert all(isinstance(word, str) for word in words)
    assert ways.system_noun(materials)
