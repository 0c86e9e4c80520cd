"""``python -m qistas``."""

from qistas.cli import main

main()
