"""Seeds of fuzz_tokenizer and fuzz_sentencepiece. Run with sentencepiece 0.2.3 and gguf."""
import json
import os
import tempfile

import gguf
import sentencepiece as spm

HERE = os.path.dirname(os.path.abspath(__file__))
BYTES = os.path.join(HERE, "corpus", "tokenizer")
MARIAN = os.path.join(HERE, "corpus", "sentencepiece")
TEXT = "the manager said hi to the nurse\nthe dog barks at the cat\no gerente disse oi\n" * 3

PIECES = ["<unk>", "<s>", "</s>", "<pad>", "a", "b", "x", "e", "t", "h", "Ġ", "Ċ", "1", "2", "Ã", "©", "ab", "Ġt", "he", "Ġthe", "xab"]
MERGES = ["a b", "Ġ t", "h e", "Ġt he", "x ab"]
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
# An assertion that calls a group with \K can report a match that ends before it begins, or begins before the search did.
BACKWARDS = [r"(?=(?1))a|(ab\K){0}z", r"(?(DEFINE)(?<x>\K))(?<=a(?&x))b", r"(?(DEFINE)(?<x>\K))(?<=a(?&x))"]


def added(i, **flags):
    return {"id": i, "content": PIECES[i], "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True, **flags}


def split(expression):
    return {"type": "Split", "pattern": {"Regex": expression}, "behavior": "Isolated", "invert": False}


def byte_level(**flags):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True, **flags}


def tokenizer_json(name, pre_tokenizer, pairs=False, normalizer=None, template=False, flags=None, **model):
    single = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}]
    data = {"version": "1.0", "added_tokens": [added(i, **(flags or {})) for i in range(4)], "normalizer": normalizer, "pre_tokenizer": pre_tokenizer,
            "post_processor": {"type": "TemplateProcessing", "single": single} if template else byte_level(), "decoder": byte_level(),
            "model": {"type": "BPE", "unk_token": "<unk>", "byte_fallback": False, "vocab": {p: i for i, p in enumerate(PIECES)},
                      "merges": [m.split(" ") for m in MERGES] if pairs else MERGES, **model}}
    with open(os.path.join(BYTES, name), "w") as f:
        json.dump(data, f, ensure_ascii=False, separators=(",", ":"))


def sentencepiece_model(name, **options):
    with tempfile.TemporaryDirectory() as folder:
        text = os.path.join(folder, "text")
        with open(text, "w") as f:
            f.write(TEXT)
        spm.SentencePieceTrainer.train(input=text, model_prefix=os.path.join(folder, "m"), minloglevel=2, hard_vocab_limit=False, eos_id=0, unk_id=1, bos_id=-1, **options)
        os.replace(os.path.join(folder, "m.model"), os.path.join(MARIAN, name))


def gguf_file(name, pre):
    w = gguf.GGUFWriter(os.path.join(BYTES, name), "llama")
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre(pre)
    w.add_token_list(PIECES)
    w.add_token_types([3, 3, 3, 4] + [1] * (len(PIECES) - 4))
    w.add_token_merges(MERGES)
    w.add_add_eos_token(True)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.close()


def file(path, data):
    with open(path, "wb") as f:
        f.write(data)


for folder in (BYTES, MARIAN):
    os.makedirs(folder, exist_ok=True)
tokenizer_json("gpt2.json", byte_level(add_prefix_space=True))
tokenizer_json("llama3.json", {"type": "Sequence", "pretokenizers": [split(LLAMA3), byte_level(use_regex=False)]}, pairs=True, template=True, ignore_merges=True)
tokenizer_json("digits.json", {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, byte_level()]}, normalizer={"type": "NFC"},
               flags={"lstrip": True, "rstrip": True})
for i, expression in enumerate(BACKWARDS):
    tokenizer_json(f"backwards-{i}.json", {"type": "Sequence", "pretokenizers": [split(expression), byte_level()]})
for pre in ("smollm", "llama-bpe"):
    gguf_file(pre + ".gguf", pre)
sentencepiece_model("unigram.spm", vocab_size=60, model_type="unigram", normalization_rule_name="identity")
sentencepiece_model("bytes.spm", vocab_size=320, model_type="bpe", normalization_rule_name="identity", byte_fallback=True)
file(os.path.join(MARIAN, "vocab.json"), json.dumps({p: i for i, p in enumerate(["</s>", "<unk>", "▁the", "▁", "a", "e", "s", ">>pt<<", "<pad>"])}, ensure_ascii=False).encode())
for folder in (BYTES, MARIAN):
    file(os.path.join(folder, "text-hostile"), "T\x1b[31m\u202eabc\u2066\u200d\u0301e\u0301 \U0001F469\u200d\U0001F467 日本\x00\x7f\u0085\u2028\ufeff >>pt<< <pad><unk>".encode())
    file(os.path.join(folder, "text-broken"), b"T\xe6\x97 \xff\xc0\x80 \xed\xa0\x80 \xf4\x90\x80\x80")
