"""Representations whose weights were trained before; one file for each."""
