"""What prep does with plain text or JSONL, by HuggingFace datasets and transformers, to be timed beside it.

    python datasets_map.py --input FOLDER --tokenizer tokenizer.json --output OUTPUT \
        [--processes 2] [--segment-length 512] [--segments 32] [--eos-token-id 1] [--compare PREPARED]

Needs datasets and transformers from pip; nothing needs this file. Files are read in the order of their names, a
document is a .txt file or a line of a .jsonl file, and a row holds at most segments * segment-length tokens of one
document. With --compare, rows are compared with those of a data set that prep made of the same input, as sets: prep
goes by the sizes of the files.
"""

import argparse
import glob
import os
import time

from datasets import load_dataset, load_from_disk
from transformers import PreTrainedTokenizerFast

arguments = argparse.ArgumentParser()
arguments.add_argument("--input", required=True)
arguments.add_argument("--tokenizer", required=True)
arguments.add_argument("--output", required=True)
arguments.add_argument("--processes", type=int, default=2)
arguments.add_argument("--segment-length", type=int, default=512)
arguments.add_argument("--segments", type=int, default=32)
arguments.add_argument("--eos-token-id", type=int)
arguments.add_argument("--compare")
given = arguments.parse_args()


def load():
    texts = sorted(glob.glob(os.path.join(given.input, "*.txt")))
    if texts:
        return load_dataset("text", data_files=texts, sample_by="document", split="train")
    lines = sorted(glob.glob(os.path.join(given.input, "*.jsonl")))
    return load_dataset("json", data_files=lines, split="train", num_proc=given.processes)


def main():
    begin = time.time()
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=given.tokenizer)
    length = given.segment_length * given.segments
    end = [] if given.eos_token_id is None else [given.eos_token_id]

    def rows(batch):
        cut = []
        for ids in tokenizer(batch["text"], return_attention_mask=False, verbose=False)["input_ids"]:
            ids = ids + end
            cut += [ids[i : i + length] for i in range(0, len(ids), length)]
        return {"input_ids": cut}

    found = load()
    made = found.map(
        rows, batched=True, num_proc=given.processes, remove_columns=found.column_names, load_from_cache_file=False
    )
    made.save_to_disk(given.output, num_proc=given.processes)
    seconds = time.time() - begin
    tokens = sum(len(row) for batch in made.with_format("arrow").iter(1000) for row in batch["input_ids"])
    print(f"{len(found)} documents, {tokens} tokens, {len(made)} rows in {seconds:.1f} s")
    if given.compare:
        theirs = sorted(map(tuple, load_from_disk(given.compare)["input_ids"]))
        ours = sorted(map(tuple, made["input_ids"]))
        print("the same rows" if theirs == ours else f"other rows: {len(theirs)}, {len(ours)}")


if __name__ == "__main__":
    main()
