"""A run is described by frozen dataclasses: checked, as a schema, as options of the command line, and written again."""
