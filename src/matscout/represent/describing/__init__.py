"""Crystals in words: what they are like, as facts and as plain English."""
