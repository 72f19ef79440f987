"""Generators of crystals: one file each."""
