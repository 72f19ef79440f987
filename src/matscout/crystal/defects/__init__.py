"""Point defects found in supercells, and arrangements of them listed."""
