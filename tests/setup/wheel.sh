#!/bin/sh
# Puts the libtorch of a PyTorch wheel into FOLDER (build-wheel), for the CPU: PyTorch itself and, of the CUDA libraries it was built with, the two that
# its libtorch_cpu is linked to. Writes FOLDER/torch-path, the prefix for CMake. TORCH_VERSION chooses another version.
set -eu
folder=$1
version=${TORCH_VERSION:-2.15.0}
site="$folder/site"
if [ -f "$folder/torch-path" ] && [ -d "$(cat "$folder/torch-path")" ] && [ "$(cat "$folder/torch-version" 2>/dev/null)" = "$version" ]; then
    exit 0
fi
echo "tinseq: fetching PyTorch $version (about 0.6 GB) into $folder"
rm -rf "$site"
mkdir -p "$folder"
install="python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: --no-compile --upgrade --root-user-action=ignore --target $site"
$install "torch==$version"
# All in one call: with --target, pip would replace the folder "nvidia" that they share.
packages=$(readelf -d "$site/torch/lib/libtorch_cpu.so" | sed -n 's/.*NEEDED.*\[\(libcudart\|libcupti\)\.so\.\([0-9]*\).*/\1 \2/p' |
    while read -r library major; do
        name=nvidia-cuda-runtime
        [ "$library" = libcupti ] && name=nvidia-cuda-cupti
        if [ "$major" -ge 13 ]; then echo "$name>=$major,<$((major + 1))"; else echo "$name-cu$major"; fi
    done)
# shellcheck disable=SC2086 # one word a package
[ -z "$packages" ] || $install $packages
echo "$version" >"$folder/torch-version"
echo "$(cd "$site/torch" && pwd)" >"$folder/torch-path"
