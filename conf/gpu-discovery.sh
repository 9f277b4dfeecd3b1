#!/usr/bin/env bash
# Tells Spark which GPUs this machine has, in the JSON that Spark reads from a discovery script.
set -euo pipefail

# The index is the device number of CUDA as long as CUDA_VISIBLE_DEVICES hides none from executors.
addresses=$(nvidia-smi --query-gpu=index --format=csv,noheader | sed 's/ //g; s/.*/"&"/' | paste -sd, -)
echo "{\"name\": \"gpu\", \"addresses\": [$addresses]}"
