"""Stages of a funnel: one file each."""
