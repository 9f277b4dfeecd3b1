"""What the base is trained with: books, what comes again, and cases of the command `recall`; each row has one token more than is read."""
import glob, json, os, random
import numpy as np, torch
from bpe import encode_doc
from llama import SEGMENT, V


def encoder(out):
    tok = json.load(open(out + "/tokenizer.json"))
    vocab, rank = tok["model"]["vocab"], {tuple(m.split(" ") if isinstance(m, str) else m): i for i, m in enumerate(tok["model"]["merges"])}
    return lambda s: encode_doc(s, vocab, rank)


def books(out, dir, split):
    cache = f"{out}/{split}.npy"
    if not os.path.exists(cache):
        enc, docs = encoder(out), []
        for f in sorted(glob.glob(f"{dir}/{split}/*")):
            t = open(f, encoding="utf-8").read()
            docs += [json.loads(l)["text"] for l in t.splitlines()] if f.endswith("jsonl") else [t]
        np.save(cache, np.concatenate([np.array(enc(d) + [0], dtype=np.int64) for d in docs]))
    return np.load(cache)


def read_cases(out, path):
    """Cases of the command `recall`: [tokens, where the answer begins]."""
    cache = f"{out}/{os.path.basename(path)}.npz"
    if not os.path.exists(cache):
        enc = encoder(out)
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
    def __init__(s, out, dir, cases, far_cases, tokens, answer_weight, far_share, seed):
        s.tokens, s.answer_weight, s.far_share = tokens, answer_weight, far_share
        s.rng = random.Random(seed); s.train = books(out, dir, "train")
        s.cases = [c for f in cases.split(",") if f for c in read_cases(out, f)]
        s.far_cases = [c for f in far_cases.split(",") if f for c in read_cases(out, f)]

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

    def far_case(s, n):
        """The longest of some cases that fit, behind text."""
        fit = [c for c in s.rng.sample(s.far_cases, min(20, len(s.far_cases))) if len(c[0]) <= n]
        if not fit: return s.far_again(n)
        c, start = max(fit, key=lambda c: len(c[0]))
        pad = n - len(c)
        return (s.text(pad) if pad else []) + c.tolist(), range(pad + start, n)

    def far_again(s, n):
        """A text whose last segment is of pieces of the ones before it, with other text between them."""
        early = s.text(n - SEGMENT)
        for _ in range(s.rng.randint(0, 3)):
            x = s.random_tokens(s.rng.randint(8, 60)); j = s.rng.randrange(len(early) - len(x)); early[j:j + len(x)] = x
        late = []
        while len(late) < SEGMENT:
            k = s.rng.randint(8, 60); j = s.rng.randrange(len(early) - k)
            late += early[j:j + k] + (s.text(s.rng.randint(1, 40)) if s.rng.random() < 0.5 else [])
        return early + late[:SEGMENT], None

    def far_batch(s):
        n = SEGMENT * s.rng.choice([2, 3, 3, 5, 7, 9])
        return s.joined([(s.far_case if s.far_cases and s.rng.random() < s.far_share else s.far_again)(n + 1) for _ in range(max(1, s.tokens // n))], n)

    def batch(s, shares):
        n = s.rng.choice([256, 512, 768])
        kinds = dict(books=s.books, repeats=s.repeats, again=s.again, cases=s.case)
        rows = []
        for _ in range(s.tokens // n):
            kind = s.rng.choices(list(shares), list(shares.values()))[0]
            rows.append(kinds[kind](n + 1))
        return s.joined(rows, n)

    def joined(s, rows, n):
        x = torch.tensor([r for r, _ in rows])
        y = x[:, 1:].clone()
        weight = torch.ones(y.shape)
        for i, (_, heavy) in enumerate(rows):
            for at in heavy or ():
                if 0 < at <= n:
                    weight[i, at - 1] = s.answer_weight
        return x[:, :-1], y, weight
