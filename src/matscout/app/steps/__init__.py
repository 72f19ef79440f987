"""Kinds of steps whose results are pages and pictures."""
