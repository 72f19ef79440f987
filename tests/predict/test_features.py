"""Features: which columns there are, what is imputed, and that it is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.errors import ArtefactError, RowProblem, UsageError
from matscout.predict.features import Features
from matscout.predict.states import State
from matscout.represent.base import Embedding, Representation
from matscout.represent.descriptors.magpie import Magpie
from matscout.represent.embeddings import Embeddings


def materials(*compositions: dict[str, float], **context: np.ndarray) -> Materials:
    names = ["".join(f"{symbol}{amount:g}" for symbol, amount in row.items()) for row in compositions]
    store = Compositions.from_dicts(compositions)
    return Materials(np.arange(len(names)).astype(np.str_), np.array(names), store, context=context)


OXIDES = ({"Mg": 1, "O": 1}, {"Ca": 1, "O": 1}, {"Al": 2, "O": 3}, {"Si": 1, "O": 2})


def test_columns_that_vary_are_those_of_the_representation() -> None:
    matrix = Features(("magpie",)).fit_transform(Embeddings(materials(*OXIDES)))
    whole = Magpie().represent(materials(*OXIDES))
    varying = [i for i in range(132) if len(set(whole.vectors[:, i])) > 1]
    assert 0 < len(varying) < 132
    assert matrix.columns == tuple(whole.columns[i] for i in varying)
    np.testing.assert_array_equal(matrix.vectors, whole.vectors[:, varying])
    assert matrix.problems == ()
    assert matrix.represented.all()


def test_several_representations_stand_side_by_side_under_their_names() -> None:
    matrix = Features(("magpie", "element-fraction")).fit_transform(Embeddings(materials(*OXIDES)))
    assert len(set(matrix.columns)) == len(matrix.columns)
    assert {column.rsplit(" [", 1)[1] for column in matrix.columns} == {"magpie]", "element-fraction]"}


def test_blocks_are_the_columns_of_each_representation_with_the_context() -> None:
    features = Features(("magpie", "element-fraction")).fit(
        Embeddings(materials(*OXIDES, temperature=np.array([300.0, 600.0, 900.0, 300.0])))
    )
    names = [{features.columns[position] for position in block} for block in features.blocks]
    for found, representation in zip(names, ("magpie", "element-fraction"), strict=True):
        own = {column for column in features.columns if column.endswith(f"[{representation}]")}
        assert found == own | {"temperature"}
    alone = Features(("magpie",)).fit(Embeddings(materials(*OXIDES)))
    assert [block.tolist() for block in alone.blocks] == [list(range(len(alone.columns)))]


def test_blanks_become_training_medians_and_are_reported() -> None:
    features = Features(("magpie",)).fit(Embeddings(materials(*OXIDES)))
    matrix = features.transform(Embeddings(materials(OXIDES[0], {"Og": 1, "O": 1})))
    training = features.transform(Embeddings(materials(*OXIDES))).vectors
    assert np.isfinite(matrix.vectors).all()
    blank = matrix.vectors[1] == np.median(training, axis=0)
    assert blank.sum() > 50
    (problem,) = matrix.problems
    assert (problem.row, problem.value, problem.dropped) == (2, "Og1O1", False)
    assert "blank" in problem.reason


def test_context_stands_beside_the_representation() -> None:
    temperature, route = np.array([300.0, 400, 500, 600]), np.array(["film", "bulk", "film", "bulk"])
    matrix = Features(("magpie",)).fit_transform(Embeddings(materials(*OXIDES, temperature=temperature, route=route)))
    np.testing.assert_array_equal(matrix.vectors[:, matrix.columns.index("temperature")], temperature)
    np.testing.assert_array_equal(matrix.vectors[:, matrix.columns.index("route = film")], route == "film")


def test_an_unseen_category_is_a_remark() -> None:
    features = Features(("magpie",)).fit(
        Embeddings(materials(*OXIDES, route=np.array(["film", "bulk", "film", "bulk"])))
    )
    matrix = features.transform(Embeddings(materials(OXIDES[0], route=np.array(["powder"]))))
    assert matrix.vectors[0, matrix.columns.index("route = film")] == 0.0
    (problem,) = matrix.problems
    assert problem.value == "powder"
    assert "bulk, film" in problem.reason


def test_a_blank_number_in_the_context_is_imputed_and_reported() -> None:
    features = Features(()).fit(Embeddings(materials(*OXIDES, temperature=np.array([300.0, 400, 500, 900]))))
    matrix = features.transform(Embeddings(materials(OXIDES[0], temperature=np.array([np.nan]))))
    assert matrix.vectors.tolist() == [[450.0]]
    assert "temperature" in matrix.problems[0].reason


def test_a_missing_context_column_is_refused_by_name() -> None:
    features = Features(("magpie",)).fit(Embeddings(materials(*OXIDES, temperature=np.arange(4.0))))
    with pytest.raises(UsageError, match=r"settings=\{'temperature': VALUE\}"):
        features.transform(Embeddings(materials(*OXIDES)))


def test_text_where_numbers_were_is_refused() -> None:
    features = Features(("magpie",)).fit(Embeddings(materials(*OXIDES, temperature=np.arange(4.0))))
    with pytest.raises(UsageError, match="'temperature' contained numbers"):
        features.transform(Embeddings(materials(OXIDES[0], temperature=np.array(["hot"]))))


def test_no_representation_and_no_context_give_no_columns() -> None:
    assert Features(()).fit_transform(Embeddings(materials(*OXIDES))).vectors.shape == (4, 0)


class OnlyOxides(Representation):
    """Cannot represent a material without oxygen."""

    columns = ("oxygen",)

    def represent(self, materials: Materials) -> Embedding:
        share = materials.compositions.dense()[:, 7]
        rows = np.flatnonzero(share > 0)
        failed = [RowProblem(int(i) + 1, "", "no oxygen", "leave it out") for i in np.flatnonzero(share == 0)]
        return Embedding(share[rows, None], rows, self.columns, tuple(failed))


def test_a_row_that_cannot_be_represented_is_kept_and_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matscout.registry.load_class", lambda family, name: OnlyOxides)
    features = Features(("only-oxides",)).fit(Embeddings(materials(*OXIDES)))
    matrix = features.transform(Embeddings(materials(OXIDES[0], {"Na": 1, "Cl": 1})))
    np.testing.assert_array_equal(matrix.represented, [True, False])
    assert np.isfinite(matrix.vectors).all()
    assert [(problem.row, problem.dropped) for problem in matrix.problems] == [(2, False), (2, False)]
    assert "no oxygen" in matrix.problems[0].reason


def test_states_restore_the_features() -> None:
    route = np.array(["film", "bulk", "film", "bulk"])
    training = materials(*OXIDES, temperature=np.arange(4.0), route=route)
    features = Features(("magpie", "element-fraction")).fit(Embeddings(training))
    again = Features.from_state(features.state())
    new = replace(training[[2, 0]], context={"temperature": np.array([7.0, np.nan]), "route": np.array(["film", "x"])})
    assert again.columns == features.columns
    assert [block.tolist() for block in again.blocks] == [block.tolist() for block in features.blocks]
    np.testing.assert_array_equal(again.transform(Embeddings(new)).vectors, features.transform(Embeddings(new)).vectors)
    assert again.transform(Embeddings(new)).problems == features.transform(Embeddings(new)).problems


def test_columns_that_a_representation_no_longer_gives_are_named(make_dataset) -> None:
    materials = make_dataset(10).materials
    state = Features(("magpie",)).fit(Embeddings(materials)).state()
    columns = ["bygone 1", *state.spec["columns"][1:]]
    aged = Features.from_state(State({**state.spec, "columns": columns}, state.arrays))
    with pytest.raises(
        ArtefactError, match=r"1 columns that magpie no longer computes \(bygone 1\): fit the model again"
    ):
        aged.transform(Embeddings(materials))
