#!/bin/sh
# `make test` (or another target) of the committed tree in a bare Debian, as on a machine that was just installed:
#     tests/setup/chroot.sh RELEASE [TARGET]          RELEASE: bookworm (Debian 12) or trixie (Debian 13)
# The chroot has debootstrap's minbase, make, and nothing else; it is removed when TARGET succeeds, and kept to look at when it
# fails. Place: ${TINSEQ_CHROOTS:-/var/tmp/tinseq-chroots}/RELEASE, some 6 GB. Needs root and the package debootstrap.
set -eu
cd "$(dirname "$0")/../.."
release=${1:-} target=${2:-test}
case $release in
bookworm | trixie) ;;
*) echo "usage: chroot.sh bookworm|trixie [TARGET]" >&2; exit 2 ;;
esac
[ "$(id -u)" -eq 0 ] || { echo "tinseq: a chroot needs root: sudo $0 $release" >&2; exit 1; }
tests/setup/packages.sh chroot
root=${TINSEQ_CHROOTS:-/var/tmp/tinseq-chroots}/$release

leave() {
    for place in dev/pts dev/shm dev proc sys; do
        ! mountpoint -q "$root/$place" || umount -l "$root/$place"
    done
}
trap leave EXIT
trap 'exit 1' INT TERM

leave
rm -rf --one-file-system "$root"
mkdir -p "$root"
echo "tinseq: a bare $release in $root"
debootstrap --variant=minbase --include=make "$release" "$root" ${TINSEQ_DEBIAN_MIRROR:-} >"$root.log" 2>&1 || { tail "$root.log"; exit 1; }
# What this machine trusts, the chroot does: a network may have a certificate of its own.
[ ! -f /etc/ssl/certs/ca-certificates.crt ] || cp /etc/ssl/certs/ca-certificates.crt "$root/etc/host.crt"
mkdir "$root/tinseq"
git archive HEAD | tar -x -C "$root/tinseq"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --bind /dev "$root/dev"
mount --bind /dev/pts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"

echo "tinseq: make $target in it"
env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM="${TERM:-xterm-256color}" \
    http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} \
    $([ ! -f "$root/etc/host.crt" ] || echo PIP_CERT=/etc/host.crt) \
    chroot "$root" make -C /tinseq "$target"
leave
rm -rf --one-file-system "$root" "$root.log"
echo "tinseq: make $target passed in $release"
