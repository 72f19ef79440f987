"""Encoders: networks that turn a batch of materials into vectors; one file for each."""
