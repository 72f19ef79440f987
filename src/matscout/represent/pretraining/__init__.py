"""Pretraining: one loop for every encoder, view and objective."""
