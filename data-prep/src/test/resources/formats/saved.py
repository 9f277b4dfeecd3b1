"""Saves the ten documents of documents.jsonl as folders of datasets, and as Arrow with dictionaries.

pip install datasets (made with datasets 5.0.1, pyarrow 25.0.1), then python saved.py beside documents.jsonl.
"""
import json
import datasets, pyarrow as pa
rows = [json.loads(line) for line in open("documents.jsonl", encoding="utf-8")]
nested = [
    {"label": i % 2, "when": None, "parts": [{"no": i, "text": r["text"]}],
     "meta": {"body": {"text": r["text"], "key": r["id"]}, "tags": ["a", None]}}
    for i, r in enumerate(rows)
]
string = datasets.Value("string")
datasets.Dataset.from_list(nested, features=datasets.Features({
    "label": datasets.ClassLabel(names=["even", "odd"]), "when": datasets.Value("timestamp[s]"),
    "parts": datasets.List({"no": datasets.Value("int64"), "text": string}),
    "meta": {"body": {"text": string, "key": string}, "tags": datasets.List(string)},
})).save_to_disk("saved-nested", num_shards=3)
flat = datasets.Dataset.from_list(rows).select_columns(["id", "text"])
flat.cast_column("text", datasets.Value("large_string")).save_to_disk("saved-large", num_shards=2)
datasets.DatasetDict({"train": flat, "test": flat.select([3])}).save_to_disk("saved-dict")

# As categories of pandas and polars: a row holds the number of its value, here, in structs and in lists.
ids, texts = [r["id"] for r in rows], [r["text"] for r in rows]

def coded(start, end, values):
    value = pa.DictionaryArray.from_arrays(
        pa.array([values.index(t) for t in texts[start:end]], pa.int8()), pa.array(values))
    key = pa.DictionaryArray.from_arrays(pa.array(range(start, end), pa.uint16()), pa.array(ids))
    part = pa.StructArray.from_arrays([value, key], ["text", "key"])
    parts = pa.ListArray.from_arrays(pa.array(range(end - start + 1), pa.int32()), part)
    return pa.record_batch([key, value, part, parts], ["id", "text", "part", "parts"])

def write(writer, dictionary):
    with writer:
        for start, end in [(0, 4), (4, 8), (8, 10)]:
            writer.write_batch(coded(start, end, dictionary(start, end)))

schema = coded(0, 4, texts).schema
write(pa.ipc.new_file("coded.arrow", schema), lambda start, end: texts[::-1])
# Each batch brings a dictionary of its own, or adds to the one before.
write(pa.ipc.new_stream("replaced.arrow", schema), lambda start, end: texts[start:end][::-1])
deltas = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
write(pa.ipc.new_stream("delta.arrow", schema, options=deltas), lambda start, end: texts[:end])
