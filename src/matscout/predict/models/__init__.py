"""Models by name: each file is one."""
