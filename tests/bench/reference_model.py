"""Prints the folder with SmolLM2 in the Hugging Face layout, float32; makes it from the GGUF when it is not there (tests/fixtures/peers.py)."""
import contextlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures"))
from peers import smollm2_folder  # noqa: E402

with contextlib.redirect_stdout(sys.stderr):
    folder = smollm2_folder()
print(folder)
