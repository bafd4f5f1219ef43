#!/bin/sh
# Prepares a Python environment with Inseq and Transformers (about 6 GB, most of it PyTorch's CUDA libraries) for `make bench` and the scripts in
# tests/fixtures; does nothing when it is there. Its place: ${TINSEQ_PEERS_VENV:-${XDG_CACHE_HOME:-~/.cache}/tinseq/peers}, printed on standard output.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${TINSEQ_PEERS_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/tinseq/peers}
works() { HF_HUB_OFFLINE=1 "$venv/bin/python" -c 'from importlib.metadata import version as v; assert v("inseq") == "0.7.1" and v("torch").startswith("2.6.0") and v("transformers") == "4.57.6" and v("accelerate")' 2>/dev/null; }
if ! works; then
    if [ -n "${TINSEQ_PEERS_VENV:-}" ] && [ -e "$venv" ]; then
        echo "tinseq: $venv has not the versions of $here/peers.txt" >&2
        exit 1
    fi
    echo "tinseq: installing Inseq 0.7.1 and PyTorch 2.6.0 into $venv (about 6 GB, some minutes)" >&2
    rm -rf "$venv"
    mkdir -p "$(dirname "$venv")"
    python3 -m venv "$venv" >&2
    pip="$venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary=:all:"
    $pip -r "$here/peers.txt" >&2 </dev/null
    # Inseq's own pins ask for CUDA 11 packages that nothing here needs.
    $pip --no-deps inseq==0.7.1 accelerate==1.15.0 >&2 </dev/null
    works || { echo "tinseq: the environment in $venv does not work" >&2; exit 1; }
fi
echo "$venv"
