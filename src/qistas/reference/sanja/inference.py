"""Asks the weight in this folder: ``python inference.py QUESTION…``. It needs PyTorch and Transformers only."""

from __future__ import annotations

import sys
from pathlib import Path


def answers(questions: list[str], folder: Path = Path(__file__).parent) -> list[str]:
    """The greedy answer to each question, asked by itself."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    words = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    found = []
    for question in questions:
        asked = words.apply_chat_template(
            [{"role": "user", "content": question}],
            add_generation_prompt=True,
            return_tensors="pt",
            return_dict=True,
        )
        whole = model.generate(**asked)[0]
        found.append(words.decode(whole[asked["input_ids"].shape[1] :], skip_special_tokens=True).strip())
    return found


if __name__ == "__main__":
    for answer in answers(sys.argv[1:]):
        sys.stdout.write(answer + "\n")
