"""A Llama of the base's shape, its channels, and how it reads: text by itself, and behind places that stand for several tokens."""
import json, math
import torch, torch.nn as nn, torch.nn.functional as F

V, L, H, K, hd, FF, OLD = 2048, 4, 8, 4, 64, 624, 256
# New channels: a constant, a token's own code of 16 signs, codes of the tokens 1 to 10 before it, what copying heads found,
# and whether it is enough.
BACK, START = [16] * 8 + [8, 6], 273
CONST, C = 256, slice(257, 273)
P = [C] + [slice(START + sum(BACK[:i]), START + sum(BACK[:i + 1])) for i in range(10)]
O, SURE, BIG = slice(415, 431), slice(431, 447), 447
D = 448
# Copying heads: (layer, head) and how many tokens back of where it looks the token stands that it copies.
LAGS = {(1, 6): 1, (1, 7): 2, (2, 4): 3, (2, 5): 4, (2, 6): 5, (2, 7): 6, (3, 4): 7, (3, 5): 8, (3, 6): 1, (3, 7): 1}
ROPE = dict(rope_type="llama3", factor=32.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=512)
CONFIG = dict(architectures=["LlamaForCausalLM"], model_type="llama", hidden_size=D, intermediate_size=FF, num_hidden_layers=L,
              num_attention_heads=H, num_key_value_heads=K, head_dim=hd, vocab_size=V, hidden_act="silu", rms_norm_eps=1e-5, rope_theta=10000.0,
              rope_scaling=ROPE, max_position_embeddings=512, tie_word_embeddings=False, bos_token_id=0, eos_token_id=0, torch_dtype="bfloat16")
LONGEST, SEGMENT, RATIOS = 2048, 256, (4, 8, 8, 16)


def frequencies():
    f = 10000.0 ** (-torch.arange(0, hd, 2).double() / hd)
    wave = 2 * math.pi / f
    n = ROPE["original_max_position_embeddings"]
    smooth = ((n / wave) - 1.0) / (4.0 - 1.0)
    mixed = (1 - smooth) * f / ROPE["factor"] + smooth * f
    return torch.where(wave > n, f / ROPE["factor"], torch.where(wave < n / 4.0, f, mixed))


class Layer(nn.Module):
    def __init__(s):
        super().__init__()
        lin = lambda a, b: nn.Linear(a, b, bias=False)
        s.n1, s.n2 = nn.RMSNorm(D, 1e-5), nn.RMSNorm(D, 1e-5)
        s.q, s.k, s.v, s.o = lin(D, H * hd), lin(D, K * hd), lin(D, K * hd), lin(H * hd, D)
        s.g, s.u, s.d = lin(D, FF), lin(D, FF), lin(FF, D)

    def forward(s, x, cos, sin, kept=None, far=None, mask=None):
        x = s.attended(x, cos, sin, kept, far, mask)
        h = s.n2(x)
        return x + s.d(F.silu(s.g(h)) * s.u(h))

    def attended(s, x, cos, sin, kept=None, far=None, mask=None):
        """cos, sin: of the positions of far and x; far [b, M, D]: normed places before x, or None."""
        b, t, _ = x.shape
        h = s.n1(x)
        all = h if far is None else torch.cat([far, h], 1)
        M = all.shape[1] - t
        split = lambda y, n: y.view(b, -1, n, hd).transpose(1, 2)
        turn = lambda y, c, s: (y * c + torch.cat([-y[..., hd // 2:], y[..., :hd // 2]], -1) * s).to(y.dtype)
        q, k, v = turn(split(s.q(h), H), cos[M:], sin[M:]), turn(split(s.k(all), K), cos, sin), split(s.v(all), K)
        k, v = k.repeat_interleave(H // K, 1), v.repeat_interleave(H // K, 1)
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=torch.ones(t, M + t, dtype=torch.bool).tril(M) if mask is None else mask)
        if kept is not None:
            a = a * kept[:, :, None, None]
        return x + s.o(a.transpose(1, 2).reshape(b, t, -1))


class Base(nn.Module):
    def __init__(s, drop_every=3):
        super().__init__()
        s.drop_every = drop_every
        s.e, s.b, s.n, s.h = nn.Embedding(V, D), nn.ModuleList(Layer() for _ in range(L)), nn.RMSNorm(D, 1e-5), nn.Linear(D, V, bias=False)
        angle = torch.arange(LONGEST)[:, None] * frequencies()
        s.cos, s.sin = torch.cat([angle.cos()] * 2, -1).float(), torch.cat([angle.sin()] * 2, -1).float()

    def hidden(s, x, upto=None, kept=None):
        h = s.e(x)
        for i, b in enumerate(s.b[:upto]):
            h = b(h, s.cos[:x.shape[1]], s.sin[:x.shape[1]], None if kept is None else kept[i])
        return h

    def logits(s, x, kept=None):
        return s.h(s.n(s.hidden(x, kept=kept)))

    def forward(s, x, y, weight):
        with torch.autocast("cpu", torch.bfloat16):
            z = s.logits(x, s.dropped(len(x)))
        return (F.cross_entropy(z.float().flatten(0, 1), y.flatten(), reduction="none") * weight.flatten()).sum() / weight.sum()

    def far_logits(s, x, ratio, kept=None):
        """Logits of the last SEGMENT tokens of x [b, n]. Of the segments before them they see one place for each `ratio` tokens,
        which reads END behind them, in positions of its own, as memories have them; and logits of those segments, each read by itself."""
        b, n = x.shape
        m, M = SEGMENT // ratio, (n - SEGMENT) // ratio
        early, late = x[:, :-SEGMENT].reshape(-1, SEGMENT), s.e(x[:, -SEGMENT:])
        early = s.e(torch.cat([early, torch.zeros(len(early), m, dtype=torch.long)], 1))
        at = torch.cat([torch.arange(SEGMENT), (torch.arange(m) + 1) * ratio])
        seen = torch.eye(SEGMENT + m, dtype=torch.bool)
        seen[:SEGMENT, :SEGMENT] = True; seen[:SEGMENT, :SEGMENT] = seen[:SEGMENT, :SEGMENT].tril()
        for i in range(m):
            seen[SEGMENT + i, :(i + 1) * ratio] = True
        for i, layer in enumerate(s.b):
            far = layer.n1(early)[:, SEGMENT:].reshape(b, M, D)
            late = layer(late, s.cos[:M + SEGMENT], s.sin[:M + SEGMENT], None if kept is None else kept[i], far)
            early = layer(early, s.cos[at], s.sin[at], mask=seen)
        return s.h(s.n(early[:, :SEGMENT])).reshape(b, -1, V), s.h(s.n(late))

    def far_loss(s, x, y, weight, ratio, answer):
        with torch.autocast("cpu", torch.bfloat16):
            early, late = s.far_logits(x, ratio, s.dropped(len(x)))
        mean = lambda z, y, w: (F.cross_entropy(z.float().flatten(0, 1), y.flatten(), reduction="none") * w.flatten()).sum() / w.sum()
        w = weight[:, -SEGMENT:]
        return 0.25 * mean(early, y[:, :-SEGMENT], torch.ones(y[:, :-SEGMENT].shape)), mean(late, y[:, -SEGMENT:], torch.where(w > 1, answer, 1.0))

    def dropped(s, rows):
        """In some sequences three of four copying heads are missing: one that finds must be enough."""
        kept = torch.ones(L, rows, H)
        for layer, head in LAGS:
            some = kept[layer, 1::s.drop_every, head]
            some.copy_(torch.rand(some.shape) < 0.25)
        return kept


def names():
    m = {"e.weight": "model.embed_tokens.weight", "n.weight": "model.norm.weight", "h.weight": "lm_head.weight"}
    parts = dict(n1="input_layernorm", n2="post_attention_layernorm", q="self_attn.q_proj", k="self_attn.k_proj", v="self_attn.v_proj",
                 o="self_attn.o_proj", g="mlp.gate_proj", u="mlp.up_proj", d="mlp.down_proj")
    for i in range(L):
        m.update({f"b.{i}.{k}.weight": f"model.layers.{i}.{v}.weight" for k, v in parts.items()})
    return m


@torch.no_grad()
def exported(start):
    from safetensors.torch import load_file
    m, w = Base(), load_file(start + "/model.safetensors")
    m.load_state_dict({k: w[n].float() for k, n in names().items()})
    return m
