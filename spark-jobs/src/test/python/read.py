"""Arguments: an export, a file of tokens, lengths of prompts. Prints what uio_memory.py computes."""

import json
import sys

export, tokens, *lengths = sys.argv[1:]
sys.path.insert(0, export)
from uio_memory import MemoryModel, Reader

NEW_TOKENS = 40


def in_two_parts(model, prompt):
    reader = Reader(model)
    reader.read(prompt[: len(prompt) // 2])
    rest = prompt[len(prompt) // 2 :]
    return [reader.generate(rest, NEW_TOKENS) for _ in range(2)]


with open(tokens, encoding="utf-8") as file:
    text = json.load(file)
model = MemoryModel(export)
ids = text["input_ids"]
prompts = [ids[: int(length)] for length in lengths]
json.dump(
    {
        "losses": model.losses(ids, text.get("labels")),
        "continuations": [Reader(model).generate(prompt, NEW_TOKENS) for prompt in prompts],
        "in_two_parts": [in_two_parts(model, prompt) for prompt in prompts],
    },
    sys.stdout,
)
