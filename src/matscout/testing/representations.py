"""What every representation in the catalogue must do, whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sklearn.base
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.data.kinds import COMPOSITION
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.represent.base import Representation
from matscout.represent.embedding import make_representation, representation_class
from matscout.testing.contract import Contract

Floats = NDArray[np.float64]

COMMON = [symbol for symbol in SYMBOLS[:83] if symbol not in {"He", "Ne", "Ar", "Kr", "Xe", "Po", "At", "Rn"}]


def made(name: str) -> Representation:
    """The representation of a name."""
    return make_representation(name)


def make_materials(amounts: Sequence[Mapping[str, float]]) -> Materials:
    """Materials of these compositions, with made-up structures."""
    formulas = ["".join(f"{symbol}{amount:g}" for symbol, amount in row.items()) for row in amounts]
    ids = np.array([str(position) for position in range(len(amounts))], dtype=np.str_)
    compositions = Compositions.from_dicts(amounts)
    return Materials(ids, np.array(formulas, dtype=np.str_), compositions, made_up_structures(amounts))


def made_up_structures(amounts: Sequence[Mapping[str, float]]) -> Structures:
    """One atom of each element of a row on a crooked grid, for representations that need structures."""
    symbols = [symbol for row in amounts for symbol in sorted(row)]
    numbers = np.array([ATOMIC_NUMBERS[symbol] for symbol in symbols], dtype=np.uint8)
    places = [place for row in amounts for place in range(len(row))]
    sizes = np.array([len(row) for row in amounts], dtype=np.int64)
    grid = np.array([[place % 2, place // 2 % 2, place // 4] for place in places], dtype=np.float64).reshape(-1, 3)
    return Structures(
        np.tile(np.array([[5.2, 0.0, 0.0], [0.4, 5.6, 0.0], [0.3, 0.2, 6.1]]), (len(amounts), 1, 1)),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        numbers,
        (grid + 0.05 * np.sin(numbers)[:, None]) / 2.0,
        np.ones(len(grid)),
    )


def random_amounts(symbols: Sequence[str], n: int) -> list[dict[str, float]]:
    """Compositions, n of them, of one to seven elements."""
    rng = np.random.default_rng(5)
    rows = []
    for _ in range(n):
        chosen = rng.choice(symbols, rng.integers(1, 8), replace=False)
        rows.append({str(symbol): float(rng.integers(1, 100)) / 8 for symbol in chosen})
    return rows


AMOUNTS = random_amounts(COMMON, 60)
FEW = AMOUNTS[:12]
"""For those that take long."""


def amounts_for(representation: Representation) -> list[dict[str, float]]:
    """Few compositions for what takes long."""
    return FEW if representation.costly else AMOUNTS


class RepresentationContract(Contract):
    """Shapes, names, independence of batch, order and spelling."""

    family = "representations"

    @classmethod
    def accepts(cls, plug_in: type[Representation]) -> bool:
        """Those of reactions have a suite of their own."""
        return plug_in.describes(COMPOSITION)

    @classmethod
    def names(cls) -> list[str]:
        """Those that can be tested here; of a family all that there is of it."""
        families = {name: plug_in.variants() for name, plug_in in cls.classes().items()}
        return sorted({*super().names(), *(address for variants in families.values() for address in variants)})

    def test_name_is_the_file_name(self, name: str) -> None:
        representation = made(name)
        assert representation_class(representation.name) is type(representation)
        assert representation.name == name

    def test_shape_and_columns(self, name: str) -> None:
        representation = made(name)
        embedding = representation.represent(make_materials(amounts_for(representation)))
        assert embedding.vectors.shape == (len(embedding.rows), representation.dim)
        assert embedding.vectors.dtype == np.float64
        assert embedding.columns == representation.columns
        assert all(column.strip() for column in embedding.columns)
        assert len(set(embedding.columns)) == representation.dim
        assert representation.get_feature_names_out().tolist() == list(embedding.columns)

    def test_common_elements_are_all_represented(self, name: str) -> None:
        representation = made(name)
        embedding = representation.represent(make_materials([{symbol: 1.0, "O": 2.0} for symbol in ("Fe", "Si", "La")]))
        assert embedding.rows.tolist() == [0, 1, 2]
        assert np.isfinite(embedding.vectors).all()

    def test_every_row_is_accounted_for(self, name: str) -> None:
        representation = made(name)
        materials = make_materials([*random_amounts(list(SYMBOLS), 80), *({symbol: 1.0} for symbol in SYMBOLS)])
        embedding = representation.represent(materials)
        dropped = {problem.row - 1 for problem in embedding.problems if problem.dropped}
        remarked = {problem.row - 1 for problem in embedding.problems if not problem.dropped}
        assert dropped == set(range(len(materials))) - set(embedding.rows.tolist())
        assert set(embedding.rows[np.isnan(embedding.vectors).any(axis=1)].tolist()) <= remarked
        assert not np.isinf(embedding.vectors).any()
        assert all(problem.reason and problem.advice for problem in embedding.problems)
        assert [problem.row for problem in embedding.problems] == sorted(problem.row for problem in embedding.problems)

    def test_batch_and_order_do_not_matter(self, name: str) -> None:
        representation = made(name)
        materials = make_materials(amounts_for(representation))
        whole = representation.represent(materials)
        order = np.random.default_rng(1).permutation(whole.rows)
        np.testing.assert_allclose(
            representation.represent(materials[order]).vectors,
            whole.vectors[np.searchsorted(whole.rows, order)],
            rtol=representation.tolerance,
            atol=representation.tolerance,
        )
        for row in order[:8]:
            alone = representation.represent(materials[[int(row)]]).vectors[0]
            together = whole.vectors[np.searchsorted(whole.rows, row)]
            np.testing.assert_allclose(alone, together, rtol=representation.tolerance, atol=representation.tolerance)

    def test_way_of_writing_the_formula_does_not_matter(self, name: str) -> None:
        representation = made(name)
        plain = representation.represent(make_materials(amounts_for(representation)))
        for factor in (3.0, 0.1):
            rewritten = [
                {symbol: factor * row[symbol] for symbol in reversed(row)} for row in amounts_for(representation)
            ]
            tolerance = max(1e-9, representation.tolerance)
            np.testing.assert_allclose(
                representation.represent(make_materials(rewritten)).vectors,
                plain.vectors,
                rtol=tolerance,
                atol=tolerance,
            )

    def test_it_says_which_materials_its_pretraining_held_or_that_there_was_none(self, name: str) -> None:
        representation = made(name)
        seen = representation.seen(make_materials(amounts_for(representation)))
        if seen is not None:
            assert seen.dtype == np.bool_
            assert len(seen) == len(amounts_for(representation))
            doubled = [{symbol: 2 * amount for symbol, amount in row.items()} for row in amounts_for(representation)]
            np.testing.assert_array_equal(representation.seen(make_materials(doubled)), seen)

    def test_same_input_same_bits(self, name: str) -> None:
        representation = made(name)
        materials = make_materials(amounts_for(representation))
        again = made(name)
        np.testing.assert_array_equal(again.represent(materials).vectors, representation.represent(materials).vectors)

    def test_no_materials_give_no_vectors(self, name: str) -> None:
        representation = made(name)
        assert representation.represent(make_materials([])).vectors.shape == (0, representation.dim)

    def test_scikit_learn_can_clone_and_pipe_it(self, name: str) -> None:
        representation = made(name)
        copied = sklearn.base.clone(representation)
        assert copied.get_params() == representation.get_params()
        rows = [row for row in amounts_for(representation) if row][:20]
        pipeline = make_pipeline(copied, SimpleImputer(keep_empty_features=True), Ridge())
        values = np.arange(len(rows), dtype=np.float64)
        predicted = pipeline.fit(make_materials(rows), values).predict(make_materials(rows[:3]))
        assert predicted.shape == (3,)
