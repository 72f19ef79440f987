from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

from matscout.crystal.tables import elementembeddings_folder, elementembeddings_table, own_table
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.errors import UsageError
from matscout.represent.descriptors.elements import Elements
from matscout.represent.descriptors.magpie import Magpie
from matscout.represent.descriptors.skipspecies import SkipSpecies
from matscout.represent.descriptors.skipspecies_induced import SkipSpeciesInduced
from matscout.represent.element_catalogue import element_source, element_sources

pytestmark = pytest.mark.filterwarnings("ignore")

THEIR_POOLINGS = {"mean": "mean", "sum": "sum", "minimum": "minpool", "maximum": "maxpool", "range": "range"}
OUR_NAMES = {"magpie": "magpie-imputed", "oliynyk": "oliynyk-imputed", "oliynyk_raw": "oliynyk"}
FORMULAS = ({"Fe": 2.0, "O": 3.0}, {"Bi": 2.0, "Te": 2.7, "Se": 0.3}, {"Ga": 1.0, "As": 1.0}, {"Si": 1.0})


def their_names() -> list[str]:
    from elementembeddings.utils.config import DEFAULT_ELEMENT_EMBEDDINGS

    return sorted(DEFAULT_ELEMENT_EMBEDDINGS)


def our_name(name: str) -> str:
    return OUR_NAMES.get(name, name.replace("_", "-"))


@pytest.mark.parametrize("name", their_names())
def test_every_elementembeddings_table_pools_to_their_vectors(name, make_materials):
    from elementembeddings.composition import CompositionalEmbedding
    from elementembeddings.core import Embedding

    embedding = Embedding.load_data(name)
    maker = Elements(our_name(name), tuple(THEIR_POOLINGS))
    vectors = maker.represent(make_materials(FORMULAS)).vectors.reshape(len(FORMULAS), -1, len(THEIR_POOLINGS))
    for row, amounts in enumerate(FORMULAS):
        formula = "".join(f"{symbol}{amount:g}" for symbol, amount in amounts.items())
        for position, pooling in enumerate(THEIR_POOLINGS.values()):
            theirs = CompositionalEmbedding(formula, embedding).feature_vector(pooling)
            np.testing.assert_allclose(vectors[row, :, position], theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", their_names())
def test_every_element_vector_is_theirs(name):
    from elementembeddings.core import Embedding

    table = element_source(our_name(name)).table()
    theirs = Embedding.load_data(name).embeddings
    assert {symbol for symbol, number in ATOMIC_NUMBERS.items() if table.listed[number - 1]} == (
        set(theirs) & set(ATOMIC_NUMBERS)
    )
    for symbol in set(theirs) & set(ATOMIC_NUMBERS):
        np.testing.assert_allclose(table.values[ATOMIC_NUMBERS[symbol] - 1], theirs[symbol], rtol=1e-12)


def test_every_file_of_elementembeddings_is_used_but_the_one_that_was_replaced():
    used = {source.file for source in element_sources().values() if source.source == "ElementEmbeddings"}
    files = {path.name for path in (elementembeddings_folder() / "element_representations").iterdir()}
    assert files - used == {"README.md", "random_200.csv"}


def test_random_vectors_are_what_the_seed_gives():
    table = elementembeddings_table("random_200_new.csv")
    drawn = np.random.default_rng(seed=42).normal(0, 0.1, (118, 200))
    np.testing.assert_allclose(table.values[table.listed], drawn[table.listed], rtol=1e-9)


def test_oliynyk_keeps_the_blanks_that_elementembeddings_fills(make_materials):
    raw, filled = element_source("oliynyk").table(), elementembeddings_table("oliynyk_preprocessed.csv")
    blank = np.isnan(raw.values[raw.listed])
    assert blank.sum() == 14
    np.testing.assert_allclose(raw.values[raw.listed][~blank], filled.values[raw.listed][~blank])
    [remark] = Elements("oliynyk").represent(make_materials([{"Na": 1.0, "Cl": 1.0}, {"Ga": 1.0, "As": 1.0}])).problems
    assert remark.row == 1
    assert not remark.dropped
    assert "Miracle_Radius_[pm] of Cl" in remark.reason


def test_unlisted_element_drops_the_row_with_a_reason(make_materials):
    embedding = Elements("oliynyk").represent(
        make_materials([{"Fe": 1.0}, {"Pu": 1.0, "Am": 1.0, "O": 2.0}, {"Si": 1.0}])
    )
    assert embedding.rows.tolist() == [0, 2]
    [problem] = embedding.problems
    assert (problem.row, problem.dropped, problem.value) == (2, True, "Pu1Am1O2")
    assert "no vector for Pu, Am" in problem.reason


def test_negative_values_have_no_geometric_mean(make_materials):
    with pytest.raises(UsageError, match="Mat2Vec has negative values, for which geometric_mean is not defined"):
        Elements("mat2vec", ("mean", "geometric_mean")).represent(make_materials([{"Fe": 1.0}]))


def test_geometric_and_harmonic_mean_equal_elementembeddings(make_materials):
    from elementembeddings.composition import CompositionalEmbedding

    maker = Elements("magpie-imputed", ("geometric_mean", "harmonic_mean"))
    vectors = maker.represent(make_materials(FORMULAS[:1])).vectors.reshape(22, 2)
    theirs = CompositionalEmbedding("Fe2O3", "magpie")
    np.testing.assert_allclose(vectors[:, 0], theirs.feature_vector("geometric_mean"), rtol=1e-9)
    np.testing.assert_allclose(vectors[:, 1], theirs.feature_vector("harmonic_mean"), rtol=1e-9)


def test_titles_differ_so_that_columns_of_several_tables_do():
    titles = [source.title for source in element_sources().values()]
    assert len(titles) > 20
    assert len({*titles, SkipSpecies.title, SkipSpeciesInduced.title}) == len(titles) + 2


def test_own_tables_list_all_elements():
    for name in ("magpie", "elements"):
        assert own_table(name).listed.all()


def test_clone_keeps_the_poolings():
    assert clone(Elements("mat2vec", ("mode",))).columns[0] == "Mat2Vec mode 0"


@pytest.mark.parametrize("name", element_sources())
def test_the_catalogue_says_what_the_table_is(name):
    source = element_source(name)
    table = source.table()
    assert (len(table.properties), int(table.listed.sum())) == (source.components, source.elements)
    assert source.summary.endswith(".")
    assert source.doi == "" or source.doi.startswith("10.")


def test_magpie_is_the_table_of_that_name(make_materials):
    materials = make_materials(FORMULAS)
    np.testing.assert_array_equal(
        Magpie().represent(materials).vectors, Elements("magpie").represent(materials).vectors
    )
    assert Magpie().columns == Elements("magpie").columns
    assert (Magpie().name, Elements("magpie").name) == ("magpie", "elements=magpie")


def test_an_unknown_table_names_those_like_it():
    with pytest.raises(UsageError, match="no table of elements 'mat2vek'; did you mean elements=mat2vec"):
        Elements("mat2vek")
    with pytest.raises(UsageError, match="elements needs the name of a table: elements=NAME"):
        _ = Elements().columns
