"""Vectors of texts by language models."""
