"""Vectors and a few labels -> predictions with error bars."""
