"""Crystal structures guessed by substitution: templates, votes of known crystals, a ranker, volumes."""
