"""reference_model.py smollm2 | marian: prints the folder of a float32 checkpoint in the Hugging Face layout; makes it when it is not there.

smollm2: from the GGUF (tests/fixtures/peers.py). marian: of opus-mt's size (512 wide, 6 + 6 layers, 58,101 tokens: 74 M parameters), random, with the tokenizer
of the tiny fixture, whose ids are the first of its vocabulary.
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


with contextlib.redirect_stdout(sys.stderr):
    found = marian_folder() if sys.argv[1] == "marian" else smollm2_folder()
print(found)
