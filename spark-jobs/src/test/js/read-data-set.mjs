// node read-data-set.mjs FOLDER: the rows of a data set as JSON, read with Apache Arrow.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";

const folder = process.argv[2];
const state = JSON.parse(readFileSync(join(folder, "state.json"), "utf8"));
const rows = [];
let schema;
for (const { filename } of state._data_files) {
  const table = tableFromIPC(readFileSync(join(folder, filename)));
  schema = Object.fromEntries(table.schema.fields.map((field) => [field.name, `${field.type}`]));
  for (const row of table) {
    rows.push({
      input_ids: Array.from(row.input_ids),
      doc_id: row.doc_id,
      offset: Number(row.offset),
    });
  }
}
console.log(JSON.stringify({ schema, rows }));
