"""Learners of likeness to known materials, one file each."""
