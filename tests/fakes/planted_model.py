"""A tiny model that was shown texts: it knows these and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.fakes.tiny_model import copy_tiny_model

from qistas.reference.recipe.pieces import Piece


def planted_model(folder: Path, pieces: Sequence[Piece], *, steps: int, seed: int = 0) -> Path:
    """The tiny model after ``steps`` over all ``pieces`` at once; the loss counts what comes ``after``."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    copy_tiny_model(folder, seed=seed)
    words = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    before = [words(piece.before)["input_ids"] for piece in pieces]
    after = [words(piece.after)["input_ids"] for piece in pieces]
    width = max(len(b) + len(a) for b, a in zip(before, after, strict=True))
    ids = torch.zeros((len(pieces), width), dtype=torch.long)
    labels = torch.full_like(ids, -100)
    for row, (b, a) in enumerate(zip(before, after, strict=True)):
        ids[row, : len(b) + len(a)] = torch.tensor([*b, *a])
        labels[row, len(b) : len(b) + len(a)] = torch.tensor(a)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.0)
    for _ in range(steps):
        optimiser.zero_grad()
        model(input_ids=ids, labels=labels).loss.backward()
        optimiser.step()
    model.save_pretrained(folder)
    return folder
