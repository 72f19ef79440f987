"""Physics computed with force fields: energies and forces, elastic moduli, vibrations."""
