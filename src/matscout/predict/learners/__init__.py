"""Learners: numbers in, numbers out; models put them together."""
