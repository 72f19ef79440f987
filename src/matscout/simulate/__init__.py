"""Physics computed with force fields: energies, relaxation, dynamics, elastic moduli, vibrations; and the hull."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.lazy import lazily, offered

if TYPE_CHECKING:
    from matscout.simulate.choice import make_force_field as make_force_field
    from matscout.simulate.energies import Energies as Energies
    from matscout.simulate.force_field import ForceField as ForceField
    from matscout.simulate.force_field import PairForceField as PairForceField
    from matscout.simulate.hull import Hull as Hull
    from matscout.simulate.references import References as References
    from matscout.simulate.relaxed import Relaxed as Relaxed
    from matscout.simulate.trajectory import Trajectory as Trajectory

__getattr__, __dir__ = lazily(__name__, offered(__file__))
