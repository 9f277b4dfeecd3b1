"""Writes the reference values of ChatReferenceTest: what transformers renders, tokenizes and masks.

Run in this folder, with transformers, jinja2 and tokenizers installed, and the folders that README.md names:
    python3 reference.py TRL_TEMPLATES OLLAMA_TEMPLATES.json LLAMA2_TOKENIZER.json
"""

import copy
import datetime
import gzip
import json
import pathlib
import re
import sys

import jinja2
import tokenizers
import transformers
from transformers import PreTrainedTokenizerFast
from transformers.utils import chat_template_utils as hf

from reference_cases import CHATS, CONTEXT, SEMANTICS

TRL = pathlib.Path(sys.argv[1])
OLLAMA = {e["model"]: e["gguf"] for e in json.load(open(sys.argv[2]))}
LLAMA2 = sys.argv[3]


class Clock(datetime.datetime):
    """The time that the test gives."""

    @classmethod
    def now(cls, tz=None):
        return cls(2026, 7, 4, 5, 6, 7)


hf.datetime = Clock

# Name: (source, what tells the answers: its training twin, which marks them, or an expression whose
# group is an answer; the first that fits a chat). The twin of DeepSeek V3 marks the header too, that
# of GLM the mark of the next speaker.
TEMPLATES = {
    "llama-2": ("ollama:library/llama2:7b", r"\[/INST\]( .*?</s>)"),
    "llama-3": ("trl:llama3", "trl:llama3_training"),
    "llama-3.1": ("trl:llama3_1", r"assistant<\|end_header_id\|>\n\n(.*?<\|e(?:ot|om)_id\|>)"),
    "llama-3.2": ("trl:llama3_2", r"assistant<\|end_header_id\|>\n\n(.*?<\|e(?:ot|om)_id\|>)"),
    "mistral-7b-v0.1": ("ollama:library/mistral:7b-instruct-fp16", r"\[/INST\](.*?</s> )"),
    "mistral-8x22b": ("ollama:library/mixtral:8x22b", r"\[/INST\]( .*?</s>)"),
    "mistral-8x7b": ("ollama:library/mixtral:8x7b", r"\[/INST\]( .*?</s>)"),
    "mistral-small": ("ollama:library/mistral-small:24b", r"\[/INST\]((?:(?!\[INST\]).)*?</s>)"),
    "qwen-2.5": ("trl:qwen2_5", "trl:qwen2_5_training"),
    "qwen-3": ("trl:qwen3", "trl:qwen3_training", r"<\|im_start\|>assistant\n(.*?<\|im_end\|>\n?)"),
    "qwen-3-instruct": ("trl:qwen3_instruct_2507", "trl:qwen3_instruct_2507_training"),
    "qwen-3.5": ("trl:qwen3_5_think", "trl:qwen3_5_think_training", r"<\|im_start\|>assistant\n(.*?<\|im_end\|>\n?)"),
    "qwen-3-coder": ("ollama:library/qwen3-coder:30b", r"<\|im_start\|>assistant\n(.*?<\|im_end\|>\n)"),
    "chatml": ("ollama:library/nous-hermes2-mixtral:8x7b", r"<\|im_start\|>assistant\n(.*?<\|im_end\|>\n)"),
    "smollm2": ("ollama:library/smollm2:135m", r"<\|im_start\|>assistant\n(.*?<\|im_end\|>\n)"),
    "zephyr (tinyllama)": ("ollama:library/tinyllama:1.1b", r"<\|assistant\|>\n(.*?</s>\n?)"),
    "olmo-2": ("ollama:library/olmo2:7b", r"<\|assistant\|>\n(.*?</s>\n?)"),
    "deepseek-v2.5": ("ollama:library/deepseek-v2.5:236b", r"(?:<｜Assistant｜>(?:</think>)?|<｜tool▁outputs▁end｜>)(.*?<｜end▁of▁sentence｜>)"),
    "deepseek-v3": ("trl:deepseekv3", r"(?:<｜Assistant｜>|<｜tool▁outputs▁end｜>)(.*?<｜end▁of▁sentence｜>)"),
    "deepseek-v3.1": ("ollama:library/deepseek-v3.1:latest", r"(?:<｜Assistant｜>(?:</think>)?|<｜tool▁outputs▁end｜>)(.*?<｜end▁of▁sentence｜>)"),
    "deepseek-r1-distill": ("trl:deepseek_r1_distill", r"(?:<｜Assistant｜>|<｜tool▁outputs▁end｜>)(.*?<｜end▁of▁sentence｜>)"),
    "phi-3": ("trl:phi3", "trl:phi3_training"),
    "phi-3.5": ("trl:phi3_5", "trl:phi3_5_training"),
    "phi-4": ("ollama:library/phi4:14b", r"<\|im_start\|>assistant<\|im_sep\|>(.*?<\|im_end\|>)"),
    "glm-4.5": ("trl:glm4moe", r"<\|assistant\|>(.*?)(?=<\|(?:user|observation|system|assistant)\|>|$)"),
    "granite-3.3": ("ollama:library/granite3.3:2b", r"<\|start_of_role\|>assistant<\|end_of_role\|>(.*?<\|end_of_text\|>\n)"),
    "gpt-oss": ("trl:gptoss", r"<\|start\|>assistant(?! to)(.*?(?:<\|end\|>|<\|return\|>|<\|call\|>)(?:<\|start\|>assistant<\|channel\|>(?:final|commentary).*?<\|(?:end|return|call)\|>)*)"),
    "llama-3 (generation)": ("trl:llama3_training", "trl:llama3_training"),
    "qwen-3 (generation)": ("trl:qwen3_training", "trl:qwen3_training"),
}


def source(name):
    kind, key = name.split(":", 1)
    return OLLAMA[key] if kind == "ollama" else (TRL / (key + ".jinja")).read_text(encoding="utf-8")


def small_tokenizer():
    """A byte-level one, trained on the cases, with the marks of all templates as special tokens."""
    marks = {"<s>", "</s>", "<pad>"}
    for name, *_ in TEMPLATES.values():
        marks.update(re.findall(r"<\|[^|<> ]+\|>|<｜[^｜<> ]+｜>|\[/?[A-Z_]+\]", source(name)))
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=1000,
        special_tokens=sorted(marks),
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )
    texts = [json.dumps(chat, ensure_ascii=False) for chat in CHATS]
    tokenizer.train_from_iterator(texts + [source(name) for name, *_ in TEMPLATES.values()], trainer)
    return tokenizer


def load(file):
    return PreTrainedTokenizerFast(tokenizer_file=str(file), bos_token="<s>", eos_token="</s>")


def neutral(chat):
    """The same chat where nobody but the template writes marks, in texts of the same length."""

    def blank(value):
        if isinstance(value, str):
            return re.sub(r"[<>|\[\]｜]", "x", value)
        if isinstance(value, list):
            return [blank(v) for v in value]
        return {k: blank(v) for k, v in value.items()} if isinstance(value, dict) else value

    chat = copy.deepcopy(chat)
    for message in chat["messages"]:
        if "</think>" not in str(message):
            message["content"] = blank(message.get("content"))
    return chat


def behind(asked, text, start, end):
    """The start of an answer, behind what the template already writes to ask for it.

    The twin of Qwen 2.5 marks the newline that ends the header; Qwen 3.5 also asks with <think>.
    """
    for more in range(len(asked) + 1):
        if start + more <= end and text[: start + more].endswith(asked):
            return start + more
    return start


def spans(template, answers, chat, text, names):
    """Spans of answers in the text; None where there is no reference."""
    if answers.startswith("trl:"):
        twin = hf._compile_jinja_template(source(answers))
        try:
            rendered, indices = hf._render_with_assistant_indices(
                twin, chat["messages"], chat.get("tools"), chat.get("documents"), False, **names
            )
        except Exception:
            return None
        return indices if rendered == text else None
    blank = neutral(chat)
    rendered = hf.render_jinja_template(
        [blank["messages"]], tools=blank.get("tools"), documents=blank.get("documents"),
        chat_template=template, add_generation_prompt=False, **names)[0][0]
    if len(rendered) != len(text):
        return None
    found = [m.span(1) for m in re.finditer(answers, rendered, re.S)]
    return found if len(found) == sum(m["role"] == "assistant" for m in chat["messages"]) else None


def mask(offsets, spans):
    """Tokens from the first to the last that have a character of a span.

    apply_chat_template ends with the first token of the last character; where several tokens make
    that character, the others are its answer's as well.
    """
    learned = [0] * len(offsets)
    for start, end in spans:
        inside = [i for i, (s, e) in enumerate(offsets) if s < end and e > start]
        if inside:
            learned[inside[0] : inside[-1] + 1] = [1] * (inside[-1] - inside[0] + 1)
    return learned


def case(template, answers, chat, tokenizer):
    names = tokenizer.special_tokens_map
    out = {"id": chat["id"]}
    tokenizer.chat_template = template
    arguments = dict(tools=chat.get("tools"), documents=chat.get("documents"))
    for key, ask in (("text", False), ("prompt", True)):
        try:
            out[key] = tokenizer.apply_chat_template(
                chat["messages"], add_generation_prompt=ask, tokenize=False, **arguments)
        except Exception as e:
            out[key + "_error"] = type(e).__name__ + ": " + str(e)[:100]
    if "text" not in out:
        return out
    encoded = tokenizer.apply_chat_template(chat["messages"], return_dict=True, **arguments)
    out["ids"] = encoded["input_ids"]
    plain = tokenizer(out["text"], add_special_tokens=False, return_offsets_mapping=True)
    assert plain["input_ids"] == out["ids"]
    asked = out.get("prompt", "")
    asked = asked[len(out["text"]) :] if asked.startswith(out["text"]) else ""
    for answer in answers:
        found = spans(template, answer, chat, out["text"], names)
        if found is None:
            continue
        out["mask"] = mask(
            plain["offset_mapping"], [(behind(asked, out["text"], s, e), e) for s, e in found])
        if answer.startswith("trl:"):
            tokenizer.chat_template = source(answer)
            own = tokenizer.apply_chat_template(
                chat["messages"], return_dict=True, return_assistant_tokens_mask=True, **arguments)
            assert own["assistant_masks"] == mask(plain["offset_mapping"], found)
        break
    if out.get("prompt", "").startswith(out["text"]):
        out["prompt_adds"] = out.pop("prompt")[len(out["text"]) :]
    return out


def semantics(template):
    try:
        text = hf._compile_jinja_template(template).render(**copy.deepcopy(CONTEXT))
        return {"template": template, "text": text}
    except Exception as e:
        return {"template": template, "error": type(e).__name__ + ": " + str(e)[:100]}


def write(name, value):
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    with open(name, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as out:
        out.write(data)


small_tokenizer().save("byte-level.json", pretty=False)
with open("llama-2.json.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as out:
    out.write(open(LLAMA2, "rb").read())
byte_level, llama2 = load("byte-level.json"), load(LLAMA2)
write(
    "expected.json.gz",
    {
        "versions": {m.__name__: m.__version__ for m in (transformers, tokenizers, jinja2)},
        "chats": CHATS,
        "context": CONTEXT,
        "semantics": [semantics(t) for t in SEMANTICS],
        "templates": [
            {
                "name": name,
                "from": origin,
                "template": source(origin),
                "tokenizer": "llama-2" if name == "llama-2" else "byte-level",
                "cases": [
                    case(source(origin), answers, chat, llama2 if name == "llama-2" else byte_level)
                    for chat in CHATS
                ],
            }
            for name, (origin, *answers) in TEMPLATES.items()
        ],
        "responses": [
            {
                "prompt": p,
                "response": r,
                **{
                    name: {"ids": e["input_ids"], "mask": mask(e["offset_mapping"], [(len(p), len(p + r))])}
                    for name, t in (("llama-2", llama2), ("byte-level", byte_level))
                    for e in [t(p + r, add_special_tokens=False, return_offsets_mapping=True)]
                },
            }
            for p, r in [("The sky is", " blue."), ("The sky is ", "blue."), ("", "An answer"), ("q\n", "😀"), ("é", "́x")]
        ],
    },
)
