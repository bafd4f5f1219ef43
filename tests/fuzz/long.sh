#!/bin/sh
# The fuzz targets under clang's libFuzzer with ASan and UBSan, one core each in turn:
#     tests/fuzz/long.sh [RUNS] [SECONDS] [TARGET...]
# A target ends after RUNS executions (1,000,000) or SECONDS (7,200). What it found goes to
# build-fuzz/found/TARGET, inputs that fail to build-fuzz/found/TARGET-*; the table at the end has
# executions, edges reached and seconds. Exit 1 when an input failed. Needs the package clang.
set -eu
cd "$(dirname "$0")/../.."
runs=${1:-1000000} seconds=${2:-7200}
[ $# -lt 2 ] || shift
[ $# -lt 1 ] || shift
[ $# -gt 0 ] || set -- weights config adapter tokenizer vocabulary sentencepiece result rows expression table template
build=build-fuzz
found=$PWD/$build/found

tests/setup/packages.sh fuzz
tests/setup/configure.sh $build -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DLIBFUZZER=ON -DSANITIZE=address
for target in "$@"; do
    cmake --build $build --parallel "$(nproc)" --target "fuzz_$target" >"$build/log-$target" || { cat "$build/log-$target"; exit 1; }
done

# corpora TARGET: what its runs start from, as in CMakeLists.txt, in tests/.
corpora() {
    case $1 in
    weights) echo fixtures/weights fuzz/corpus/weights ;;
    adapter) echo fixtures/weights fuzz/corpus/adapter ;;
    result) echo fixtures/results fixtures/results/old fuzz/corpus/result ;;
    rows) echo fixtures/results fuzz/corpus/rows ;;
    *) echo "fuzz/corpus/$1" ;;
    esac
}

status=0
cd tests
for target in "$@"; do
    mkdir -p "$found/$target"
    log=$found/$target.log
    failed=0
    # shellcheck disable=SC2046
    "../$build/fuzz_$target" -runs="$runs" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="$found/$target-" "$found/$target" $(corpora "$target") >"$log" 2>&1 || failed=$?
    [ $failed -eq 0 ] || { status=1; echo "fuzz_$target failed; its end:"; tail -n 40 "$log"; }
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    first=$(sed -n 's/.*INITED cov: \([0-9]*\) .*/\1/p' "$log" | head -n 1)
    done_runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    took=$(sed -n 's/^Done [0-9]* runs in \([0-9]*\) second.*/\1/p' "$log")
    printf '%-14s %9s executions %6s s  edges %5s, from the corpus alone %5s\n' "$target" "${done_runs:-?}" "${took:-?}" "${edges:-?}" "${first:-?}"
done
exit $status
