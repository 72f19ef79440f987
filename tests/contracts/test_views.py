"""Every view in the catalogue, by the suite that outside packages use too."""

from __future__ import annotations

from matscout.testing.views import ViewContract


class TestViews(ViewContract):
    package = "matscout"
