"""Trains the embedded base: a small Llama that copies what it has read within its window.

  pip install torch numpy regex safetensors
  python make_base.py init   --out RUN --from OLD-MODEL --books DIR
  python make_base.py train  --out RUN --books DIR [--cases FILE,..] --steps N --lr R
  python make_base.py probe  --out RUN --books DIR [--cases FILE]
  python make_base.py mean   --out RUN --states FILE,..
  python make_base.py export --out RUN --to DIR

`init` widens an older model of the same tokenizer (4 layers, 256 channels) and writes the copying circuit into new channels
and heads (README): heads that look back, and heads that look for tokens which followed what was just read (induction heads,
arXiv 2209.11895). Of a model that was made so, as the embedded one, it takes the weights as they are. `train` goes on from
RUN, with books, repeats and cases of the command `recall`; a run that is stopped goes on from its last state, within the
steps and minutes of all its runs. `mean` puts the mean of the weights of several states into RUN. DIR has train/ and heldout/ with books.
"""
import argparse, glob, json, math, os, random, shutil, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from bpe import encode_doc

ap = argparse.ArgumentParser()
ap.add_argument("command"); ap.add_argument("--out"); ap.add_argument("--from", dest="start"); ap.add_argument("--books")
ap.add_argument("--cases", default=""); ap.add_argument("--steps", type=int, default=1000); ap.add_argument("--lr", type=float, default=1e-3)
ap.add_argument("--tokens", type=int, default=8192); ap.add_argument("--probe-every", type=int, default=100); ap.add_argument("--to")
ap.add_argument("--shares", default="books:0.45,again:0.2,repeats:0.1,cases:0.25")
ap.add_argument("--answer-weight", type=float, default=4)
ap.add_argument("--seed", type=int, default=1); ap.add_argument("--minutes", type=float, default=1e9); ap.add_argument("--threads", type=int, default=2)
ap.add_argument("--states")
ap.add_argument("--drop-every", type=int, default=3, help="one sequence of so many misses three of four copying heads")
o = ap.parse_args()
torch.set_num_threads(o.threads)

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
LONGEST = 1024


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

    def forward(s, x, cos, sin, kept=None):
        x = s.attended(x, cos, sin, kept)
        h = s.n2(x)
        return x + s.d(F.silu(s.g(h)) * s.u(h))

    def attended(s, x, cos, sin, kept=None):
        b, t, _ = x.shape
        h = s.n1(x)
        split = lambda y, n: y.view(b, t, n, hd).transpose(1, 2)
        turn = lambda y: (y * cos + torch.cat([-y[..., hd // 2:], y[..., :hd // 2]], -1) * sin).to(y.dtype)
        q, k, v = turn(split(s.q(h), H)), turn(split(s.k(h), K)), split(s.v(h), K)
        k, v = k.repeat_interleave(H // K, 1), v.repeat_interleave(H // K, 1)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        if kept is not None:
            a = a * kept[:, :, None, None]
        return x + s.o(a.transpose(1, 2).reshape(b, t, -1))


class Base(nn.Module):
    def __init__(s):
        super().__init__()
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


    def dropped(s, rows):
        """In some sequences three of four copying heads are missing: one that finds must be enough."""
        kept = torch.ones(L, rows, H)
        for layer, head in LAGS:
            some = kept[layer, 1::o.drop_every, head]
            some.copy_(torch.rand(some.shape) < 0.25)
        return kept


def written(m):
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
        else:   # copying heads keep where they look and what they bring; how much it counts is learned
            keep(b.q.weight, slice(4 * hd, None)); keep(b.k.weight, slice(2 * hd, None)); keep(b.v.weight, slice(2 * hd, None))
            if i == 1:
                keep(b.o.weight, all, slice(4 * hd, 6 * hd))
    return out


def names():
    m = {"e.weight": "model.embed_tokens.weight", "n.weight": "model.norm.weight", "h.weight": "lm_head.weight"}
    parts = dict(n1="input_layernorm", n2="post_attention_layernorm", q="self_attn.q_proj", k="self_attn.k_proj", v="self_attn.v_proj",
                 o="self_attn.o_proj", g="mlp.gate_proj", u="mlp.up_proj", d="mlp.down_proj")
    for i in range(L):
        m.update({f"b.{i}.{k}.weight": f"model.layers.{i}.{v}.weight" for k, v in parts.items()})
    return m


# ---- the widened model

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


def codes():
    """A word a token, such that the ten digits differ much in either half."""
    tok = json.load(open(o.out + "/tokenizer.json"))["model"]["vocab"]
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
def widen(start, sample):
    from safetensors.torch import load_file
    w = {k: v.float() for k, v in load_file(start + "/model.safetensors").items()}
    code = codes()
    torch.manual_seed(o.seed)
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
def exported(start):
    from safetensors.torch import load_file
    m, w = Base(), load_file(start + "/model.safetensors")
    m.load_state_dict({k: w[n].float() for k, n in names().items()})
    return m


# ---- data

def encoder():
    tok = json.load(open(o.out + "/tokenizer.json"))
    vocab, rank = tok["model"]["vocab"], {tuple(m.split(" ") if isinstance(m, str) else m): i for i, m in enumerate(tok["model"]["merges"])}
    return lambda s: encode_doc(s, vocab, rank)


def books(split):
    cache = f"{o.out}/{split}.npy"
    if not os.path.exists(cache):
        enc, docs = encoder(), []
        for f in sorted(glob.glob(f"{o.books}/{split}/*")):
            t = open(f, encoding="utf-8").read()
            docs += [json.loads(l)["text"] for l in t.splitlines()] if f.endswith("jsonl") else [t]
        np.save(cache, np.concatenate([np.array(enc(d) + [0], dtype=np.int64) for d in docs]))
    return np.load(cache)


def read_cases(path):
    """Cases of the command `recall`: [tokens, where the answer begins]."""
    cache = f"{o.out}/{os.path.basename(path)}.npz"
    if not os.path.exists(cache):
        enc = encoder()
        rows, ends, starts = [], [], []
        for line in open(path, encoding="utf-8"):
            c = json.loads(line)
            prompt, answer = c["prompt"], c["response"]
            p, a = enc(prompt), enc(prompt + answer)
            if a[:len(p)] != p:
                p = enc(prompt)[:next(i for i, (x, y) in enumerate(zip(p, a)) if x != y)]
            rows += a + [0]; ends.append(len(rows)); starts.append(len(p))
        np.savez(cache, rows=np.array(rows, dtype=np.int64), ends=np.array(ends), starts=np.array(starts))
    z = np.load(cache)
    rows, ends = z["rows"], z["ends"]; begins = np.concatenate([[0], ends[:-1]])
    return [(rows[b:e], s) for b, e, s in zip(begins, ends, z["starts"])]


class Data:
    def __init__(s, seed):
        s.rng = random.Random(seed); s.train = books("train")
        s.cases = [c for f in o.cases.split(",") if f for c in read_cases(f)]
        s.by_length = {}

    def text(s, n):
        j = s.rng.randrange(len(s.train) - n - 1)
        return s.train[j:j + n].tolist()

    def random_tokens(s, n):
        some = [s.rng.randrange(1, V) for _ in range(s.rng.choice([32, 128, 512, V, V]))]
        return [s.rng.choice(some) for _ in range(n)]

    def books(s, n):
        return ([0] + s.text(n - 1) if s.rng.random() < 0.5 else s.text(n)), None

    def repeats(s, n):
        x, out = s.random_tokens(s.rng.randint(8, max(10, n // 2))), []
        while len(out) < n:
            out += x
        return out[:n], None

    def again(s, n):
        out = []
        while len(out) < n:
            x = s.text(s.rng.randint(12, 120)) if s.rng.random() < 0.7 else s.random_tokens(s.rng.randint(12, 60))
            out += x + (s.text(s.rng.randint(0, 200)) if s.rng.random() < 0.7 else []) + x
        return out[:n], None

    def case(s, n):
        """Cases one after the other; the last one whole, at the end."""
        out, heavy = [], []
        while True:
            c, start = s.cases[s.rng.randrange(len(s.cases))]
            if len(out) + len(c) > n:
                if not out:
                    if len(c) <= n + 40:
                        c = c[-n:]; start -= len(c) - n if len(c) > n else 0
                    else:
                        continue
                else:
                    break
            heavy += range(len(out) + start, len(out) + len(c)); out += c.tolist()
        if len(out) < n:
            pad = s.text(n - len(out)); heavy = [h + len(pad) for h in heavy]; out = pad + out
        return out[:n], heavy

    def batch(s, shares):
        n = s.rng.choice([256, 512, 768])
        kinds = dict(books=s.books, repeats=s.repeats, again=s.again, cases=s.case)
        rows = []
        for _ in range(o.tokens // n):
            kind = s.rng.choices(list(shares), list(shares.values()))[0]
            rows.append(kinds[kind](n + 1))
        x = torch.tensor([r for r, _ in rows])
        y = x[:, 1:].clone()
        weight = torch.ones(y.shape)
        for i, (_, heavy) in enumerate(rows):
            for at in heavy or ():
                if 0 < at <= n:
                    weight[i, at - 1] = o.answer_weight
        return x[:, :-1], y, weight


# ---- probes and files

@torch.no_grad()
def second(m, s):
    return float(F.cross_entropy(m.logits(torch.tensor([[0] + s + s[:-1]]))[0, len(s):].float(), torch.tensor(s)))


@torch.no_grad()
def greedy_right(m, c, start):
    """Are all tokens of the answer the most probable ones, given those before?"""
    x = torch.tensor(np.concatenate([[0], c[:-1]]))[None]
    return bool((m.logits(x)[0, start:].argmax(-1)[:len(c) - 1 - start].numpy() == c[start:-1]).all())


@torch.no_grad()
def probe(m, held, count=48):
    out, g = {}, random.Random(99)
    for n in (512, 768):
        x = torch.from_numpy(held[:(len(held) - 1) // n * n]).view(-1, n)[:: max(1, (len(held) // n) // count)][:count]
        y = torch.from_numpy(held[1:1 + (len(held) - 1) // n * n]).view(-1, n)[:: max(1, (len(held) // n) // count)][:count]
        out[f"books{n}"] = round(sum(F.cross_entropy(m.logits(x[k:k + 8]).float().flatten(0, 1), y[k:k + 8].flatten()).item() for k in range(0, len(x), 8)) / math.ceil(len(x) / 8), 4)
    out["text_again"] = round(sum(second(m, held[j:j + 48].tolist()) for j in (g.randrange(len(held) - 64) for _ in range(16))) / 16, 3)
    out["random_again"] = round(sum(second(m, [g.randrange(1, V) for _ in range(48)]) for _ in range(16)) / 16, 3)
    return out


def probe_cases(m, path):
    right = {}
    texts = [json.loads(l) for l in open(path, encoding="utf-8")]
    for (c, start), t in zip(read_cases(path), texts):
        if len(c) <= LONGEST:
            right.setdefault((t.get("task"), -(-len(c) // 256) * 256), []).append(greedy_right(m, c, start))
    return {f"{k[0]}@{k[1]}": f"{sum(v)}/{len(v)}" for k, v in sorted(right.items(), key=str)}


def save(m, opt, step, minutes):
    torch.save(dict(model=m.state_dict(), optimizer=opt and opt.state_dict(), step=step, minutes=minutes), o.out + "/state.tmp")
    os.replace(o.out + "/state.tmp", o.out + "/state.pt")


def load():
    m, st = Base(), torch.load(o.out + "/state.pt")
    m.load_state_dict(st["model"])
    return m, st


def main():
    os.makedirs(o.out, exist_ok=True)
    if o.command == "export":
        from safetensors.torch import save_file
        m, st = load(); sd = m.state_dict()
        os.makedirs(o.to, exist_ok=True)
        save_file({n: sd[k].bfloat16().contiguous() for k, n in names().items()}, o.to + "/model.safetensors", {"format": "pt"})
        json.dump(CONFIG, open(o.to + "/config.json", "w"), indent=2)
        shutil.copy(o.out + "/tokenizer.json", o.to)
        return
    if o.command == "mean":
        states = [torch.load(f)["model"] for f in o.states.split(",")]
        m, st = load()
        m.load_state_dict({k: sum(s[k] for s in states) / len(states) for k in states[0]})
        save(m, None, st["step"], st["minutes"])
        return
    if o.command == "init":
        shutil.copy(o.start + "/tokenizer.json", o.out)
    held = books("heldout")
    if o.command == "init":
        wide = json.load(open(o.start + "/config.json"))["hidden_size"] == D
        m = exported(o.start) if wide else widen(o.start, torch.from_numpy(held[:4 * 256]).view(4, 256))
        save(m, None, 0, 0)
        print(sum(p.numel() for p in m.parameters()), probe(m, held))
        return
    m, st = load()
    if o.command == "probe":
        print(st["step"], probe(m, held, 200))
        for f in o.cases.split(","):
            if f: print(probe_cases(m, f))
        return
    opt = torch.optim.AdamW([{"params": [p for p in m.parameters() if p.dim() > 1], "weight_decay": 0.1},
                             {"params": [p for p in m.parameters() if p.dim() == 1], "weight_decay": 0}], lr=o.lr, betas=(0.9, 0.95))
    if st["optimizer"]:
        opt.load_state_dict(st["optimizer"])
    shares = {k: float(v) for k, v in (x.split(":") for x in o.shares.split(","))}
    data = Data(o.seed * 1000003 + st["step"])
    began, mean, seen, done = time.time(), None, 0, st["step"]
    minutes = lambda: st["minutes"] + (time.time() - began) / 60
    fixed = written(m)
    for s in range(done, o.steps):
        share = max(s / o.steps, minutes() / o.minutes)
        if share >= 1: break
        for g in opt.param_groups:
            g["lr"] = o.lr * min(1, (s + 1) / 30) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * share)))
        x, y, weight = data.batch(shares)
        loss = m(x, y, weight); opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(m.parameters(), 1.0); opt.step()
        with torch.no_grad():
            for p, mask, was in fixed:
                p.copy_(torch.where(mask, was, p))
        mean = loss.item() if mean is None else 0.95 * mean + 0.05 * loss.item()
        seen += x.numel(); done = s + 1
        if (s + 1) % 20 == 0:
            print(s + 1, f"loss {mean:.3f} {seen / (time.time() - began):.0f} tokens/s", flush=True)
        if (s + 1) % o.probe_every == 0:
            save(m, opt, done, minutes()); print("probe", s + 1, probe(m, held), flush=True)
    save(m, opt, done, minutes()); print("end", done, probe(m, held, 200), flush=True)


main()
