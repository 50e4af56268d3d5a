"""`python -m voltherd.cli`."""

from voltherd.cli import main

main()
