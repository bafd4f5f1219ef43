#!/bin/sh
# The whole suite: the optimised build with every label, ASan + UBSan with the unit and torch labels, TSan with the thread tests. test.sh wheel:
# the optimised suite against the libtorch of a PyTorch wheel.
set -eu
jobs=$(nproc)
started=$(date +%s)

suite() { # suite FOLDER "CMake options" CTEST-ARGUMENTS...
    folder=$1 options=$2
    shift 2
    # shellcheck disable=SC2086 # the options are words
    tests/setup/configure.sh "$folder" $options
    cmake --build "$folder" --parallel "$jobs"
    echo "tinseq: testing $folder ($(($(date +%s) - started)) s so far)"
    (cd "$folder" && ctest --output-on-failure --parallel "$jobs" "$@")
}

case "${1:-}" in
wheel)
    tests/setup/wheel.sh build-wheel
    torch=$(cat build-wheel/torch-path)
    suite build-wheel "-DCMAKE_PREFIX_PATH=$torch"
    ;;
"")
    suite build ""
    suite build-asan "-DSANITIZE=address" -L 'unit|torch'
    suite build-tsan "-DSANITIZE=thread"
    ;;
*)
    echo "usage: test.sh [wheel]" >&2
    exit 2
    ;;
esac
echo "tinseq: all suites passed in $(($(date +%s) - started)) s"
