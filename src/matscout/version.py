"""The version of matscout; rooms read it here, as the package itself reaches all of them."""

from __future__ import annotations

__version__ = "0.1.0"
