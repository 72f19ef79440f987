"""Proposals of new materials: candidates, the facts about them, and what makes them."""
