"""What a run does, described once: reading, fitting, measuring, searching, ranking; results without files or pages."""
