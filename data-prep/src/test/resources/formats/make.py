"""Makes the files of this folder: the same ten documents as others write them.

pip install datasets zstandard (made with datasets 5.0.1, pyarrow 25.0.1, zstandard 0.25.0), then
python make.py beside ../text/tom-sawyer-excerpt.txt; gzip 1.12, bzip2 1.0.8 and zstd 1.5.4 are the
standard tools. documents.txt.gz and the like hold the first document alone.
"""
import json, subprocess
import datasets, pyarrow, pyarrow.parquet
book = open("../text/tom-sawyer-excerpt.txt", encoding="utf-8").read()
texts = [book[i * 900:(i + 1) * 900] + f" café № {i} \U0001F600" for i in range(10)]
rows = [{"id": f"d{i}", "text": t, "score": float("nan")} for i, t in enumerate(texts)]
ds = datasets.Dataset.from_list(rows)
lines = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
open("documents.jsonl", "w", encoding="utf-8").write(lines)
open("bom.jsonl", "w", encoding="utf-8-sig").write(lines)
open("utf16.jsonl", "w", encoding="utf-16").write(lines)
open("lines.json", "w", encoding="utf-8").write(lines)
open("list.json", "w", encoding="utf-8").write(json.dumps(rows, indent=2))
open("bom.json", "w", encoding="utf-8-sig").write(json.dumps(rows))
open("values.json", "w", encoding="utf-8").write("".join(json.dumps(r, indent=1) + "\n" for r in rows))
ds.to_json("datasets.json.gz", compression="gzip")
ds.to_parquet("datasets.parquet")
pyarrow.parquet.write_table(ds.data.table, "zstd.parquet", compression="zstd", row_group_size=3)
pyarrow.parquet.write_table(ds.data.table, "lz4.PARQUET", compression="lz4", data_page_version="2.0")
pyarrow.parquet.write_table(ds.data.table, "gzip.parquet", compression="gzip", write_page_checksum=True)
pyarrow.parquet.write_table(ds.data.table, "plain.parquet", compression="none", use_dictionary=False)
for codec in ["lz4", "zstd"]:
    options = pyarrow.ipc.IpcWriteOptions(compression=codec)
    with pyarrow.ipc.new_file(f"{codec}.arrow", ds.data.table.schema, options=options) as out:
        out.write_table(ds.data.table.combine_chunks(), max_chunksize=4)
chat = [{"messages": [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": f"{i}"}]} for i in range(3)]
datasets.Dataset.from_list(chat).to_parquet("messages.parquet")
open("document.txt", "w", encoding="utf-8").write(texts[0])
open("bom.txt", "w", encoding="utf-8-sig").write(texts[0])
for e in ["utf-16", "utf-16-be", "utf-32"]:
    data = ("\ufeff" if e == "utf-16-be" else "") + texts[0]
    open(f"{e}.txt", "w", encoding=e, newline="").write(data)
for tool, end in [("gzip -kn", "gz"), ("bzip2 -k", "bz2"), ("zstd -kq --check", "zst")]:
    for name in ["documents.jsonl", "document.txt", "list.json"]:
        subprocess.run(f"{tool} {name}", shell=True, check=True)
subprocess.run("mv list.json.zst LIST.JSON.ZST; mv documents.jsonl.bz2 DOCUMENTS.Jsonl.Bz2", shell=True, check=True)
