"""More materials than fit into memory: read, represented and written part by part, by several processes."""
