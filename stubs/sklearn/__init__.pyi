# What of scikit-learn our own classes inherit, typed: without it mypy looks into no representation.
