"""Ways downhill on surfaces whose minimum is known."""

import numpy as np
import pytest

from matscout.simulate.movers import FARTHEST, FARTHEST_OF_ONE, Bfgs, Fire


def steps_to(mover, slope, start, tolerance=1e-3, most=500):
    """Steps, and where they end."""
    place = start
    for number in range(most):
        forces = -slope(place)
        if np.linalg.norm(forces, axis=1).max() < tolerance:
            return number, place
        step, mover = mover.step(forces)
        place = place + step
    return most, place


@pytest.fixture
def valley() -> np.ndarray:
    """Curvatures of nine coordinates from 1 to 50 eV/Å², along axes that are turned."""
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(9, 9)))
    return turn @ np.diag(np.geomspace(1.0, 50.0, 9)) @ turn.T


@pytest.mark.parametrize("mover", [Bfgs(1.0), Fire(1.0)], ids=["bfgs", "fire"])
def test_both_find_the_minimum(valley, mover):
    start = np.random.default_rng(1).normal(0, 0.3, (3, 3))
    steps, end = steps_to(mover, lambda place: (valley @ place.ravel()).reshape(-1, 3), start)
    assert steps < 200
    np.testing.assert_allclose(end, 0.0, atol=2e-3)


def test_bfgs_needs_fewer_steps(valley):
    start = np.random.default_rng(1).normal(0, 0.1, (3, 3))
    bfgs, fire = (
        steps_to(mover, lambda place: (valley @ place.ravel()).reshape(-1, 3), start)[0]
        for mover in (Bfgs(1.0), Fire(1.0))
    )
    assert bfgs < 0.6 * fire


def test_steps_are_bounded():
    forces = np.array([[100.0, 0, 0], [0, 1, 0]])
    assert np.linalg.norm(Bfgs(1.0).step(forces)[0], axis=1).max() == pytest.approx(FARTHEST_OF_ONE)
    assert np.linalg.norm(Fire(1.0, time_step=1.0).step(forces)[0]) == pytest.approx(FARTHEST)


def test_a_surface_that_falls_for_ever_does_no_harm():
    place, mover = np.full((2, 3), 0.1), Bfgs(1.0)
    for _ in range(500):
        step, mover = mover.step(2.0 * place)
        assert np.isfinite(step).all()
        place = place + step
    assert (place > 5.0).all()


def test_nothing_pulls_nothing_moves():
    for mover in (Bfgs(1.0), Fire(1.0)):
        moved, after = mover.step(np.zeros((2, 3)))
        again, _ = after.step(np.zeros((2, 3)))
        assert not moved.any()
        assert not again.any()
