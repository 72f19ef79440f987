"""Figures of papers, made again: a plan, its data, finished parts, and what they say of each finding of the paper."""
