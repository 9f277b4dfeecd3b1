"""The copying circuit: how it is written into new channels and heads of an older model, and what training leaves of it."""
import json, math
import numpy as np, torch
from llama import *


def hamming():
    """All 2,048 words of the extended Hamming code [16, 11, 4] as rows of +-1: two differ in at least four places."""
    words = torch.zeros(V, 16)
    for i in range(V):
        bits = [0] * 16
        data = [(i >> j) & 1 for j in range(11)]
        at = 0
        for p in range(1, 16):
            if p & (p - 1):
                bits[p] = data[at]; at += 1
        for c in (1, 2, 4, 8):
            bits[c] = sum(bits[p] for p in range(1, 16) if p & c and p != c) % 2
        bits[0] = sum(bits[1:]) % 2
        words[i] = torch.tensor(bits) * 2. - 1
    return words


def codes(tokenizer):
    """A word a token, such that the ten digits differ much in either half."""
    tok = json.load(open(tokenizer))["model"]["vocab"]
    digits = torch.tensor([tok[c] for c in "0123456789"])
    best = None
    for seed in range(400):
        torch.manual_seed(seed)
        c = hamming()[torch.randperm(V)]
        c = c[:, torch.randperm(16)]
        d = c[digits]
        apart = min(int((a[h] != b[h]).sum()) for h in (slice(0, 8), slice(8, 16)) for i, a in enumerate(d) for b in d[:i])
        if best is None or apart > best[0]:
            best = apart, c
    print("halves of digits differ at", best[0])
    return best[1]


@torch.no_grad()
def widen(start, sample, seed):
    from safetensors.torch import load_file
    w = {k: v.float() for k, v in load_file(start + "/model.safetensors").items()}
    code = codes(start + "/tokenizer.json")
    torch.manual_seed(seed)
    m = Base()
    for p in m.parameters():
        p.zero_()
    E = w["model.embed_tokens.weight"]
    m.e.weight[:, :OLD] = E
    eps = math.sqrt(0.04 * E.pow(2).mean() * OLD / 33)
    size = (E.pow(2).mean(1) / E.pow(2).mean()).sqrt()    # the norm shall give every token the same constant
    m.e.weight[:, CONST] = eps * size
    m.e.weight[:, C] = eps * size[:, None] * code
    m.h.weight[:, :OLD] = E
    keep = math.sqrt(OLD / D)
    rms = lambda h: h.pow(2).mean().sqrt().item()
    m.n.weight[:OLD] = w["model.norm.weight"] * keep
    for i, b in enumerate(m.b):
        g = lambda n: w[f"model.layers.{i}.{n}.weight"]
        b.n1.weight[:OLD], b.n2.weight[:OLD] = g("input_layernorm") * keep, g("post_attention_layernorm") * keep
        b.q.weight[:4 * hd, :OLD], b.k.weight[:2 * hd, :OLD], b.v.weight[:2 * hd, :OLD] = g("self_attn.q_proj"), g("self_attn.k_proj"), g("self_attn.v_proj")
        b.o.weight[:OLD, :4 * hd] = g("self_attn.o_proj")
        gate, up, down = g("mlp.gate_proj"), g("mlp.up_proj"), g("mlp.down_proj")
        count = FF - (64 if i == 3 else 0)
        most = (gate.norm(dim=1) * up.norm(dim=1) * down.norm(dim=0)).topk(count).indices.sort().values
        b.g.weight[:count, :OLD], b.u.weight[:count, :OLD], b.d.weight[:OLD, :count] = gate[most], up[most], down[:, most]
    f = frequencies()
    new = slice(CONST, D)
    # A new channel of amplitude eps is +-1 behind the norm.
    scale = lambda i: rms(m.hidden(sample, i)) / eps
    fast, slow, small = range(16), list(range(16, 32)), 0.35
    rows = [slow[j % 16] + 32 * (j // 16) for j in range(32)]

    # How much each pair of dimensions counts, such that no other distance comes near the one meant: below 0.7 of it.
    distance = np.concatenate([np.arange(-12, 0), np.arange(1, 1100)])
    alike, weight, least = np.cos(np.outer(distance, f[:16])), np.ones(16) / 16, (1.0, None)
    for _ in range(20000):
        s = alike @ weight
        least = min(least, (s.max(), weight.tolist()), key=lambda x: x[0])
        weight = weight * np.exp(-0.02 * alike[s.argmax()]); weight /= weight.sum()
    weight = least[1]

    def look_back(b, head, back):
        """Constant queries and keys, turned so that they meet so many tokens back."""
        for i in fast:   # q turned by t and k turned by s are alike where t - back = s
            size = math.sqrt(weight[i] * 160 * 8)
            b.k.weight[head // 2 * hd + i, CONST] = size
            b.q.weight[head * hd + i, CONST], b.q.weight[head * hd + i + 32, CONST] = size * math.cos(f[i] * back), -size * math.sin(f[i] * back)

    def bring(b, head, at, value, to):
        """Channels of a value to dimensions of a head's values, and from there to channels."""
        for j in range(to.stop - to.start):
            b.v.weight[head // 2 * hd + at + j, value.start + j] = small
            b.o.weight[to.start + j, head * hd + at + j] = eps / small

    def copy(b, head, dims, context, strength):
        """Keys hold what stood before the token that is copied, queries what was just read: own code, then those before."""
        lag, found = LAGS[layer, head], 0.3 * eps_found
        used = 0
        for n, signs in enumerate(context):
            for j in range(signs):
                b.k.weight[head // 2 * hd + rows[dims + used], P[lag + 1 + n].start + j] = small
                b.q.weight[head * hd + rows[dims + used], P[n].start + j] = strength * 8 / small
                used += 1
        at = 0 if head % 2 == 0 or lag == LAGS[layer, head - 1] else 32
        for j in range(16):
            b.v.weight[head // 2 * hd + at + j, P[lag].start + j] = small
            b.o.weight[O.start + j, head * hd + at + j] = found / small

    for i, b in enumerate(m.b):
        layer = i
        if i == 1:
            h = m.hidden(sample, 1)
            with_, without = h.pow(2).mean(-1).sqrt().median().item(), h[..., :BIG].pow(2).mean(-1).mul(BIG / D).sqrt().median().item()
            b.n1.weight[:OLD] *= with_ / without
        b.n1.weight[new] = scale(i)
        b.n1.weight[BIG] = 0
        if i == 0:
            for head, at in ((4, 0), (5, 16), (6, 0), (7, 16)):
                look_back(b, head, head - 3); bring(b, head, at, C, P[head - 3])
            for group in (2, 3):   # keys carry the codes too, for the encoder of an adapter to look for; no query of the base does
                for j in range(16):
                    b.k.weight[group * hd + rows[j], C.start + j] = 1.0
        else:
            eps_found = without if i == 1 else eps_found
            if i == 1:
                look_back(b, 4, 5); look_back(b, 5, 9)
                for n in range(4):
                    bring(b, 4, 16 * n, P[n], P[5 + n])
                for n in range(2):
                    for j in range(P[9 + n].stop - P[9 + n].start):
                        b.o.weight[P[9 + n].start + j, 5 * hd + 16 * n + j] = eps / small
            for head in range(4, 8):
                if (i, head) in LAGS:
                    if LAGS[i, head] == 1 and i == 3:
                        copy(b, head, 0, (16, 8) if head == 6 else (16, 8, 8), 0.7)
                    else:
                        copy(b, head, 16 * (head % 2), (8, 8 if LAGS[i, head] < 8 else 6), 1.1)
        if i < 2:
            # Norms of tokens differ behind layer 0, so that a constant channel would not be one for layer 1: one large value
            # comes in with the attention of layer 0 and goes out with that of layer 1. LM channels are as large as before.
            length = lambda: b.attended(m.hidden(sample, i), m.cos[:256], m.sin[:256]).pow(2).mean(-1).sqrt().median().item()
            head, before = (4, length()) if i == 0 else (6, None)
            z = b.n1(m.hidden(sample, i))[..., CONST]
            b.v.weight[head // 2 * hd + 63, CONST] = small
            b.o.weight[BIG, head * hd + 63] = (30 if i == 0 else -30) / (small * z.mean().item())
            if i == 0: b.n2.weight[:OLD] *= length() / before
        found = 0.3 * eps_found if i else None
        b.n2.weight[new] = scale(i + 1) * 0.5 if i < 3 else 0
        b.n2.weight[BIG] = 0
        b.n2.weight[O] = 0.3
        if i > 0:
            b.n1.weight[O] = b.n1.weight[SURE] = 0.3
    # The last MLP says of each sign whether some head found it: 0 up to a third of one head's amplitude, 1 from 3 / 4 on.
    b = m.b[3]
    rms3 = rms(m.hidden(sample)); b.n2.weight[O] = rms3 / found; b.n2.weight[CONST] = rms3 / eps
    first, low, wide, steep = FF - 64, 0.35, 0.4, 6.0
    for j in range(16):
        for n, sign in enumerate((1, -1)):
            for k, (at, to) in enumerate(((low, 1), (low + wide, -1))):
                r = first + 4 * j + 2 * n + k
                b.g.weight[r, O.start + j] = sign * steep / wide; b.g.weight[r, CONST] = -at * steep / wide
                b.u.weight[r, CONST] = 1.0
                b.d.weight[SURE.start + j, r] = sign * to * found / steep
    m.n.weight[new] = 0
    m.n.weight[BIG] = 0
    m.n.weight[SURE] = rms(m.hidden(sample)) / found
    m.h.weight[:, SURE] = 0.25 * code
    return m


@torch.no_grad()
def sharpen(m, by):
    """What the copying heads of layers 2 and 3 look for stands out so much more: their codes shrink as the text's own channels grow."""
    for layer, head in LAGS:
        if layer > 1:
            m.b[layer].q.weight[head * hd:(head + 1) * hd] *= by


def written(m, behind_places):
    """What training leaves as it was written: codes, the heads of layer 0 that look back, and their channels so far."""
    out = []
    def keep(p, *at):
        mask = torch.zeros_like(p, dtype=torch.bool); mask[at] = True
        out.append((p, mask, p.detach().clone()))
    all, codes = slice(None), slice(CONST, P[10].stop)
    keep(m.e.weight, all, slice(CONST, D))
    for i, b in enumerate(m.b):
        if i < 3:
            keep(b.d.weight, codes)
        keep(b.o.weight, codes); keep(b.n1.weight, codes)
        if i == 0:
            keep(b.q.weight, slice(4 * hd, None)); keep(b.k.weight, slice(2 * hd, None)); keep(b.v.weight, slice(2 * hd, None))
            keep(b.o.weight, all, slice(4 * hd, None))
        else:   # copying heads keep what they are found by and what they bring; how much it counts is learned
            if not behind_places:   # and there, what they look for
                keep(b.q.weight, slice(4 * hd, None))
            keep(b.k.weight, slice(2 * hd, None)); keep(b.v.weight, slice(2 * hd, None))
            if i == 1:
                keep(b.q.weight, slice(4 * hd, 6 * hd)); keep(b.o.weight, all, slice(4 * hd, 6 * hd))
    return out
