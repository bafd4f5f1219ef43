#!/bin/sh
# Installs the Debian packages that a target needs and that are missing; says what it does, and nothing when all are there.
# Usage: packages.sh build|models|test|bench|fuzz|chroot
set -eu
build="gcc g++ cmake ninja-build pkg-config libtorch-dev libdnnl-dev libopenblas0-pthread libsentencepiece-dev libcjson-dev libncurses-dev
  libutf8proc-dev libpcre2-dev libyaml-dev zlib1g-dev libsqlite3-dev libcriterion-dev libvterm-dev ncurses-base librsvg2-2 fonts-dejavu-core"
models="python3 python3-pip unzip ca-certificates"
case "${1:-build}" in
build) want="$build" ;;
models) want="$models" ;;
test) want="$build $models python3-venv chromium clang-format groff-base libopenmpi-dev openmpi-bin parallel" ;;
bench) want="$build $models python3-venv" ;;
fuzz) want="$build clang" ;;
chroot) want="debootstrap ca-certificates" ;;
*) echo "usage: packages.sh build|models|test|bench|fuzz|chroot" >&2; exit 2 ;;
esac
command -v dpkg-query >/dev/null 2>&1 || { echo "tinseq: not a Debian system; these packages' contents are needed: $want" >&2; exit 0; }
missing=""
for package in $want; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
sudo=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || { echo "tinseq: missing Debian packages, and no sudo to install them:$missing" >&2; exit 1; }
    sudo="sudo"
fi
echo "tinseq: installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing </dev/null
