"""The forward pass of each encoder on NumPy arrays: what vectors are made by, with torch installed or without."""
