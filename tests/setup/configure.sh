#!/bin/sh
# Configures a build folder once: configure.sh FOLDER [CMake options]. Ninja reconfigures by itself when the build files change.
set -eu
folder=$1
shift
if [ ! -f "$folder/build.ninja" ] || [ $# -gt 0 ]; then
    cmake -S . -B "$folder" -G Ninja "$@" >"${TMPDIR:-/tmp}/tinseq-configure.$$" 2>&1 || { cat "${TMPDIR:-/tmp}/tinseq-configure.$$"; rm -f "${TMPDIR:-/tmp}/tinseq-configure.$$"; exit 1; }
    rm -f "${TMPDIR:-/tmp}/tinseq-configure.$$"
fi
