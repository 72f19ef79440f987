"""Where candidates come from: a file, substitution in the labels, enumeration, doping."""
