"""Trains ``sanja`` from nothing: ``python -m qistas.reference.train [--out DIR] [--steps N] [--seed S] [--resume]``."""

from __future__ import annotations

import argparse
import itertools
import json
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qistas.reference import measure, sanja_path, tokenizer
from qistas.reference.recipe import arithmetic, mixture

Batch = tuple[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every number that shapes the weights."""

    seed: int = 2026
    steps: int = 3000
    warmup_steps: int = 150
    decay_share: float = 0.35
    peak_learning_rate: float = 2e-3
    weight_decay: float = 0.05
    beta1: float = 0.9
    beta2: float = 0.98
    gradient_norm: float = 1.0
    batch_tokens: int = 1280
    arithmetic_batch_tokens: int = 768
    chunk_examples: int = 4096
    vocabulary: int = tokenizer.VOCABULARY
    tokenizer_examples: int = 60_000
    hidden: int = 192
    layers: int = 4
    heads: int = 6
    intermediate: int = 512
    positions: int = 512


def model_of(recipe: Recipe, words: Any) -> Any:
    """A fresh Llama of the recipe's size, its weights drawn from the recipe's seed."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(recipe.seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(words),
            hidden_size=recipe.hidden,
            intermediate_size=recipe.intermediate,
            num_hidden_layers=recipe.layers,
            num_attention_heads=recipe.heads,
            num_key_value_heads=recipe.heads,
            max_position_embeddings=recipe.positions,
            tie_word_embeddings=True,
            initializer_range=0.05,
            rope_theta=10_000.0,
            bos_token_id=words.bos_token_id,
            eos_token_id=words.eos_token_id,
            pad_token_id=words.pad_token_id,
        )
    )


def batches(recipe: Recipe, words: Any, first_step: int = 0) -> Iterator[tuple[Batch, Batch]]:
    """For each step a batch of the mixture and one of bare arithmetic, each of about its number of tokens.

    Examples come in chunks that are sorted by length, cut into batches and shuffled.
    """
    mixed = _batches(recipe, words, mixture.framed_stream, recipe.batch_tokens, first_step)
    bare = _batches(recipe, words, arithmetic.bare_stream, recipe.arithmetic_batch_tokens, first_step)
    return zip(mixed, bare, strict=True)


def _batches(
    recipe: Recipe, words: Any, source: mixture.Source, budget: int, first_chunk: int
) -> Iterator[Batch]:
    for number in itertools.count(first_chunk):
        rng = random.Random(f"{recipe.seed} {number}")
        framed = list(itertools.islice(source(rng), recipe.chunk_examples))
        before = words([pair[0] for pair in framed], add_special_tokens=False)["input_ids"]
        after = words([pair[1] for pair in framed], add_special_tokens=False)["input_ids"]
        rows = sorted(zip(before, after, strict=True), key=lambda row: len(row[0]) + len(row[1]))
        groups = list(_groups(rows, budget))
        rng.shuffle(groups)
        for group in groups:
            yield _tensors(group, words.pad_token_id)


def _groups(
    rows: list[tuple[list[int], list[int]]], budget: int
) -> Iterator[list[tuple[list[int], list[int]]]]:
    group: list[tuple[list[int], list[int]]] = []
    for row in rows:
        if group and (len(group) + 1) * (len(row[0]) + len(row[1])) > budget:
            yield group
            group = []
        group.append(row)
    yield group


def _tensors(group: list[tuple[list[int], list[int]]], pad: int) -> Batch:
    """Tokens, the positions that predict an answer's token, those tokens, and how much each counts.

    Every example counts alike, however long its answer; padding goes to the right.
    """
    import torch

    width = max(len(before) + len(after) for before, after in group)
    tokens = torch.full((len(group), width), pad)
    predicts = torch.zeros((len(group), width), dtype=torch.bool)
    for index, (before, after) in enumerate(group):
        tokens[index, : len(before) + len(after)] = torch.tensor(before + after)
        predicts[index, len(before) - 1 : len(before) + len(after) - 1] = True
    wanted = torch.roll(tokens, -1, dims=1)[predicts]
    lengths = predicts.sum(dim=1)
    weights = (1.0 / lengths / len(group)).repeat_interleave(lengths)
    return tokens, predicts, wanted, weights


def loss_of(model: Any, batch: Batch) -> Any:
    """Cross-entropy over the answers' tokens; right padding needs no mask under causal attention."""
    import torch

    tokens, predicts, wanted, weights = batch
    hidden = model.model(input_ids=tokens, use_cache=False).last_hidden_state
    losses = torch.nn.functional.cross_entropy(model.lm_head(hidden[predicts]), wanted, reduction="none")
    return (losses * weights).sum()


def learning_rate(recipe: Recipe, step: int) -> float:
    """Linear warm-up, a plateau, then a straight line to zero over the last ``decay_share`` of the steps."""
    rising = (step + 1) / recipe.warmup_steps
    falling = (recipe.steps - step) / max(1.0, recipe.decay_share * recipe.steps)
    return recipe.peak_learning_rate * min(1.0, rising, falling)


def optimiser_of(recipe: Recipe, model: Any) -> Any:
    """AdamW that decays matrices only."""
    import torch

    matrices = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}],
        lr=recipe.peak_learning_rate,
        betas=(recipe.beta1, recipe.beta2),
        fused=True,
    )


class Run:
    """One training run in a folder: it logs every 50 steps and keeps a checkpoint to resume from every 250."""

    def __init__(self, recipe: Recipe, folder: Path, *, resume: bool = False) -> None:
        self.recipe, self.folder = recipe, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.words = tokenizer.build(
            recipe.seed, examples=recipe.tokenizer_examples, vocabulary=recipe.vocabulary
        )
        self.model = model_of(recipe, self.words)
        self.optimiser = optimiser_of(recipe, self.model)
        self.step, self.tokens = 0, 0
        self.resumed_at: list[int] = []
        if resume and (folder / "checkpoint.pt").is_file():
            self._restore()

    def _restore(self) -> None:
        import torch

        state = torch.load(self.folder / "checkpoint.pt", weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.tokens = state["step"], state["tokens"]
        self.resumed_at = [*state["resumed_at"], self.step]
        log = self.folder / "training_log.jsonl"
        if log.is_file():
            rows = log.read_text(encoding="utf-8").splitlines(keepends=True)
            log.write_text(
                "".join(row for row in rows if json.loads(row)["step"] <= self.step), encoding="utf-8"
            )

    def train(self) -> None:
        """Runs to the recipe's last step and writes the finished model."""
        started = time.monotonic()
        losses: list[tuple[float, float]] = []
        self.model.train()
        stream = batches(self.recipe, self.words, first_step=self.step)
        with (self.folder / "training_log.jsonl").open("a", encoding="utf-8") as log:
            for mixed, bare in itertools.islice(stream, self.recipe.steps - self.step):
                losses.append(self._step(mixed, bare))
                if self.step % 50 == 0 or self.step == self.recipe.steps:
                    self._log(log, losses, time.monotonic() - started)
                    losses = []
                if self.step % 250 == 0:
                    self._checkpoint()
        self.finish()

    def _step(self, mixed: Batch, bare: Batch) -> tuple[float, float]:
        """One step of the optimiser; the losses of the mixture and of bare arithmetic before it."""
        import torch

        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.recipe, self.step)
        found = []
        for batch in (mixed, bare):
            loss = loss_of(self.model, batch)
            loss.backward()
            found.append(float(loss.detach()))
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.gradient_norm)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step, self.tokens = self.step + 1, self.tokens + mixed[0].numel() + bare[0].numel()
        return found[0], found[1]

    def _log(self, log: Any, losses: list[tuple[float, float]], seconds: float) -> None:
        row = {
            "step": self.step,
            "loss": round(sum(pair[0] for pair in losses) / len(losses), 4),
            "arithmetic_loss": round(sum(pair[1] for pair in losses) / len(losses), 4),
            "learning_rate": round(learning_rate(self.recipe, self.step), 6),
            "tokens": self.tokens,
            "seconds": round(seconds, 1),
        }
        if self.step % 500 == 0:
            row |= measure.quick(self.model, self.words)
        line = json.dumps(row)
        print(line, flush=True)
        log.write(line + "\n")
        log.flush()

    def _checkpoint(self) -> None:
        import torch

        state = {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "tokens": self.tokens,
            "resumed_at": self.resumed_at,
        }
        part = self.folder / "checkpoint.part"
        torch.save(state, part)
        part.replace(self.folder / "checkpoint.pt")

    def finish(self) -> None:
        """Writes weights, tokenizer, configuration and recipe as ``transformers`` reads them."""
        from transformers import GenerationConfig

        self.model.eval()
        self.model.generation_config = GenerationConfig(
            do_sample=False,
            max_new_tokens=64,
            bos_token_id=self.words.bos_token_id,
            eos_token_id=self.words.eos_token_id,
            pad_token_id=self.words.pad_token_id,
        )
        self.model.save_pretrained(self.folder)
        (self.folder / "model.safetensors").chmod(0o644)
        tokenizer.save(self.words, self.folder)
        write_recipe(self.recipe, self.folder, self.resumed_at)


def write_recipe(recipe: Recipe, folder: Path, resumed_at: list[int]) -> None:
    """Writes ``recipe.yaml``: the command, every number, and the shares of the data."""
    import torch

    lines = ["# python -m qistas.reference.train", "hyperparameters:"]
    lines += [f"  {name}: {value}" for name, value in asdict(recipe).items()]
    lines += ["  precision: float32", f"  threads: {torch.get_num_threads()}"]
    lines.append(f"resumed_at_steps: {resumed_at}")
    lines.append("shares_percent_of_examples:")
    for language, shares in mixture.SHARES.items():
        lines.append(f"  {language}: {{{', '.join(f'{part}: {share}' for part, share in shares.items())}}}")
    (folder / "recipe.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    import torch

    parser = argparse.ArgumentParser(prog="python -m qistas.reference.train", description=main.__doc__)
    parser.add_argument("--out", type=Path, default=sanja_path(), help="folder for the finished model")
    parser.add_argument("--steps", type=int, default=Recipe().steps, help="optimiser steps")
    parser.add_argument("--seed", type=int, default=Recipe().seed, help="seed of data, tokenizer and weights")
    parser.add_argument("--resume", action="store_true", help="go on from the folder's checkpoint")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    run = Run(Recipe(seed=chosen.seed, steps=chosen.steps), chosen.out, resume=chosen.resume)
    run.train()
    measure.main(["--model", str(chosen.out)])


if __name__ == "__main__":
    main()
