#!/bin/sh
# Tinseq against Inseq on this machine: run.sh BUILD [--all] [--only NAME], or run.sh BUILD --predictions for predict.py alone. Sets up Inseq's environment and a folder with SmolLM2 as Transformers saves
# it and random checkpoints of other families (the same files for both), builds what measures the screen, then bench.py does the rest.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1
shift
# How honest predictions are needs neither Inseq nor its checkpoints.
if [ "${1:-}" = --predictions ]; then shift; exec python3 "$here/predict.py" "$build" "$@"; fi
venv=$("$here/../setup/peers.sh")
export HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false
export TINSEQ_WORK="${XDG_CACHE_HOME:-$HOME/.cache}/tinseq/bench"
mkdir -p "$TINSEQ_WORK"
model=$("$venv/bin/python" "$here/reference_model.py" smollm2)
marian=$("$venv/bin/python" "$here/reference_model.py" marian)
for name in qwen3 gemma3 t5 bart; do set -- "--$name" "$("$venv/bin/python" "$here/reference_model.py" $name)" "$@"; done
cmake --build "$build" --target bench_screen bench_products bench_cancel bench_tokenize >/dev/null
"$venv/bin/python" "$here/bench.py" --build "$build" --model "$model" --marian "$marian" --venv "$venv" --work "$TINSEQ_WORK" "$@"
case " $* " in *" --only "*) ;; *) python3 "$here/predict.py" "$build" ;; esac
