"""One structure to look at: its picture, a page to turn it on, its symmetry, the labelled materials nearest to it."""
