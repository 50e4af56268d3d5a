"""`python -m voltherd`."""

from voltherd.cli import main

main()
