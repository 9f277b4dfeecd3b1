// node read-safetensors.mjs FILE: its tensors as JSON.
import { readSafetensors } from "./safetensors.mjs";

console.log(JSON.stringify(readSafetensors(process.argv[2])));
