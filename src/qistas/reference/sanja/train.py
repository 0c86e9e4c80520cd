"""Trains this weight anew: ``python train.py [--out DIR] [--resume]``; all of it is in ``qistas.reference.train``."""

import sys

from qistas.reference.train import main

if __name__ == "__main__":
    main(["sanja", *sys.argv[1:]])
