"""Force fields: one file each."""
