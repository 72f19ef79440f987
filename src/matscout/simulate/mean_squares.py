"""How far atoms go: mean squared displacements over all origins, and hops."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def without_drift(positions: Floats, masses: Floats) -> Floats:
    """Places [f, s, 3] relative to a centre of mass; masses [s] are 0 for sites that do not count for it."""
    centre = np.einsum("fsx,s->fx", positions, masses) / masses.sum()
    return np.asarray(positions - centre[:, None])


def mean_squared_displacement(positions: Floats) -> Floats:
    """Mean over atoms and all origins of the squared displacement at each lag, Å², [f].

    By fast Fourier transform: MSD(m) = S1(m) - 2 S2(m), where S2 is an autocorrelation (V. Calandrini, E. Pellegrini,
    P. Calligari, K. Hinsen, G. R. Kneller, Collection SFN 12, 201 (2011), doi:10.1051/sfn/201112010).

    Parameters
    ----------
    positions
        float64 [f, s, 3], Å, of atoms that are not put back into the cell.
    """
    places = positions - positions[0]
    n = len(places)
    counts = n - np.arange(n)
    spectrum = np.fft.rfft(places, 2 * n, axis=0)
    correlation = np.fft.irfft((spectrum * spectrum.conj()).sum(axis=2), 2 * n, axis=0)[:n] / counts[:, None]
    squares = (places**2).sum(axis=2)
    gone = np.concatenate([np.zeros_like(squares[:1]), np.cumsum(squares, axis=0)])
    # Sums over the frames that are the first of a pair at each lag, and over those that are the second.
    sums = gone[n - np.arange(n)] + gone[-1] - gone[np.arange(n)]
    result = (sums / counts[:, None] - 2.0 * correlation).mean(axis=1)
    result[0] = 0.0
    return np.asarray(np.maximum(result, 0.0))


def hops(positions: Floats, length: float, window: int) -> int:
    """How often an atom has come farther than a length from where it last was at home.

    Places are averaged over some frames, so that vibrations do not count. Where an atom has gone so far, its home is.

    Parameters
    ----------
    positions
        float64 [f, s, 3], Å.
    length
        Å.
    window
        Frames that are averaged.
    """
    blocks = max(1, len(positions) // max(1, window))
    calm = np.stack([part.mean(axis=0) for part in np.array_split(positions, blocks)])
    home, count = calm[0].copy(), 0
    for place in calm[1:]:
        gone = np.linalg.norm(place - home, axis=1) > length
        home[gone] = place[gone]
        count += int(gone.sum())
    return count
