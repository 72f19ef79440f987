"""``python -m matscout`` is the command line."""

from matscout.app.cli import main

main()
