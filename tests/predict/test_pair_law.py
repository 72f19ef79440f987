"""The pair law against scikit-learn's process on explicit features, and its slopes against differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import DotProduct, WhiteKernel

from matscout.data.made_up import made_up_dataset
from matscout.predict.fitting import fit
from matscout.predict.pair_kernel import ClassKernel, PairKernel, PairTable, covariance, terms
from matscout.predict.pair_law import PairLaw, likelihood
from matscout.remarks import codes

N, NEW = 60, 20
KERNEL = PairKernel(counts=0.7, family=0.2, smooth=0.9, shell=0.3, width=1.1, length=1.5, reach=4.0, noise=1e-3)


@pytest.fixture(scope="module")
def table() -> PairTable:
    defects = made_up_dataset("defect", N + NEW).materials.defects
    assert defects is not None
    return PairTable.of(defects)


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    return made_up_dataset("defect", N + NEW).target().values


def features(table: PairTable) -> np.ndarray:
    """Columns whose products are the covariance: counts, and pairs in the square root of the covariance of classes."""
    classes = ClassKernel.between(KERNEL, table, table).whole
    sizes, vectors = np.linalg.eigh(classes)
    of_pairs = table.pairs.toarray() @ (vectors * np.sqrt(np.maximum(sizes, 0.0)))
    of_families = terms(KERNEL, table, table)[1]
    sizes, vectors = np.linalg.eigh(of_families)
    of_families = vectors * np.sqrt(np.maximum(sizes, 0.0))
    of_counts = np.sqrt(KERNEL.counts) * np.column_stack([np.ones(len(table)), table.counts])
    return np.concatenate([of_counts, of_families, of_pairs], axis=1)


def test_predictions_are_those_of_scikit_learn_on_explicit_features(table: PairTable, values: np.ndarray) -> None:
    known, new = np.arange(N), np.arange(N, N + NEW)
    law = PairLaw.fit(table.rows(known), values[known], kernel=KERNEL)
    columns = features(table)
    scaled = (values - values[known].mean()) / values[known].std()
    kernel = DotProduct(sigma_0=0.0, sigma_0_bounds="fixed") + WhiteKernel(KERNEL.noise, "fixed")
    other = GaussianProcessRegressor(kernel, optimizer=None, alpha=0.0).fit(columns[known], scaled[known])
    mean, spread = other.predict(columns[new], return_std=True)
    own_mean, own_spread = law.expect(table.rows(new))
    np.testing.assert_allclose((own_mean - law.centre) / law.scale, mean, atol=1e-8)
    np.testing.assert_allclose(own_spread / law.scale, spread, atol=1e-8)
    np.testing.assert_allclose(law.score(table.rows(new)), own_mean, atol=1e-8)
    likely = likelihood(table.rows(known), scaled[known], np.ones(N))(KERNEL.logs)[0]
    assert likely == pytest.approx(other.log_marginal_likelihood_value_, abs=1e-8)


def test_slopes_of_the_likelihood_are_those_of_differences(table: PairTable, values: np.ndarray) -> None:
    goal = likelihood(table, (values - values.mean()) / values.std(), np.ones(len(values)))
    slopes = approx_fprime(KERNEL.logs, lambda logs: goal(logs)[0], 1e-6)
    np.testing.assert_allclose(goal(KERNEL.logs)[1], slopes, rtol=1e-3, atol=1e-3)


def test_what_is_left_out_is_what_a_fit_without_it_says(table: PairTable, values: np.ndarray) -> None:
    units = np.arange(N) // 3
    law = PairLaw.fit(table.rows(np.arange(N)), values[:N], kernel=KERNEL)
    mean, spread = law.left_out(units)
    for unit in (0, 7):
        rest, own = np.flatnonzero(units != unit), np.flatnonzero(units == unit)
        # With the mean and deviation of all, as the whole fit has them.
        scaled = (values[:N] - law.centre) / law.scale
        across = covariance(KERNEL, table.rows(own), table.rows(rest))
        whole = covariance(KERNEL, table.rows(rest), table.rows(rest)) + KERNEL.noise * np.eye(len(rest))
        expected = across @ np.linalg.solve(whole, scaled[rest]) * law.scale + law.centre
        np.testing.assert_allclose(mean[own], expected, atol=1e-7)
    assert (spread > 0).all()


def test_a_table_is_not_changed_by_being_used(table: PairTable) -> None:
    before = table.members.copy()
    covariance(KERNEL, table, table)
    np.testing.assert_array_equal(table.members, before)


def test_pairs_and_defects_add_up(table: PairTable, values: np.ndarray) -> None:
    """Without a term of families the mean is what defects cost alone and what each pair adds."""
    kernel = PairKernel(family=1e-6, noise=1e-4)
    law = PairLaw.fit(table.with_pristine(), np.append(values, 0.0), kernel=kernel)
    alone = law.alone()[0]
    row = int(np.argmax(np.diff(table.offsets)))
    expected = float(alone[np.repeat(np.arange(len(alone)), table.counts[row].astype(int))].sum())
    nothing = law.expect(table.with_pristine().rows(np.array([len(table)])))[0][0]
    expected -= (table.counts[row].sum() - 1) * nothing
    for member in table.members[table.offsets[row] : table.offsets[row + 1]]:
        pair = law.interaction(
            int(table.first[member]), int(table.second[member]), table.distances[[member]], table.heights[[member]]
        )
        expected += float(pair[0][0])
    assert law.expect(table.rows(np.array([row])))[0][0] == pytest.approx(expected, abs=1e-3)


def test_an_additive_property_is_learned_from_few_rows() -> None:
    """The made-up energies are sums over pairs."""
    dataset = made_up_dataset("defect", 160)
    model = fit(dataset[np.arange(120)], model="defect-pairs")
    predictions = model.predict(dataset.materials[np.arange(120, 160)])
    errors = np.abs(predictions.predicted - dataset.target().values[120:])
    spread = np.abs(dataset.target().values - np.median(dataset.target().values)).mean()
    assert errors.mean() < 0.02 * spread
    held = (predictions.lower <= dataset.target().values[120:]) & (dataset.target().values[120:] <= predictions.upper)
    assert held.mean() > 0.75
    assert "defects-not-additive" not in codes(model.notes)


def test_what_is_not_additive_is_reported() -> None:
    from dataclasses import replace

    from matscout.data.dataset import Target

    dataset = made_up_dataset("defect", 120)
    defects = dataset.materials.defects
    assert defects is not None
    counts = defects.counts
    # Arrangements of one combination are alike, and those of others are not near their sums.
    rng = np.random.default_rng(0)
    _, family = np.unique(counts, axis=0, return_inverse=True)
    odd = 5.0 + rng.normal(size=family.max() + 1)[family.ravel()]
    model = fit(replace(dataset, targets={"gap": Target("gap", odd, "eV")}), model="defect-pairs")
    assert "defects-not-additive" in codes(model.notes)


def test_energies_per_site_are_learned_as_totals() -> None:
    from dataclasses import replace

    from matscout.data.dataset import Target

    dataset = made_up_dataset("defect", 80)
    sizes = dataset.materials.defects.sizes  # type: ignore[union-attr]
    totals = dataset.target().values
    whole = replace(dataset, targets={"formation_energy": Target("formation_energy", totals, "eV")})
    shared = replace(
        dataset,
        targets={"formation_energy_per_site": Target("formation_energy_per_site", totals / sizes, "eV")},
    )
    one, other = fit(whole, model="defect-pairs"), fit(shared, model="defect-pairs")
    new = dataset.materials[:10]
    np.testing.assert_allclose(one.predict(new).predicted, other.predict(new).predicted * sizes[:10], atol=1e-6)
    assert {"pristine-is-zero"} <= set(codes(one.notes))
