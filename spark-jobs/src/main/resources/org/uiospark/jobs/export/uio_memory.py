"""Reads text of any length with a frozen base model and the memory adapter of this folder.

    python uio_memory.py --prompt-file long.txt --max-new-tokens 100 [--model BASE_MODEL]

prints the likeliest continuation (needs torch and transformers 5, tested with 5.18). In a program:

    from uio_memory import MemoryModel, Reader

    model = MemoryModel("runs/adapter", "llama")  # folders: what export wrote, the base model
    reader = Reader(model)
    reader.read(model.encode_text(book))  # once, whole or in parts; then ask often:
    print(model.tokenizer.decode(reader.generate(model.encode_text(question), 100)))
    print(model.losses(model.encode_text(book)))  # of each segment, in nats

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
from contextlib import ExitStack, contextmanager
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModelForCausalLM, DynamicCache
from transformers.models.llama.modeling_llama import rotate_half

LORAS = {"encoder": ("q_proj", "v_proj"), "transfer": ("k_proj", "v_proj")}


class MemoryModel:
    """A base with its adapter: segments to memories, and what follows behind them.

    A bank is a list that holds for each layer the keys (rotated) and values of all memories so far,
    [1, heads, rows, head size]. The bank of no memory is empty. No bank is ever changed.
    """

    def __init__(self, folder, base=None, memory_tokens=None, dtype=torch.float32, device="cpu"):
        """Loads an export whole, or raises ValueError.

        :param folder: what export wrote
        :param base: folder of the base; by default the one that base_model.json names
        :param memory_tokens: m, one that the adapter was trained with; by default the most
        """
        folder = Path(folder)
        config = json.loads((folder / "adapter_config.json").read_bytes())
        trained = config["memory_tokens"]
        trained = trained if isinstance(trained, list) else [trained]
        self.segment, self.memories = config["segment_length"], memory_tokens or max(trained)
        if self.memories not in trained:
            raise ValueError(f"{folder}: trained with memory_tokens {trained}, not {memory_tokens}")
        base = base or folder / json.loads((folder / "base_model.json").read_bytes())["path"]
        settings = AutoConfig.from_pretrained(base)
        settings.sliding_window = None  # longer than a segment, and all memories are seen
        model = AutoModelForCausalLM.from_pretrained(base, config=settings, dtype=dtype)
        self.base, self.layers = model.to(device).eval(), model.model.layers
        self.rotary = model.model.rotary_emb
        if self.rotary.rope_type == "dynamic":
            raise ValueError(f"{base}: dynamic RoPE is not supported here, its keys turn anew")
        adapter = load_file(folder / "adapter.safetensors")
        _require_fit(adapter, config, model)
        self.adapter = {name: tensor.to(device, dtype) for name, tensor in adapter.items()}
        self.scale = config["lora_alpha"] / config["lora_rank"]
        files = [Path(place) / "tokenizer.json" for place in (folder, base)]
        self.tokenizer = next((Tokenizer.from_file(str(f)) for f in files if f.is_file()), None)

    def encode_text(self, text):
        """The tokens of a text, a list: nothing is cut, filled up or added."""
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def lora(self, name, x):
        """What a LoRA adds to the output of a projection for its input x."""
        down, up = (self.adapter[f"{name}.lora_{part}.weight"] for part in "AB")
        return F.linear(F.linear(x, down), up) * self.scale

    @contextmanager
    def encoder(self):
        """Within it the layers of the base have the encoder's LoRA."""
        with ExitStack() as hooks:
            for i, layer in enumerate(self.layers):
                for name in LORAS["encoder"]:
                    lora = f"encoder.layers.{i}.self_attn.{name}"
                    add = lambda _, inputs, output, lora=lora: output + self.lora(lora, inputs[0])
                    hooks.enter_context(getattr(layer.self_attn, name).register_forward_hook(add))
            yield

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
            new = (keys * cos + rotate_half(keys) * sin, values)
            longer.append(tuple(torch.cat(x, 2) for x in zip(bank[i], new)) if bank else new)
        return longer

    @torch.no_grad()
    def decode(self, ids, cache):
        """Reads tokens behind a cache, which takes them in; positions run on behind its rows.

        :param ids: tokens of a segment, a list
        :param cache: DynamicCache(bank), or what it is after some tokens
        :return: logits of the token after each, [tokens, vocabulary]
        """
        limit = self.base.config.max_position_embeddings
        if cache.get_seq_length() + len(ids) > limit:
            warnings.warn(f"the text reaches beyond the {limit} positions of the base")
        ids = torch.tensor([ids], device=self.base.device)
        return self.base(input_ids=ids, past_key_values=cache, use_cache=True).logits[0].float()

    def remember(self, ids, bank):
        """The bank with the memories of whole segments behind it; ids is a list."""
        segments = torch.tensor(ids, device=self.base.device).view(-1, self.segment)
        for some in segments.split(8):  # at once
            bank = self.transfer(self.encode(some), bank)
        return bank

    def losses(self, ids, labels=None):
        """For each segment the sum of the cross-entropy of the next tokens, in nats.

        :param ids: tokens of a text, a list
        :param labels: as in transformers (not shifted, -100 counts nowhere); by default ids
        """
        labels, bank, sums = labels or ids, [], []
        for start in range(0, len(ids), self.segment):
            end = start + self.segment
            wanted = torch.tensor(labels[start + 1 : end + 1], dtype=torch.long)
            logits = self.decode(ids[start:end], DynamicCache(bank))[: len(wanted)].cpu()
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
            self.cache, new = DynamicCache(self.bank), self.waiting
        return self.model.decode(new, self.cache)[-1]

    def generate(self, ids, max_new_tokens, choose=lambda logits: int(logits.argmax())):
        """Continues what was read and ids behind it, and leaves this reader where it is.

        :param ids: a list of tokens, at least one where nothing was read
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


def _require_fit(adapter, config, base):
    vectors = ["mem_embedding"] + ["repeat_embedding"] * bool(config.get("repeat_embedding"))
    rank, size = config["lora_rank"], base.config.hidden_size
    shapes = {name: (size,) for name in vectors}
    for i, layer in enumerate(base.model.layers):
        for part, name in ((part, name) for part, names in LORAS.items() for name in names):
            lora = f"{part}.layers.{i}.self_attn.{name}.lora_"
            shapes[f"{lora}A.weight"] = (rank, size)
            shapes[f"{lora}B.weight"] = (getattr(layer.self_attn, name).out_features, rank)
    for name in sorted(shapes.keys() | adapter.keys()):
        found = tuple(adapter[name].shape) if name in adapter else None
        if found != shapes.get(name):
            raise ValueError(f"adapter tensor {name}: base needs {shapes.get(name)}, found {found}")
        if not adapter[name].isfinite().all():
            raise ValueError(f"adapter tensor {name} is not finite; the adapter is damaged")


def main():
    parser = argparse.ArgumentParser(description="Continues a prompt of any length.")
    parser.add_argument("--model", help="folder of the base; default: that of base_model.json")
    parser.add_argument("--prompt-file", type=Path, required=True, help="UTF-8")
    parser.add_argument("--max-new-tokens", type=int, default=128)
    args = parser.parse_args()
    model = MemoryModel(Path(__file__).parent, args.model)
    prompt = model.encode_text(args.prompt_file.read_bytes().decode("utf-8-sig"))
    new = Reader(model).generate(prompt, args.max_new_tokens)
    print(model.tokenizer.decode(new, skip_special_tokens=False))


if __name__ == "__main__":
    main()
