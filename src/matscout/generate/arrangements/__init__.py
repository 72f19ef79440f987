"""Which sites of a host to replace, by energies of sites and pairs."""
