"""Views: what of a batch the encoders are shown; one file for each."""
