"""Displacements by Fourier transform equal those by brute force."""

import numpy as np
import pytest

from matscout.simulate.mean_squares import hops, mean_squared_displacement, without_drift


def brute(positions):
    n = len(positions)
    return np.array(
        [((positions[lag:] - positions[: n - lag]) ** 2).sum(axis=2).mean() if lag else 0.0 for lag in range(n)]
    )


@pytest.mark.parametrize(("frames", "atoms"), [(2, 1), (7, 3), (64, 5), (101, 2)])
def test_they_equal_brute_force(frames, atoms):
    walk = np.random.default_rng(frames).normal(size=(frames, atoms, 3)).cumsum(axis=0) + 1e3
    np.testing.assert_allclose(mean_squared_displacement(walk), brute(walk), atol=1e-8)


def test_the_motion_of_the_whole_is_taken_off():
    rng = np.random.default_rng(0)
    walk, masses = rng.normal(size=(50, 4, 3)).cumsum(axis=0), np.array([1.0, 2.0, 3.0, 10.0])
    drifting = walk + np.linspace(0.0, 90.0, 50)[:, None, None]
    np.testing.assert_allclose(without_drift(drifting, masses), without_drift(walk, masses), atol=1e-9)
    rest = np.einsum("fsx,s->fx", without_drift(drifting, masses), masses)
    np.testing.assert_allclose(rest, 0.0, atol=1e-9)


def test_hops_are_counted_and_vibrations_are_not():
    rng = np.random.default_rng(0)
    home = np.zeros((200, 3, 3))
    home[50:, 0, 0] += 3.0  # one hop
    home[80:, 1, 1] += 3.0
    home[120:, 1, 1] -= 3.0  # there and back
    shaken = home + rng.normal(0.0, 0.4, home.shape)
    assert hops(shaken, 2.0, 10) == 3
    assert hops(shaken * 0.0, 2.0, 10) == 0
    assert hops(shaken[:1], 2.0, 10) == 0
