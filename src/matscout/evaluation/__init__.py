"""Metrics, protocols and side-by-side comparison."""
