"""Trains the embedded base: a small Llama that copies what it has read within its window.

  pip install torch numpy regex safetensors
  python make_base.py init   --out RUN --from OLD-MODEL --books DIR
  python make_base.py train  --out RUN --books DIR [--cases FILE,..] --steps N --lr R
  python make_base.py probe  --out RUN --books DIR [--cases FILE]
  python make_base.py mean   --out RUN --states FILE,..
  python make_base.py export --out RUN --to DIR

`init` widens an older model of the same tokenizer (4 layers, 256 channels) and writes the copying circuit into new channels
and heads (circuit.py, README). Of a model that was made so, as the embedded one, it takes the weights as they are, and with
`--sharpen` multiplies what the copying heads of layers 2 and 3 look for. `train` goes on from RUN, with books, repeats and
cases of the command `recall`, read as they are and behind places that stand for several tokens; a run that is stopped goes on
from its last state, within the steps and minutes of all its runs. `mean` puts the mean of the weights of several states into RUN. DIR has train/ and heldout/ with books.
"""
import argparse, json, math, os, random, shutil, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from circuit import sharpen, widen, written
from corpus import Data, books, read_cases
from llama import CONFIG, D, LONGEST, RATIOS, SEGMENT, V, Base, exported, names

ap = argparse.ArgumentParser()
ap.add_argument("command"); ap.add_argument("--out"); ap.add_argument("--from", dest="start"); ap.add_argument("--books")
ap.add_argument("--cases", default=""); ap.add_argument("--steps", type=int, default=1000); ap.add_argument("--lr", type=float, default=1e-3)
ap.add_argument("--tokens", type=int, default=8192); ap.add_argument("--probe-every", type=int, default=100); ap.add_argument("--to")
ap.add_argument("--shares", default="books:0.45,again:0.2,repeats:0.1,cases:0.25")
ap.add_argument("--answer-weight", type=float, default=4)
ap.add_argument("--seed", type=int, default=1); ap.add_argument("--minutes", type=float, default=1e9); ap.add_argument("--threads", type=int, default=2)
ap.add_argument("--states")
ap.add_argument("--far-every", type=int, default=2, help="one step of so many reads behind places that stand for several tokens")
ap.add_argument("--far-weight", type=float, default=20, help="of the labels of an answer there")
ap.add_argument("--far-share", type=float, default=0.7, help="of cases there; the others read again what lies behind")
ap.add_argument("--far-cases", default="", help="files of cases for them, of at most 2,300 tokens")
ap.add_argument("--sharpen", type=float, default=1)
ap.add_argument("--drop-every", type=int, default=3, help="one sequence of so many misses three of four copying heads")
o = ap.parse_args()
torch.set_num_threads(o.threads)


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
    for (c, start), t in zip(read_cases(o.out, path), texts):
        if len(c) <= LONGEST:
            right.setdefault((t.get("task"), -(-len(c) // 256) * 256), []).append(greedy_right(m, c, start))
    return {f"{k[0]}@{k[1]}": f"{sum(v)}/{len(v)}" for k, v in sorted(right.items(), key=str)}


@torch.no_grad()
def probe_far(m, path, count=60):
    """Answers to cases whose earlier segments are seen at each ratio-th place alone."""
    out = {}
    cases = read_cases(o.out, path)[:count]
    for ratio in (4, 8, 16):
        right = 0
        for c, start in cases:
            n = -(-len(c) // SEGMENT) * SEGMENT
            pad = n - len(c) + 1
            x = torch.tensor(np.concatenate([c[:-1], np.zeros(pad, dtype=np.int64)]))[None]
            right += bool((torch.cat(m.far_logits(x, ratio), 1)[0, start - 1:len(c) - 2].argmax(-1).numpy() == c[start:-1]).all())
        out[ratio] = f"{right}/{len(cases)}"
    return out


def save(m, opt, step, minutes):
    torch.save(dict(model=m.state_dict(), optimizer=opt and opt.state_dict(), step=step, minutes=minutes), o.out + "/state.tmp")
    os.replace(o.out + "/state.tmp", o.out + "/state.pt")


def load():
    m, st = Base(o.drop_every), torch.load(o.out + "/state.pt")
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
    held = books(o.out, o.books, "heldout")
    if o.command == "init":
        wide = json.load(open(o.start + "/config.json"))["hidden_size"] == D
        m = exported(o.start) if wide else widen(o.start, torch.from_numpy(held[:4 * 256]).view(4, 256), o.seed)
        sharpen(m, o.sharpen)
        save(m, None, 0, 0)
        print(sum(p.numel() for p in m.parameters()), probe(m, held))
        return
    m, st = load()
    if o.command == "probe":
        print(st["step"], probe(m, held, 200))
        for f in o.cases.split(","):
            if f: print(probe_cases(m, f))
        for f in o.far_cases.split(","):
            if f: print("far", probe_far(m, f))
        return
    opt = torch.optim.AdamW([{"params": [p for p in m.parameters() if p.dim() > 1], "weight_decay": 0.1},
                             {"params": [p for p in m.parameters() if p.dim() == 1], "weight_decay": 0}], lr=o.lr, betas=(0.9, 0.95))
    if st["optimizer"]:
        opt.load_state_dict(st["optimizer"])
    shares = {k: float(v) for k, v in (x.split(":") for x in o.shares.split(","))}
    data = Data(o.out, o.books, o.cases, o.far_cases, o.tokens, o.answer_weight, o.far_share, o.seed * 1000003 + st["step"])
    began, mean, far, seen, done = time.time(), None, None, 0, st["step"]
    minutes = lambda: st["minutes"] + (time.time() - began) / 60
    fixed = written(m, o.far_every > 0)
    for s in range(done, o.steps):
        share = max(s / o.steps, minutes() / o.minutes)
        if share >= 1: break
        for g in opt.param_groups:
            g["lr"] = o.lr * min(1, (s + 1) / 30) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * share)))
        if o.far_every and (s + 1) % o.far_every == 0:
            early, late = m.far_loss(*data.far_batch(), data.rng.choice(RATIOS), o.far_weight); loss = early + late
            far = late.item() if far is None else 0.95 * far + 0.05 * late.item()
        else:
            loss = m(*data.batch(shares))
            mean = loss.item() if mean is None else 0.95 * mean + 0.05 * loss.item()
        opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(m.parameters(), 1.0); opt.step()
        with torch.no_grad():
            for p, mask, was in fixed:
                p.copy_(torch.where(mask, was, p))
        seen += o.tokens; done = s + 1
        if (s + 1) % 20 == 0:
            print(s + 1, f"loss {mean or 0:.3f} far {far or 0:.3f} {seen / (time.time() - began):.0f} tokens/s", flush=True)
        if (s + 1) % o.probe_every == 0:
            save(m, opt, done, minutes()); print("probe", s + 1, probe(m, held), flush=True)
    save(m, opt, done, minutes()); print("end", done, probe(m, held, 200), flush=True)


main()
