"""Kinds of figures; one file for each."""
