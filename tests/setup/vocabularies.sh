#!/bin/sh
# Fetches the vocabularies with which llama.cpp tests its tokenizers (GGUF without weights, texts and their ids: 15 of them) out of the source
# package llama-cpp-python 0.3.36 (76 MB, MIT, pinned by hash) into ${XDG_CACHE_HOME:-~/.cache}/tinseq/vocabularies; does nothing when they are
# there. Prints the folder. `cmake --build build --target vocabularies` compares all of them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${XDG_CACHE_HOME:-$HOME/.cache}/tinseq/vocabularies
if [ ! -d "$folder" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT INT TERM
    # pip asks a source package's own build for its metadata; nothing is installed.
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --require-hashes -d "$work" -r "$here/vocabularies.txt" >&2
    mkdir -p "$(dirname "$folder")" "$work/part"
    tar xzf "$work"/llama_cpp_python-*.tar.gz -C "$work/part" --strip-components 4 --wildcards '*/vendor/llama.cpp/models/ggml-vocab-*.gguf*'
    mv "$work/part" "$folder"
fi
echo "$folder"
