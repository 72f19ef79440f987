"""Point defects: their noun, how they are written, and the host crystals that they belong to."""
