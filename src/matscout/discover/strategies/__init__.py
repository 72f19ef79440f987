"""Strategies: how the next rows to measure are chosen; a file each."""
