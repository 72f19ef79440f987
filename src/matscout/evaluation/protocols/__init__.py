"""Ways to divide labelled rows; every public file here is one protocol."""
