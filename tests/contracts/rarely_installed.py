"""Plug-ins that need what only `make slow` installs: their tests are slow, so that the default suite skips nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matscout.testing.contract import Contract

RARE = {"chgnet", "phonopy", "sevenn", "ray"}


class OfWhatIsInstalled(Contract):
    """Beside a suite of matscout's own plug-ins."""

    @classmethod
    def is_slow(cls, function: Callable[..., Any], case: tuple[str, ...]) -> bool:
        return super().is_slow(function, case) or needs_rare(cls.classes()[case[0].partition("=")[0]])

    def test_everything_that_plug_ins_need_is_installed(self) -> None:
        wanting = {name for name, made in self.classes().items() if name not in self.names() and not needs_rare(made)}
        # They are given weights, a calculator or a table before they can be used.
        assert wanting <= WITHOUT_SETTINGS


WITHOUT_SETTINGS = {"composition-network", "crystal-network", "reaction-network", "force-field", "elements"}


def needs_rare(plug_in: Any) -> bool:
    return bool(RARE & set(plug_in.packages))
