"""Vectors of texts by language models."""

from matscout import telemetry

telemetry.turn_off()
