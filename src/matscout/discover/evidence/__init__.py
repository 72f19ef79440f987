"""What is said of ranked candidates besides their predictions: one file each."""
