"""Fixed descriptors: each file is one representation."""
