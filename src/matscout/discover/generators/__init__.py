"""Generators that look things up: one file each."""
