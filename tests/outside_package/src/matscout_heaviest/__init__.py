"""The heaviest element of a composition, as a representation for matscout."""
