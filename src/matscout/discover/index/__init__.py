"""An index of materials: vectors beside facts and properties, searched by similarity and by SQL."""
