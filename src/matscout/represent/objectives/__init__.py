"""Objectives: what an encoder learns from; one file for each."""
