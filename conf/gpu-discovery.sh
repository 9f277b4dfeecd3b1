#!/usr/bin/env bash
# Tells Spark which GPUs this machine has, in the JSON that Spark reads from a discovery script.
set -euo pipefail

# Executors inherit the variable, and CUDA numbers what it names. Without it, nvidia-smi lists indices
# in the order of the bus, as CUDA does with CUDA_DEVICE_ORDER=PCI_BUS_ID; where a GPU is cut in parts
# (MIG), only UUIDs tell them apart, those of the parts in place of their GPU's.
if [[ -n ${CUDA_VISIBLE_DEVICES+set} ]]; then
  names=$(tr , '\n' <<<"${CUDA_VISIBLE_DEVICES// /}")
elif list=$(nvidia-smi -L) && [[ $list == *"UUID: MIG-"* ]]; then
  names=$(sed -n 's/.*UUID: \([^)]*\)).*/\1/p' <<<"$list" |
    awk '/^MIG-/ { whole = ""; print; next } { if (whole) print whole; whole = $0 } END { if (whole) print whole }')
else
  names=$(nvidia-smi --query-gpu=index --format=csv,noheader | sed 's/ //g')
fi
echo "{\"name\": \"gpu\", \"addresses\": [$(sed '/^$/d; s/.*/"&"/' <<<"$names" | paste -sd, -)]}"
