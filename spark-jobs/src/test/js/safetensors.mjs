// A reader of safetensors written from the page of the format
// (https://github.com/huggingface/safetensors#format), and from nothing of this project.
import { readFileSync } from "node:fs";

/** The tensors of a file by name: { dtype, shape, values }, values as numbers. Only F32 is read. */
export function readSafetensors(path) {
  const file = readFileSync(path);
  const size = Number(file.readBigUInt64LE(0));
  const header = file.subarray(8, 8 + size).toString("utf8");
  if (!header.startsWith("{")) throw new Error(`${path}: the header does not start with {`);
  const buffer = file.subarray(8 + size);
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(header);
  if (!Object.values(metadata).every((value) => typeof value === "string"))
    throw new Error(`${path}: __metadata__ maps to text only`);
  const tensors = {};
  const order = Object.entries(entries).sort((a, b) => a[1].data_offsets[0] - b[1].data_offsets[0]);
  let end = 0;
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of order) {
    if (from !== end) throw new Error(`${path}: ${name} starts at ${from}, the one before ends at ${end}`);
    if (dtype !== "F32") throw new Error(`${path}: ${name} is ${dtype}`);
    const count = shape.reduce((a, b) => a * b, 1);
    if (to - from !== 4 * count) throw new Error(`${path}: ${name} has ${to - from} bytes, shape ${shape}`);
    const values = Array.from({ length: count }, (_, i) => buffer.readFloatLE(from + 4 * i));
    tensors[name] = { dtype, shape, values };
    end = to;
  }
  if (end !== buffer.length) throw new Error(`${path}: ${buffer.length - end} bytes belong to no tensor`);
  return tensors;
}
