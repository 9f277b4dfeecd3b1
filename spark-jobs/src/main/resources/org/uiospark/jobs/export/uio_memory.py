"""Reads text of any length with a frozen base model and the memory adapter in this folder.

Needs torch and transformers 5 (tested with 5.18). From a shell:

    python uio_memory.py --prompt-file long.txt --max-new-tokens 100 [--model BASE_MODEL]

prints the likeliest continuation. From a program:

    from uio_memory import MemoryModel, Reader

    model = MemoryModel.load("runs/adapter", "llama")  # the folder of export, that of the base
    reader = Reader(model)
    reader.read(model.encode_text(book))               # once, in one piece or in many
    print(model.decode_text(reader.generate(model.encode_text(question), 100)))  # often
    print(model.losses(model.encode_text(book)))       # for each segment, in nats

The method (UIO-LLMs, arXiv 2406.18173): text is cut into segments of l tokens. The encoder, which
is the base with a LoRA on q and v, compresses a segment into m vectors in every layer. The transfer
head makes keys and values of them. The decoder, which is the base as it is, finds those of all
earlier segments in its cache, before the segment that it reads. The base's own layers compute all
of it: dense models of the Llama, Mistral, Qwen 2 and Qwen 3 families.
"""

import argparse
import copy
import json
import warnings
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModelForCausalLM, DynamicCache
from transformers.models.llama.modeling_llama import rotate_half

LORAS = {"encoder": ("q_proj", "v_proj"), "transfer": ("k_proj", "v_proj")}
SEGMENTS_AT_ONCE = 8


class MemoryModel:
    """A base with its adapter: segments to memories, and what follows behind them.

    A bank is a list that holds for each layer the keys (rotated) and values of all memories so far,
    [1, heads, rows, head size]. The bank of no memory is empty. No bank is ever changed.
    """

    def __init__(self, base, adapter, config, tokenizer, memory_tokens):
        self.base, self.layers, self.rotary = base, base.model.layers, base.model.rotary_emb
        self.tokenizer, self.segment, self.memories = tokenizer, config["segment_length"], memory_tokens
        self.adapter = {name: t.to(base.device, base.dtype) for name, t in adapter.items()}
        self.scale = config["lora_alpha"] / config["lora_rank"]

    @classmethod
    def load(cls, folder, base=None, memory_tokens=None, dtype=torch.float32, device="cpu"):
        """Loads an export whole, or raises ValueError.

        :param folder: what export wrote
        :param base: folder of the base; by default the one that base_model.json names
        :param memory_tokens: m, one that the adapter was trained with; by default the most
        """
        folder = Path(folder)
        config = json.loads((folder / "adapter_config.json").read_bytes())
        trained = config["memory_tokens"]
        trained = trained if isinstance(trained, list) else [trained]
        memory_tokens = memory_tokens or max(trained)
        if memory_tokens not in trained:
            raise ValueError(f"memory_tokens {memory_tokens}: the adapter was trained with {trained}")
        base = base or folder / json.loads((folder / "base_model.json").read_bytes())["path"]
        settings = AutoConfig.from_pretrained(base)
        window = getattr(settings, "sliding_window", None) or config["segment_length"] + 1
        if getattr(settings, "use_sliding_window", False) or window <= config["segment_length"]:
            raise ValueError(f"{base}: sliding attention within a segment is not supported")
        settings.sliding_window = None  # every token sees all memories
        model = AutoModelForCausalLM.from_pretrained(base, config=settings, dtype=dtype)
        if model.model.rotary_emb.rope_type == "dynamic":
            raise ValueError(f"{base}: dynamic RoPE is not supported here, its keys turn anew")
        adapter = load_file(folder / "adapter.safetensors")
        _require_fit(adapter, config, model)
        files = [Path(place) / "tokenizer.json" for place in (folder, base)]
        tokenizer = next((Tokenizer.from_file(str(f)) for f in files if f.is_file()), None)
        return cls(model.to(device).eval(), adapter, config, tokenizer, memory_tokens)

    def encode_text(self, text):
        """The tokens of a text, a list: nothing is cut, filled up or added."""
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def decode_text(self, ids):
        """The text of tokens."""
        return self.tokenizer.decode(ids, skip_special_tokens=False)

    def lora(self, name, x):
        """What a LoRA adds to the output of a projection for its input x."""
        down, up = (self.adapter[f"{name}.lora_{part}.weight"] for part in "AB")
        return F.linear(F.linear(x, down), up) * self.scale

    @contextmanager
    def encoder(self):
        """Within it the layers of the base have the encoder's LoRA."""
        hooks = []
        for i, layer in enumerate(self.layers):
            for name in LORAS["encoder"]:
                lora = f"encoder.layers.{i}.self_attn.{name}"
                add = lambda _, inputs, output, lora=lora: output + self.lora(lora, inputs[0])
                hooks.append(getattr(layer.self_attn, name).register_forward_hook(add))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    @torch.no_grad()
    def encode(self, segments):
        """Compresses segments, each by itself.

        :param segments: token ids [s, l]
        :return: for each layer what enters its attention at the memories, [s * m, hidden size]
        """
        l, m, device = self.segment, self.memories, self.base.device
        tokens = torch.arange(l, device=device)
        ends = (torch.arange(m, device=device) + 1) * (l // m)
        # Token j sees tokens up to j. Memory i sees the tokens before (i + 1) l / m, and itself.
        sees = torch.eye(l + m, dtype=torch.bool, device=device)
        sees[:, :l] |= tokens < torch.cat([tokens + 1, ends])[:, None]
        mask = torch.zeros(1, 1, l + m, l + m, dtype=self.base.dtype, device=device)
        mask.masked_fill_(~sees, torch.finfo(mask.dtype).min)
        memory = self.adapter["mem_embedding"].expand(len(segments), m, -1)
        x = torch.cat([self.base.model.embed_tokens(segments), memory], 1)
        rotation = self.rotary(x, torch.cat([tokens, ends])[None])
        memories = []
        with self.encoder():
            for layer in self.layers:
                memories.append(layer.input_layernorm(x)[:, l:].flatten(0, 1))
                if layer is not self.layers[-1]:  # whose attention nobody needs
                    x = layer(x, attention_mask=mask, position_embeddings=rotation)
        return memories

    @torch.no_grad()
    def transfer(self, memories, bank):
        """The bank with what encode gave behind it; its row r stands at position r."""
        before = bank[0][0].shape[2] if bank else 0
        rows = torch.arange(before, before + len(memories[0]), device=self.base.device)
        cos, sin = self.rotary(memories[0], rows[None])
        longer = []
        for i, (layer, memory) in enumerate(zip(self.layers, memories)):
            heads = []
            for name in LORAS["transfer"]:
                x = getattr(layer.self_attn, name)(memory)
                x = x + self.lora(f"transfer.layers.{i}.self_attn.{name}", memory)
                heads.append(x.view(len(rows), -1, layer.self_attn.head_dim))
            if hasattr(layer.self_attn, "k_norm"):  # Qwen 3
                heads[0] = layer.self_attn.k_norm(heads[0])
            keys, values = (x.transpose(0, 1)[None] for x in heads)
            new = keys * cos + rotate_half(keys) * sin, values
            longer.append(tuple(map(lambda *x: torch.cat(x, 2), bank[i], new)) if bank else new)
        limit = self.base.config.max_position_embeddings
        if before + len(rows) + self.segment > limit:
            warnings.warn(f"the text reaches beyond the {limit} positions of the base")
        return longer

    @torch.no_grad()
    def decode(self, ids, cache):
        """Reads tokens behind a cache, which takes them in; positions run on behind its rows.

        :param ids: tokens of a segment, a list
        :param cache: of a bank (as_cache), then of the segment so far
        :return: logits of the token after each, [tokens, vocabulary]
        """
        ids = torch.tensor([ids], device=self.base.device)
        return self.base(input_ids=ids, past_key_values=cache, use_cache=True).logits[0].float()

    def remember(self, ids, bank):
        """The bank with the memories of whole segments behind it; ids is a list."""
        segments = torch.tensor(ids, device=self.base.device).view(-1, self.segment)
        for some in segments.split(SEGMENTS_AT_ONCE):
            bank = self.transfer(self.encode(some), bank)
        return bank

    def losses(self, ids, labels=None):
        """For each segment the sum of the cross-entropy of the next tokens, in nats.

        :param ids: tokens of a text, a list
        :param labels: as in transformers: that of token j is predicted at j - 1, and -100 counts
            nowhere; by default the tokens
        """
        labels, bank, sums = labels or ids, [], []
        for start in range(0, len(ids), self.segment):
            end = start + self.segment
            wanted = torch.tensor(labels[start + 1 : end + 1], dtype=torch.long)
            logits = self.decode(ids[start:end], as_cache(bank))[: len(wanted)].cpu()
            sums.append(F.cross_entropy(logits, wanted, reduction="sum").item())
            if end < len(ids):  # nobody reads the last one
                bank = self.remember(ids[start:end], bank)
        return sums


class Reader:
    """Reads on and on: a segment that more text follows becomes memories and leaves the cache."""

    def __init__(self, model):
        self.model, self.bank, self.waiting, self.cache = model, [], [], None

    def read(self, ids):
        """Reads a list of at least one token; returns the logits of the next, [vocabulary]."""
        new, segment = list(ids), self.model.segment
        waiting = self.waiting + new
        whole = (len(waiting) - 1) // segment * segment
        if whole:
            self.bank, self.cache = self.model.remember(waiting[:whole], self.bank), None
        self.waiting = waiting[whole:]
        if self.cache is None:
            self.cache, new = as_cache(self.bank), self.waiting
        return self.model.decode(new, self.cache)[-1]

    def generate(self, ids, max_new_tokens, choose=lambda logits: int(logits.argmax())):
        """Continues what was read and ids behind it, and leaves this reader where it is.

        :param ids: a list of at least one token
        :param choose: logits to a token; by default the likeliest
        :return: the new tokens, without one that ends the text
        """
        reader = copy.copy(self)
        reader.cache = None
        base, stops, new = self.model.base, set(), []
        for ends in (base.config.eos_token_id, base.generation_config.eos_token_id):
            stops.update(ends if isinstance(ends, list) else [ends])
        while len(new) < max_new_tokens:
            token = choose(reader.read(new[-1:] or ids))
            if token in stops:
                break
            new.append(token)
        return new


def as_cache(bank):
    """A bank as what the base has read before."""
    cache = DynamicCache()
    for i, (keys, values) in enumerate(bank):
        cache.update(keys, values, i)
    return cache


def _require_fit(adapter, config, base):
    rank, size = config["lora_rank"], base.config.hidden_size
    shapes = {"mem_embedding": (size,)}
    if config.get("repeat_embedding"):
        shapes["repeat_embedding"] = (size,)
    for i, layer in enumerate(base.model.layers):
        for part, name in ((part, name) for part, names in LORAS.items() for name in names):
            lora = f"{part}.layers.{i}.self_attn.{name}.lora_"
            shapes[f"{lora}A.weight"] = (rank, size)
            shapes[f"{lora}B.weight"] = (getattr(layer.self_attn, name).out_features, rank)
    for name in sorted(shapes.keys() | adapter.keys()):
        found = tuple(adapter[name].shape) if name in adapter else "none"
        if found != shapes.get(name, "none") or not adapter[name].isfinite().all():
            raise ValueError(f"tensor {name} of the adapter is {found} or not finite; this base needs {shapes.get(name, 'none')}")


def main():
    parser = argparse.ArgumentParser(description="Continues a prompt of any length.")
    parser.add_argument("--adapter", default=Path(__file__).parent, help="default: this folder")
    parser.add_argument("--model", help="folder of the base; default: that of base_model.json")
    parser.add_argument("--prompt-file", type=Path, required=True, help="UTF-8")
    parser.add_argument("--max-new-tokens", type=int, default=128)
    args = parser.parse_args()
    model = MemoryModel.load(args.adapter, args.model)
    prompt = model.encode_text(args.prompt_file.read_bytes().decode("utf-8-sig"))
    print(model.decode_text(Reader(model).generate(prompt, args.max_new_tokens)))


if __name__ == "__main__":
    main()
