#!/bin/sh
# Installs what is missing, then the whole suite: the optimised build with every label, ASan + UBSan
# with the unit and torch labels, TSan with the thread tests. test.sh wheel: the optimised suite
# against the libtorch of a PyTorch wheel. Says at the end, also after a failure, where the time went.
set -eu
jobs=$(nproc)
times=$(mktemp -d)
trap 'summary; rm -rf "$times"' EXIT
trap 'exit 1' INT TERM

now() { date +%s; }
started=$(now)

# phase NAME COMMAND...: runs it, and notes its seconds even where it fails.
phase() {
    name=$1 from=$(now) status=0
    shift
    "$@" || status=$?
    printf '%8d s  %s\n' $(($(now) - from)) "$name" >>"$times/phases"
    return $status
}

run_tests() { # run_tests FOLDER CTEST-ARGUMENTS...
    folder=$1
    shift
    (cd "$folder" && ctest --output-on-failure --parallel "$jobs" --output-log "$times/$folder" "$@")
}

suite() { # suite FOLDER "CMake options" TARGET CTEST-ARGUMENTS...
    folder=$1 options=$2 target=$3
    shift 3
    # shellcheck disable=SC2086 # the options are words
    phase "$folder: configuring" tests/setup/configure.sh "$folder" $options
    phase "$folder: building" cmake --build "$folder" --parallel "$jobs" --target "$target"
    echo "tinseq: testing $folder ($(($(now) - started)) s so far)"
    phase "$folder: testing" run_tests "$folder" "$@"
}

summary() {
    [ -f "$times/phases" ] || return 0
    echo "tinseq: where the time went"
    cat "$times/phases"
    printf '%8d s  all of it\n' $(($(now) - started))
    echo "tinseq: the slowest ten tests"
    for log in "$times"/build*; do
        [ ! -f "$log" ] || sed -n "s|^.*Test *#[0-9]*: \([^ ]*\) \.*.* \([0-9.]*\) sec *\$|\2 ${log##*/} \1|p" "$log"
    done | sort -rn | head -n 10 | awk '{printf "%8.1f s  %s: %s\n", $1, $2, $3}'
}

prepare() {
    phase "installing packages" tests/setup/packages.sh test
    phase "fetching models" tests/setup/models.sh
}

case "${1:-}" in
wheel)
    prepare
    phase "fetching the wheel" tests/setup/wheel.sh build-wheel
    torch=$(cat build-wheel/torch-path)
    suite build-wheel "-DCMAKE_PREFIX_PATH=$torch" all
    ;;
"")
    prepare
    suite build "" all
    suite build-asan "-DSANITIZE=address" all -L 'unit|torch'
    suite build-tsan "-DSANITIZE=thread" thread_tests -L thread
    ;;
*)
    echo "usage: test.sh [wheel]" >&2
    exit 2
    ;;
esac
echo "tinseq: all suites passed"
