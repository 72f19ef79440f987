"""Geometry and chemistry of crystals: sites, neighbours, bonds, symmetry, element tables, charges."""
