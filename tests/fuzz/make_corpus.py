"""Seeds of fuzz_tokenizer and fuzz_sentencepiece. Run with sentencepiece 0.2.3 and gguf."""
import base64
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


def charsmap(value=0, text=b"y\0"):
    """A table in which x becomes y: 256 units of a trie and the texts."""
    units = [0] * 256
    units[0x78] = 0x78 | 1 << 8 | 1 << 10  # the value stands one further
    units[0x79] = 0x80000000 | value
    trie = b"".join(u.to_bytes(4, "little") for u in units)
    return base64.b64encode(len(trie).to_bytes(4, "little") + trie + text).decode()


def meta(scheme="always"):
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": True}


def seq(key, *items):
    return {"type": "Sequence", key: list(items)}


def whole(name, model, normalizer=None, pre_tokenizer=None, post=None, decoder=None, added=(), **more):
    with open(os.path.join(BYTES, name), "w") as f:
        json.dump({"model": model, "normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "post_processor": post, "decoder": decoder, "added_tokens": list(added), **more}, f,
                  ensure_ascii=False, separators=(",", ":"))


def every_stage():
    """A seed for each kind of model, with the stages that go with it, and files that lie."""
    ids = {"<unk>": 0, "a": 1, "b": 2, "▁": 3, "ab": 4, "▁a": 5, "<0x41>": 6, "e": 7, "h": 8, "t": 9, "c": 10}
    merges = [["a", "b"], ["▁", "a"]]
    fallback = {"type": "BPE", "unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True, "vocab": ids, "merges": merges}
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    back = {"type": "Replace", "pattern": {"Regex": "▁+"}, "content": " "}
    strip = {"type": "Strip", "content": " ", "start": 1, "stop": 1}
    one = {"content": "a b", "lstrip": True, "rstrip": True, "single_word": True, "normalized": True, "special": False}
    whole("llama.json", fallback, seq("normalizers", {"type": "Prepend", "prepend": "▁"}, replace), decoder=seq("decoders", back, {"type": "ByteFallback"}, {"type": "Fuse"}, strip),
          added=[one, {**one, "content": "<s>", "normalized": False, "special": True}], tokenizer_class="LlamaTokenizer", bos_token="<s>", add_bos_token=True, add_eos_token=False)
    whole("unigram.json", {"type": "Unigram", "unk_id": 0, "byte_fallback": True, "vocab": [[p, -0.5 * i] for i, p in enumerate(ids)]},
          seq("normalizers", {"type": "Precompiled", "precompiled_charsmap": charsmap()}, {"type": "Nmt"}, {"type": "NFKC"}, {"type": "Strip", "strip_left": True, "strip_right": True}),
          seq("pretokenizers", {"type": "WhitespaceSplit"}, meta("first")), decoder=meta("first"), added=[one], tokenizer_class="T5Tokenizer", extra_ids=3)
    whole("wordpiece.json", {"type": "WordPiece", "unk_token": "<unk>", "continuing_subword_prefix": "##", "max_input_chars_per_word": 9, "vocab": {**ids, "##a": 11, "##b": 12}},
          {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}, {"type": "BertPreTokenizer"},
          {"type": "BertProcessing", "cls": ["a", 1], "sep": ["b", 2]}, {"type": "WordPiece", "prefix": "##", "cleanup": True}, do_lower_case=False, clean_up_tokenization_spaces=True)
    whole("words.json", {"type": "WordLevel", "unk_token": "<unk>", "vocab": ids}, seq("normalizers", {"type": "NFD"}, {"type": "Lowercase"}, {"type": "StripAccents"}, {"type": "NFKD"}, {"type": "ByteLevel"}),
          seq("pretokenizers", {"type": "Whitespace"}, {"type": "Punctuation", "behavior": "MergedWithNext"}, {"type": "CharDelimiterSplit", "delimiter": "|"}, {"type": "FixedLength", "length": 3},
              {"type": "UnicodeScripts"}), {"type": "RobertaProcessing", "cls": ["a", 1], "sep": ["b", 2], "trim_offsets": True, "add_prefix_space": True})
    whole("suffix.json", {"type": "BPE", "unk_token": "<unk>", "end_of_word_suffix": "</w>", "continuing_subword_prefix": "", "vocab": {**ids, "b</w>": 11, "ab</w>": 12}, "merges": ["a b</w>", "a b"]},
          None, {"type": "Split", "pattern": {"Regex": r"[[:alpha:]&&[^x]]+|\h{,2}+|[^\s\p{^L}]|(?m:.)(?!a)|\b"}, "behavior": "Contiguous", "invert": True}, None, {"type": "BPEDecoder", "suffix": "</w>"})
    lies = {"cyclic": {"merges": [["a", "b"], ["ab", "a"], ["a", "ab"], ["b", "a"]], "vocab": {**ids, "aba": 11, "aab": 12, "ba": 13}}, "same": {"merges": [["a", "b"]] * 5},
            "outside": {"merges": [["a", "z"]]}, "empty": {"merges": [["", "a"], ["a", ""]]}, "huge": {"vocab": {**ids, "z": 1999999}}, "beyond": {"vocab": {**ids, "z": 1e18}}, "twice": {"vocab": {**ids, "z": 3}}}
    for name, lie in lies.items():
        whole(f"lie-{name}.json", {**fallback, **lie})
    for name, table in (("far", charsmap(2 ** 30)), ("end", charsmap(1, b"y")), ("broken", charsmap(0, b"\xff\0")), ("middle", charsmap(1, "é".encode() + b"\0")), ("short", "AAQAAA==")):
        whole(f"charsmap-{name}.json", fallback, {"type": "Precompiled", "precompiled_charsmap": table})
    deep = {"type": "Lowercase"}
    for _ in range(60):
        deep = seq("normalizers", deep)
    whole("deep.json", fallback, deep)
    file(os.path.join(BYTES, "deeper.json"), b'{"normalizer":' * 2000)
    file(os.path.join(BYTES, "not-utf8.json"), b'{"model":{"type":"BPE","vocab":{"a\xff":0},"merges":[]}}')


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
every_stage()
for pre in ("smollm", "llama-bpe"):
    gguf_file(pre + ".gguf", pre)
sentencepiece_model("unigram.spm", vocab_size=60, model_type="unigram", normalization_rule_name="identity")
sentencepiece_model("bytes.spm", vocab_size=320, model_type="bpe", normalization_rule_name="identity", byte_fallback=True)
file(os.path.join(MARIAN, "vocab.json"), json.dumps({p: i for i, p in enumerate(["</s>", "<unk>", "▁the", "▁", "a", "e", "s", ">>pt<<", "<pad>"])}, ensure_ascii=False).encode())
for folder in (BYTES, MARIAN):
    file(os.path.join(folder, "text-hostile"), "T\x1b[31m\u202eabc\u2066\u200d\u0301e\u0301 \U0001F469\u200d\U0001F467 日本\x00\x7f\u0085\u2028\ufeff >>pt<< <pad><unk>".encode())
    file(os.path.join(folder, "text-broken"), b"T\xe6\x97 \xff\xc0\x80 \xed\xa0\x80 \xf4\x90\x80\x80")
