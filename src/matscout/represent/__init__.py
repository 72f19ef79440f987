"""Material -> vector."""
