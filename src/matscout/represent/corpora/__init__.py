"""Corpora: what is learnt from, given batch by batch; one file for each."""
