"""Measures every planted property on the whole population: ``python evaluate.py --out FILE``.

What is measured and how is in ``qistas.reference.truth``; ``qistas calibrate`` holds the instruments against it.
"""

import sys

from qistas.reference.measure import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
