"""Made the folders beside this file: pip install torch==2.13.0 transformers==5.18.0, then

    python make.py

Tiny random models as transformers saves them, with the logits that it computes for tokens.json in
float64 (its RoPE in float32), each position after those before it, by its eager attention.
"""
import json
import os

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen2Config, Qwen3Config

SIZES = dict(
    hidden_size=16,
    intermediate_size=24,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    vocab_size=40,
    initializer_range=0.3,
    bos_token_id=1,
    eos_token_id=2,
)
YARN = {
    "rope_type": "yarn",
    "rope_theta": 500.0,
    "factor": 4.0,
    "beta_fast": 2.0,
    "beta_slow": 0.1,
    "original_max_position_embeddings": 16,
}
CONFIGS = {
    "qwen3": Qwen3Config(head_dim=10, tie_word_embeddings=True, **SIZES),
    "qwen3-bias-yarn": Qwen3Config(
        head_dim=16, attention_bias=True, max_position_embeddings=64, rope_parameters=YARN, **SIZES
    ),
    "llama-attention-bias": LlamaConfig(attention_bias=True, **SIZES),
    "llama-yarn": LlamaConfig(
        head_dim=8,
        max_position_embeddings=64,
        rope_parameters=YARN | {"mscale": 0.7, "mscale_all_dim": 1.3, "truncate": False},
        **SIZES,
    ),
    "qwen2-yarn": Qwen2Config(
        max_position_embeddings=64, rope_parameters=YARN | {"attention_factor": 1.3}, **SIZES
    ),
    "llama-dynamic": LlamaConfig(
        head_dim=8,
        max_position_embeddings=10,
        rope_parameters={"rope_type": "dynamic", "rope_theta": 100.0, "factor": 3.0},
        **SIZES,
    ),
    "qwen3-dynamic": Qwen3Config(
        head_dim=6,
        max_position_embeddings=16,
        rope_parameters={"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 2.0},
        **SIZES,
    ),
}
TOKENS = 24

os.chdir(os.path.dirname(os.path.abspath(__file__)))
torch.manual_seed(0)
ids = torch.randint(0, SIZES["vocab_size"], (1, TOKENS))
with open("tokens.json", "w") as file:
    json.dump(ids[0].tolist(), file)
for name, config in CONFIGS.items():
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager")
    with torch.no_grad():
        for key, value in model.named_parameters():
            if "norm" in key:
                value.add_(0.3 * torch.randn_like(value))
            if key.endswith("bias"):
                value.normal_(0, 0.5)
        model.save_pretrained(name)
        logits = model.double()(ids).logits[0]
    save_file({"logits": logits.float().contiguous()}, f"{name}/logits.safetensors")
