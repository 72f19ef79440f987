"""Candidates, goals, filters and the ranked shortlist."""
