"""Input: materials, data sets, reading and checking what people have."""
