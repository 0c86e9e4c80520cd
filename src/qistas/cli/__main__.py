"""``python -m qistas.cli``."""

from qistas.cli import main

main()
