"""Writes the training texts: ``python prepare_data.py [--out FILE]``; how they are drawn is in ``qistas.reference.recipe``.

The tokenizer that is made from them is in ``qistas.reference.tokenizer``, the batches in ``qistas.reference.batches``.
"""

import sys

from qistas.reference.data import main

if __name__ == "__main__":
    main(["sanja", *sys.argv[1:]])
