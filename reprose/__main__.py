"""`python -m reprose`, the same as the command `reprose`."""

from reprose.commands.cli import main

main()
