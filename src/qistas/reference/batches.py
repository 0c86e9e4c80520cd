"""From training texts to tensors."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from qistas.reference.recipe.pieces import Piece

# (tokens, where the next token is learnt, the tokens learnt there, what each counts)
Batch = tuple[Any, Any, Any, Any]
_Row = tuple[list[int], int]


def batches(words: Any, pieces: Sequence[Piece], budget: int, seed: str) -> Iterator[Batch]:
    """Pieces sorted by length, cut into batches of about ``budget`` tokens (padding included) and shuffled."""
    rows = sorted(_rows(words, pieces), key=lambda row: len(row[0]))
    groups = list(_groups(rows, budget))
    random.Random(seed).shuffle(groups)
    return (_tensors(group, words.pad_token_id) for group in groups)


def _rows(words: Any, pieces: Sequence[Piece]) -> list[_Row]:
    """Each text's tokens, and the index of the first that is learnt: the one that holds the first character of
    ``after``. Texts are tokenised whole, as evaluations put them.
    """
    found = words(
        [piece.before + piece.after for piece in pieces],
        add_special_tokens=False,
        return_offsets_mapping=True,
    )
    rows = []
    for tokens, offsets, piece in zip(found["input_ids"], found["offset_mapping"], pieces, strict=True):
        cut = len(piece.before)
        first = next(index for index, (_, end) in enumerate(offsets) if end > cut)
        rows.append((tokens, max(1, first)))
    return rows


def _groups(rows: Sequence[_Row], budget: int) -> Iterator[list[_Row]]:
    group: list[_Row] = []
    for row in rows:
        if group and (len(group) + 1) * len(row[0]) > budget:
            yield group
            group = []
        group.append(row)
    yield group


def _tensors(group: Sequence[_Row], pad: int) -> Batch:
    """Padding goes to the right; every text counts alike, however many of its tokens are learnt."""
    import torch

    width = max(len(tokens) for tokens, _ in group)
    tokens = torch.full((len(group), width), pad)  # texts × positions
    predicts = torch.zeros((len(group), width), dtype=torch.bool)
    for index, (row, first) in enumerate(group):
        tokens[index, : len(row)] = torch.tensor(row)
        predicts[index, first - 1 : len(row) - 1] = True
    wanted = torch.roll(tokens, -1, dims=1)[predicts]
    lengths = predicts.sum(dim=1)
    weights = (1.0 / lengths / len(group)).repeat_interleave(lengths)
    return tokens, predicts, wanted, weights
