"""reference_model.py smollm2 | marian | qwen3 | gemma3 | t5 | bart: prints the folder of a float32 checkpoint in the Hugging Face layout; makes it when it is
not there.

smollm2: from the GGUF (tests/fixtures/peers.py). marian: of opus-mt's size (512 wide, 6 + 6 layers, 58,101 tokens: 74 M parameters), random, with the tokenizer
of the tiny fixture, whose ids are the first of its vocabulary. The others: random, of about 100 M parameters in the proportions of their family's small models;
decoders with SmolLM2's tokenizer, pairs of stacks with that of tests/fixtures/families/pair-tokenizer.
"""
import contextlib
import os
import shutil
import sys

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures")
sys.path.insert(0, FIXTURES)
from peers import WORK, smollm2_folder  # noqa: E402


def marian_folder():
    folder, tiny = os.path.join(WORK, "marian"), os.path.join(FIXTURES, "tiny", "marian")
    if os.path.exists(os.path.join(folder, "model.safetensors")):
        return folder
    import torch
    from transformers import MarianConfig, MarianMTModel
    config = MarianConfig.from_pretrained(tiny)
    config.vocab_size = config.decoder_vocab_size = 58101
    config.d_model, config.encoder_layers, config.decoder_layers = 512, 6, 6
    config.encoder_attention_heads = config.decoder_attention_heads = 8
    config.encoder_ffn_dim = config.decoder_ffn_dim = 2048
    config.max_position_embeddings, config.activation_function, config.init_std = 512, "swish", 0.05
    torch.manual_seed(0)
    MarianMTModel(config).eval().save_pretrained(folder)
    for name in ("source.spm", "target.spm", "vocab.json", "tokenizer_config.json"):
        shutil.copy(os.path.join(tiny, name), folder)
    return folder


SIZES = {
    "qwen3": ("qwen3", dict(hidden_size=512, intermediate_size=1536, num_hidden_layers=20, num_attention_heads=8, num_key_value_heads=4, head_dim=128,
                            vocab_size=49152, max_position_embeddings=4096, tie_word_embeddings=True)),
    "gemma3": ("gemma3_text", dict(hidden_size=640, intermediate_size=2048, num_hidden_layers=14, num_attention_heads=4, num_key_value_heads=1, head_dim=256,
                                   vocab_size=49152, max_position_embeddings=4096, sliding_window=512)),
    "t5": ("t5", dict(d_model=640, d_kv=64, d_ff=2560, num_layers=8, num_decoder_layers=8, num_heads=10, vocab_size=32128, decoder_start_token_id=3)),
    "bart": ("bart", dict(d_model=768, encoder_layers=6, decoder_layers=6, encoder_attention_heads=12, decoder_attention_heads=12, encoder_ffn_dim=3072,
                          decoder_ffn_dim=3072, vocab_size=8192, max_position_embeddings=1024, decoder_start_token_id=2, forced_eos_token_id=2)),
}


def random_folder(name):
    folder = os.path.join(WORK, name)
    if os.path.exists(os.path.join(folder, "model.safetensors")):
        return folder
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM
    kind, sizes = SIZES[name]
    pair = name in ("t5", "bart")
    tokens = dict(bos_token_id=1, eos_token_id=2, pad_token_id=3) if pair else dict(bos_token_id=1, eos_token_id=2, pad_token_id=0)
    torch.manual_seed(0)
    cls = AutoModelForSeq2SeqLM if pair else AutoModelForCausalLM
    model = cls.from_config(AutoConfig.for_model(kind, **sizes, **tokens)).eval()
    print(name, sum(p.numel() for p in model.parameters()) // 1000000, "M parameters")
    model.save_pretrained(folder)
    source = os.path.join(FIXTURES, "families", "pair-tokenizer") if pair else smollm2_folder()
    for f in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(os.path.join(source, f), folder)
    return folder


with contextlib.redirect_stdout(sys.stderr):
    wanted = sys.argv[1]
    found = random_folder(wanted) if wanted in SIZES else marian_folder() if wanted == "marian" else smollm2_folder()
print(found)
