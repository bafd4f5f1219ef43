#!/bin/bash
# The command line as a whole program. Usage: cli.sh plain|model|real TINSEQ FIXTURES
#   plain: what needs no model (the tensor module is made unfindable); model: on the tiny checkpoints; real: every example of the help texts and the README.
set -u
kind=$1 tinseq=$2 fixtures=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
export NO_COLOR=1 COLUMNS=200 XDG_STATE_HOME=$work/state

fail() {
    echo "FAIL: $*"
    sed 's/^/    out: /' "$work/out" | head -n 20
    sed 's/^/    err: /' "$work/err" | head -n 20
    bad=1
}
# run STATUS ARGUMENTS...: runs tinseq into $work/out and $work/err and checks its exit status.
run() {
    local want=$1
    shift
    "$tinseq" "$@" >"$work/out" 2>"$work/err" </dev/null
    local status=$?
    [ $status -eq "$want" ] || fail "tinseq $*: status $status, not $want"
    last="tinseq $*"
}
out() { grep -qF -- "$1" "$work/out" || fail "$last: no \"$1\" in the output"; }
err() { grep -qF -- "$1" "$work/err" || fail "$last: no \"$1\" on standard error"; }
silent() { [ ! -s "$work/err" ] || fail "$last: standard error is not empty"; }
empty() { [ ! -s "$work/out" ] || fail "$last: standard output is not empty"; }
# One line "tinseq: ..." and nothing else.
one_line() {
    empty
    [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q '^tinseq: ' "$work/err" || fail "$last: not one line of error"
}

# quick ARGUMENTS...: best of five under 50 ms (more in a build with sanitizers).
quick() {
    local best=999 start stop
    for _ in 1 2 3 4 5; do
        start=$(date +%s%N)
        "$tinseq" "$@" >/dev/null 2>&1
        stop=$(date +%s%N)
        [ $(((stop - start) / 1000000)) -lt "$best" ] && best=$(((stop - start) / 1000000))
    done
    [ "$best" -lt "${CLI_QUICK_MS:-50}" ] || fail "tinseq $*: $best ms"
}

# What is true of each: its help, an option that is none, nothing given, and where what it prints goes.
every_command() {
    local command line
    "$tinseq" complete -- '' | cut -f1 | grep -vx help >"$work/commands"
    [ "$(wc -l <"$work/commands")" -ge 9 ] || fail "not all commands are listed"
    for command in "" $(<"$work/commands") complete manual; do
        run 0 $command --help; out Usage; out Examples; out "--help, -h"; silent
        run 0 help $command; silent
        run 2 $command --hlep; err "did you mean --help?"; one_line
        run 2 $command --no_such_option_at_all x; err "unknown option"; one_line
        run 2 $command --help=maybe; err "true or false"; one_line
        "$tinseq" $command --help >&- 2>"$work/err" && fail "$command --help: done, though standard output is closed"
        err "standard output:"
        "$tinseq" $command --help >/dev/full 2>"$work/err" && fail "$command --help: done, though the disk is full"
        err "No space left"
        case $command in
        "" | list | tour | complete | manual) ;; # these need nothing
        *) run 2 $command; one_line ;;
        esac
    done
    for command in list explain complete; do
        "$tinseq" $command --help | grep '^  tinseq '
    done >"$work/examples"
    [ "$(wc -l <"$work/examples")" -ge 10 ] || fail "helps have examples"
    while read -r line; do
        eval "${line/#tinseq/\"\$tinseq\"}" >"$work/out" 2>"$work/err" </dev/null || fail "$line"
        last=$line; silent
    done <"$work/examples"
}

# The examples of convert and merge, one after the other, on copies of a saved result.
file_examples() {
    local line
    mkdir "$work/examples_of_files"
    (
        cd "$work/examples_of_files" || exit 1
        cp "$1/granular.json" manager.json
        cp manager.json nurse.json
        cp "$1/rows.jsonl" monday.jsonl 2>/dev/null || "$tinseq" convert manager.json monday.jsonl 2>/dev/null
        gzip -c monday.jsonl >tuesday.jsonl.gz
        for k in 0 1; do # parts of a data set of two rows
            { printf '{"batch":{"number":%d,"row":%d,"rows":1,"failed":[]}}\n' $k $k
              sed -n "1p;$((k + 2))p" monday.jsonl
              printf '{"batch":{"shard":%d,"of":2,"batches":2,"rows":2,"key":""}}\n' $k; } >facts.0000$k-of-00002.jsonl
        done
        { "$tinseq" convert --help; "$tinseq" merge --help; } | grep '^  tinseq ' >lines
        [ "$(wc -l <lines)" -ge 8 ] || fail "convert and merge have examples"
        while read -r line; do
            eval "${line/#tinseq/\"\$tinseq\"}" >"$work/out" 2>"$work/err" </dev/null || fail "$line"
        done <lines
        for line in manager.html part_0.json both.json week.jsonl.gz facts.jsonl; do [ -s $line ] || fail "no $line by the examples"; done
        exit $bad
    ) || bad=1
}

# Colours on a terminal: not with NO_COLOR, but where they are asked for. An interrupt ends what waits with 130, as shells tell it.
terminal_and_interrupts() {
    python3 - "$tinseq" "$1/granular.json" "$fixtures/tiny/llama" <<'END' || fail "colours or interrupts"
import os, pty, signal, subprocess, sys, time
tinseq, result, model = sys.argv[1:]
def shown(no_color, *options):
    child, terminal = pty.fork()
    if child == 0:
        os.environ.pop("NO_COLOR", None)
        os.environ.update(no_color, TERM="xterm-256color")
        os.execv(tinseq, [tinseq, "show", result, *options])
    text = b""
    try:
        while part := os.read(terminal, 65536):
            text += part
    except OSError:
        pass
    assert os.waitpid(child, 0)[1] == 0
    return text
assert b"\x1b[" in shown({}), "no colours on a terminal"
assert b"\x1b[" not in shown({"NO_COLOR": "1"}), "colours in spite of NO_COLOR"
assert b"\x1b[" in shown({"NO_COLOR": "1"}, "--color", "always"), "no colours though asked for"
assert b"\x1b[" not in shown({}, "--color", "never"), "colours though not wanted"
for words in ["tokenize", "-i", "-"], ["tokenize", "--input_file", "-"], ["attribute", "-i", "-"], ["evaluate", "-i", "-"]:
    child = subprocess.Popen([tinseq, words[0], "-m", model, *words[1:]], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    time.sleep(0.1)
    assert child.poll() is None, f"{words} does not wait"
    child.send_signal(signal.SIGINT)
    assert child.wait(20) in (130, -signal.SIGINT), f"{words}: {child.returncode}"
END
}

# Every name of every kind is explained, as text and as JSON, as what it is.
names() {
    local kind
    ids() { python3 -c 'import json, sys; [print(x["id"]) for x in json.load(sys.stdin) if x["summary"]]' <"$work/out"; }
    run 0 list; silent; out methods; out topics
    run 0 list --json; silent; ids >"$work/kinds"
    [ "$(wc -l <"$work/kinds")" -ge 11 ] || fail "not all kinds are listed"
    while read -r kind; do
        run 0 list "$kind" --json; silent; ids >"$work/ids"
        [ "$kind" = models ] || [ -s "$work/ids" ] || fail "there is none of $kind"
        mapfile -t all <"$work/ids"
        [ ${#all[@]} -gt 0 ] || continue
        run 0 explain "${all[@]}"; silent
        run 0 explain "${all[@]}" --json; silent
        python3 -c 'import json, sys; k = sys.argv[2]; assert [k] * len(sys.argv[3:]) == [x["kind"] for x in json.load(open(sys.argv[1])) if x["id"] in sys.argv[3:] and x["kind"] == k]' \
            "$work/out" "$kind" "${all[@]}" || fail "not all of $kind are explained as such"
    done <"$work/kinds"
    # Formats are known by their endings, families by their types; a name of two kinds is explained as either.
    run 0 explain pdf .csv llama dark viridis; out "a format (--export)"; out "a family of models"; out "a theme"; out "a colour map"; silent
    mkdir -p "$work/models"; cp -r "$fixtures/tiny/llama" "$work/models/saliency"
    TINSEQ_MODELS=$work/models run 0 explain saliency; out "Saliency, an attribution method"; out "saliency, a model on this machine"; out "$work/models/saliency"; silent
    run 2 explain no_such_thing_at_all; err "see 'tinseq list'"; one_line
    run 2 explain saliency smolm --json; one_line
}

# aligned WANT ARGUMENTS...: what --alignments pharaoh prints.
aligned() {
    local want=$1
    shift
    run 0 show "$@" --alignments pharaoh
    [ "$(cat "$work/out")" = "$want" ] || fail "$last: not $want"
}

# Pairs of words, by the largest scores of the table above or by shares of them.
alignments() {
    local lm=${2%/*}/lm.json.gz mt=$2
    aligned "1-1 2-0 2-2" "$mt"; silent
    aligned "0-1 1-1 2-1" "$mt" --alignment_symmetrize rows; err "in no pair"
    aligned "1-1" "$mt" --alignment_symmetrize intersection --quiet; silent
    aligned "0-1 1-1 2-0 2-1 2-2" "$mt" --alignment_symmetrize union; silent
    aligned "0-1 1-1 2-0 2-1 2-2" "$mt" --alignment_symmetrize grow-diag --quiet
    aligned "1-1 2-0 2-2" "$mt" --unit word --alignment_threshold 0.41
    aligned "0-2 2-1 3-5 4-0 4-3 4-4" "$mt" --unit token
    aligned "1-1 2-0 2-2" "$mt" --attribution_aggregators subwords:sum
    "$tinseq" show "$mt" --alignments pharaoh -o "$work/raw.json" --quiet >"$work/out" && grep -qx "1-1 2-0 2-2" "$work/out" || fail "-o and --alignments"
    run 2 show "$lm" --alignments pharaoh; err "decoder-only"; one_line
    run 2 show "$mt" --alignments pharao; err "did you mean pharaoh?"; one_line
    run 2 show "$mt" --alignments pharaoh --alignment_symmetrize grow; err "unknown way"; one_line
    run 2 show "$mt" --alignments pharaoh --alignment_threshold 2; err "at most 1"; one_line
    run 2 show "$mt" --alignments pharaoh --alignment_threshold nan; err "at most 1"; one_line
    run 2 show "$mt" --alignments pharaoh --csv; err "not both"; one_line
    run 2 show "$mt" --alignments pharaoh --pair "$3"; err "not both"; one_line
    run 2 show "$mt" --alignment_threshold 0.5; err "--alignments pharaoh"; one_line
    run 0 explain citations; out "--citation_rule"; silent
    run 0 explain word_alignments grow-diag; out "--alignment_threshold"; out "The intersection"; silent
}

# A user's own function, unit and aggregator: used, listed, explained.
own_aggregators() {
    local mt=$2 own=$(dirname "$tinseq")/plugins
    run 0 show "$mt" --own_aggregator "$own/median.so" --unit word:median; out "·doctor"; silent
    run 0 show "$1/granular.json" --own_aggregator "$own/median.so" "$own/above.so" --attribution_aggregators median above --aggregation_kwargs '{"share": 0.9}'; out " 0.00"; silent
    run 0 show "$mt" --own_aggregator "$own/clause.so" --unit clause; out "·The doctor spoke ."; silent
    run 0 list units --own_aggregator "$own/clause.so"; out "up to a comma"
    run 0 explain above median clause --own_aggregator "$own/above.so" "$own/median.so" "$own/clause.so"; out "share"; out "Median, "; out "Clauses, "; silent
    run 2 show "$mt" --own_aggregator "$own/margin.so"; err "tinseq-aggregator.h"; one_line
    run 2 show "$mt" --unit clause; err "unknown unit"; one_line
}

# A user's own methods, against ours where they compute the same.
own_methods() {
    local llama=$1 own=$(dirname "$tinseq")/plugins
    run 0 list methods --own_method "$own/straight.so"; out "Gradients along the straight line"
    run 0 explain straight --own_method "$own/straight.so"; out "points"; out "Sundararajan"; silent
    for pair in "blank occlusion {} {}" 'straight integrated_gradients {"points":3} {"n_steps":3,"method":"riemann_middle"}'; do
        set -- $pair
        run 0 attribute -m "$llama" -i "The nurse said" -g "The nurse said hello" --own_method "$own/$1.so" -a "$1" --attribution_kwargs "$3" -o "$work/own.json" --quiet
        run 0 attribute -m "$llama" -i "The nurse said" -g "The nurse said hello" -a "$2" --attribution_kwargs "$4" -o "$work/ours.json" --quiet
        run 0 show "$work/own.json"; out "$1 of probability"; sed -n 2,10p "$work/out" | tr -s " " >"$work/once"
        run 0 show "$work/ours.json"; sed -n 2,10p "$work/out" | tr -s " " | cmp - "$work/once" || fail "$1 and $2 differ"
    done
    run 0 evaluate "$work/own.json" -m "$llama" --own_method "$own/straight.so" --noise_samples 2 --quiet
    run 2 attribute -m "$llama" -i "The nurse said" -a straight; err "straight"; one_line
    run 2 list methods --own_method "$own/margin.so"; err "tinseq-method.h"; one_line
}

# Aggregators, units, weights and pairs of saved files: what is shown, written, read again, and refused.
pipelines() {
    local saved=$1/granular.json mt=$2/mt.json.gz
    run 0 show "$mt" --unit word; out "·doctor"; out "·médico"; silent
    run 0 show "$mt" --unit rows=word; out "·doctor"; out "·mé"
    run 0 show "$mt" --unit rows=sentence columns=word; out "·The doctor spoke ."; out "·médico"
    run 0 show "$mt" --unit spans --aggregation_kwargs '{"source_spans": [[0, 3]]}'; out "·The doctor "
    run 0 show "$mt" --unit regex --aggregation_kwargs '{"split_pattern": "doc"}'; out "tor·spoke"
    run 0 show "$mt" --attribution_aggregators subwords:sum --punctuation apart; out "·doctor"
    run 0 show "$mt" --unit turn; err "There is no turn among"
    alignments "$1" "$mt" "$2/mt_other.json.gz"
    own_aggregators "$1" "$mt"
    run 0 show "$mt" --pair "$2/mt_other.json.gz" --unit word; out "·doctor → ·lawtor"
    run 0 show "$mt" --attribution_aggregators subwords pair --pair "$2/mt_other.json.gz"; out "·doctor → ·lawtor"
    # What is written is what is shown, and says how it came to be; again, nothing changes.
    run 0 show "$saved" --unit word -o "$work/words.json" --quiet
    grep -q '"units:sum{' "$work/words.json" || fail "a saved file does not say its pipeline"
    run 0 show "$saved" --unit word; grep -v '^tinseq' "$work/out" >"$work/once"
    run 0 show "$work/words.json"; cmp "$work/out" "$work/once" || fail "a file of words shows something else"
    run 0 show "$work/words.json" --unit word; cmp "$work/out" "$work/once" || fail "words of words are others"
    # Attention that was read back is still averaged, whole or in part.
    run 0 show "$1/attention.json" --attribution_aggregators mean --normalize_attributions -o "$work/layers.json" --quiet
    run 0 show "$1/attention.json"; cp "$work/out" "$work/once"
    run 0 show "$work/layers.json"; cmp "$work/out" "$work/once" || fail "attention averaged in two steps"
    run 0 show "$saved" --attribution_aggregators subwords:sum --aggregate_output -o "$work/flat.json" --quiet
    run 0 show "$saved" --attribution_aggregators subwords:sum; cp "$work/out" "$work/once"
    run 0 show "$work/flat.json"; cmp "$work/out" "$work/once" || fail "--aggregate_output writes something else than is shown"
    # Scaling: of what is usual, of scores per token, and not at all.
    run 0 show "$1/coarse.json.gz" --rescale_attributions; grep -qE '(^| )-?1\.00' "$work/out" || fail "not rescaled: $last"
    run 0 show "$1/coarse.json.gz" --normalize_attributions true; cp "$work/out" "$work/once"
    run 0 show "$1/coarse.json.gz"; cmp -s "$work/out" "$work/once" && fail "scores per token are not normalised when that is asked for"
    run 0 show "$saved" --normalize_attributions false; cp "$work/out" "$work/once"
    run 0 show "$saved" --attribution_aggregators vnorm; cmp "$work/out" "$work/once" || fail "--normalize_attributions false"
    run 0 show "$saved" --weight_attributions probability; cp "$work/out" "$work/once"
    run 0 show "$saved"; cmp -s "$work/out" "$work/once" && fail "nothing is weighted"
    run 2 show "$saved" --weight_attributions probabilty; err "there are probability, entropy"; one_line
    run 2 show "$saved" --weight_attributions probability --attribution_aggregators vnorm; err "aggregates as usual first"; one_line
    run 2 show "$saved" --unit wrod; err "did you mean word?"; one_line
    run 2 show "$saved" --unit word rows=line; err "says twice what rows are"; one_line
    run 2 show "$saved" --unit rows=word columns=line:mean; err "by sum and by mean"; one_line
    run 0 show "$1/dummy.json" --weight_attributions probability; err "no attributions here"
    run 2 show "$saved" --unit regex; err "split_pattern"; one_line
    run 2 show "$saved" --unit word:summ; err "did you mean sum?"; one_line
    run 2 show "$saved" --punctuation apart; err "--unit word"; one_line
    run 2 show "$saved" --unit word --punctuation part; err "joined, apart"; one_line
    run 2 show "$saved" --span_rule entropy=mean; err "--unit"; one_line
    run 2 show "$saved" --unit word --span_rule entropy; err "entropy=mean"; one_line
    run 2 show "$saved" --unit word --span_rule entropy=maen; err "no function"; one_line
    run 2 show "$saved" --attribution_aggregators pair; err "--pair FILE"; one_line
    run 2 show "$saved" --attribution_aggregators pair vnorm --pair "$mt"; err "pair is the last"; one_line
    run 2 show "$saved" --aggregation_kwargs '{"special_chars": "x"}'; err "is of subwords"; one_line
    run 1 show "$saved" --pair "$mt"; err "texts"; one_line
    run 1 show "$mt" --pair "$2/late.json.gz"; err "different dimensions"; one_line
    for name in $("$tinseq" list aggregators | sed -n 's/^\([a-z_]*\)  .*/\1/p') $("$tinseq" list units | sed -n 's/^\([a-z_]*\)  .*/\1/p') $("$tinseq" list functions | sed -n 's/^\([a-z_]*\)  .*/\1/p'); do
        run 0 explain "$name"; silent
    done
    run 0 explain probability; out "the product"; run 0 explain entropy; out "the sum"; run 0 explain logit; out "the largest magnitude"
    run 0 explain aggregation; out "select_idx"
}

# Every format by its ending, from `show`; names that cannot be, and a disk that is full.
exports() {
    local saved=$1/granular.json
    run 0 list exports; out ".json, .json.gz"; out ".tsv"; silent
    run 0 show "$saved" --export "$work/x.tsv" --export="$work/x.txt" --export "$work/x.htm" --export "$work/x.json.gz" --hide
    empty; err "saved the scores to $work/x.tsv"; err "saved the table to"; err "saved the page to"; err "saved attributions to"
    zcat "$work/x.json.gz" | cmp - "$saved" || fail "an exported JSON is not the file"
    run 0 show "$saved"; cmp "$work/out" "$work/x.txt" || fail "an exported table is not the printed one"
    run 0 show "$saved" --viz_path "$work/y.html" --quiet; cmp "$work/x.htm" "$work/y.html" || fail "two pages of one result"
    [ "$(head -n 1 "$work/x.tsv" | cut -f 1-4)" = $'side\tposition\ttoken\t·Eu' ] || fail "the heading of a TSV"
    run 0 show "$saved" --export "$work/x.json" --aggregate_output; err "saved aggregated attributions to"
    run 0 show "$work/x.json" --export "$work/y.tsv" --quiet; cmp "$work/x.tsv" "$work/y.tsv" || fail "an aggregated file has other scores"
    run 2 show "$saved" --export "$work/x.docx"; err ".html, .htm, .json, .json.gz, .jsonl, .jsonl.gz, .csv, .tsv"; one_line
    run 2 show "$saved" --export "$work/new.tsv" --export x; one_line
    [ ! -e "$work/new.tsv" ] || fail "a file was written though the command was wrong"
    run 2 show --export "$work/new.tsv" "$saved" --export; one_line
    run 1 show "$saved" --export "$work/no/x.tsv"; err "there is no folder"; one_line
    run 2 list methods --export x.tsv; err "no option of this command"; one_line
    run 0 show "$saved" --export "$work/x.svg" --export "$work/x.dark.svg" --export "$work/x.png" --export "$work/x.pdf" --quiet; silent
    [ "$(head -c 4 "$work/x.png" | tail -c 3)" = PNG ] && [ "$(head -c 5 "$work/x.pdf")" = %PDF- ] || fail "a PNG and a PDF"
    grep -q prefers-color-scheme "$work/x.svg" && ! grep -q prefers-color-scheme "$work/x.dark.svg" && grep -q 111417 "$work/x.dark.svg" || fail "light and dark"
    local result
    zcat "$fixtures/inseq-steps/gpt2-dummy-probability-top_p_size.json.gz" >"$work/whole.json"
    for result in "$1"/granular "$1"/attention "$work/whole"; do
        run 0 show "$result.json" --export "$work/x.npz" --export "$work/x.safetensors" --quiet; silent
        python3 "$(dirname "$0")/check_arrays.py" "$result.json" "$work/x.npz" "$work/x.safetensors" >"$work/out" 2>"$work/err" || fail "arrays of $result"
    done
    TINSEQ_RSVG=/nonexistent.so run 1 show "$saved" --export "$work/new.tsv" --export "$work/x.png"; err "librsvg2-2"; one_line
    [ ! -e "$work/new.tsv" ] || fail "a file was written though another cannot be"
    mkdir "$work/closed"; echo old >"$work/closed/x.tsv"
    (ulimit -f 0; trap '' XFSZ; exec "$tinseq" show "$saved" --export "$work/closed/x.tsv" --hide) 2>"$work/err"
    [ $? -eq 1 ] && [ "$(cat "$work/closed/x.tsv")" = old ] && [ "$(ls "$work/closed")" = x.tsv ] || fail "an export that fails keeps the old file"
}

# What `show` takes of a file, and in which form: a summary, one text, CSV, fixed colours.
parts() {
    local saved=$1/granular.json
    run 0 show "$saved" --summary; silent; out "Text 2 of 2"; out "[6, 4, 6] float32"; out "0=·I 1=·said"; out "positions 1 to 4 of the target, 4 columns"; out "exec_time"
    run 0 show "$saved" --summary --json --sequence 2; silent; out '"texts":1'; out '"shape":[5,2,6]'; out '"attr_pos_start":3'
    run 0 show "$saved" --sequence 2 --csv; silent; [ "$(grep -c $'\r$' "$work/out")" -eq "$(wc -l <"$work/out")" ] || fail "CSV lines end in CRLF"
    cp "$work/out" "$work/two.csv"
    run 0 show "$saved" --sequence 2 --export "$work/x.csv" --hide; cmp "$work/x.csv" "$work/two.csv" || fail "--csv is not the CSV"
    run 0 show "$saved" --sequence 1 -o "$work/one.json" --csv; mv "$work/out" "$work/one.csv"; run 0 show "$work/one.json" --csv; cmp "$work/out" "$work/one.csv" || fail "a text saved alone"
    run 0 merge "$saved" "$1/attention.json" -o "$work/mixed.jsonl"; run 0 show "$work/mixed.jsonl" --summary
    [ "$(grep -c '^Parameters' "$work/out")" -eq 3 ] || fail "a summary of rows that were made otherwise"
    run 2 show "$saved" --sequence 3; err "the file has 2 texts"; one_line
    run 2 show "$saved" --sequence 0; one_line
    run 2 show "$saved" --csv --json; one_line; run 2 show "$saved" --csv --summary; one_line
    run 2 show "$saved" --scale 4:0; err "0:0.4"; one_line; run 2 show "$saved" --scale; one_line
    run 0 show "$saved" --scale -0.1:0.15 --color always; out "colours fixed from -0.1 to 0.15, 6 scores beyond"
    run 0 show "$saved" --scale 0:0.4 --colour_map magma; err "--scale changes nothing here"; err "--colour_map changes nothing here"
    run 0 show "$saved" --scale 0:0.4 --viz_path "$work/x.html" --quiet; silent; grep -q 'data-from=0 data-to=0.4>' "$work/x.html" || fail "a page with fixed colours"
    run 0 show "$saved"; out "method:    saliency of probability with tiny"
    run 0 show "$1/attention.json"; out "method:    attention"; grep -q probability_ "$work/out" && fail "a function that takes no part"
}

# Every way of keeping a result, and back again: convert, merge, open.
files() {
    local granular=$1/granular.json attention=$1/attention.json half=$1/half.json at=$work/files
    mkdir "$at"
    run 0 convert "$granular" "$at/raw.jsonl.gz" --aggregate_output false; empty; err "saved the rows to"
    run 0 convert "$at/raw.jsonl.gz" "$at/back.json"; err "saved attributions to"
    cmp "$at/back.json" "$granular" || fail "raw rows are not the result"
    run 0 convert "$granular" "$at/shown.jsonl"; run 0 convert "$at/shown.jsonl" "$at/shown.json" --quiet; silent
    run 0 show "$granular" --export "$at/want.json" --aggregate_output --quiet
    cmp "$at/shown.json" "$at/want.json" || fail "rows are not what is shown"
    run 0 show "$granular" -o "$at/saved.jsonl" --quiet; cmp "$at/saved.jsonl" "$at/shown.jsonl" || fail "-o and convert write other rows"
    run 0 show "$at/shown.jsonl"; cp "$work/out" "$at/tables"; run 0 show "$granular"; cmp "$work/out" "$at/tables" || fail "rows show other tables"
    run 0 show "$at/shown.jsonl" --sequence 2; out "Paris"; run 2 show "$at/shown.jsonl" --sequence 3; one_line
    run 0 show "$at/shown.jsonl" --json; cmp <(cat "$work/out") <(cat "$at/want.json"; echo) || fail "--json of rows"
    run 0 convert "$granular" "$at/page.html"; grep -q '<html' "$at/page.html" || fail "no page"

    run 0 convert "$granular" "$at/half.json" --scores_precision float16; run 0 convert "$at/half.json" "$at/half2.json" --scores_precision float16 --quiet
    cmp "$at/half.json" "$at/half2.json" || fail "float16 rounds twice"
    run 0 convert "$half" "$at/h.json" --scores_precision float8; err "scores are too small for float8 and are saved as 0"; err "too large for float8 and are saved as NaN"
    run 0 convert "$granular" "$at/p.json" --use_primitives; grep -q __instance_type__ "$at/p.json" && fail "types in primitives"
    run 0 convert "$at/p.json" "$at/p2.json" --use_primitives --quiet; cmp "$at/p.json" "$at/p2.json" || fail "primitives do not come back"
    run 0 convert "$granular" "$at/z.json" --compress; zcat <"$at/z.json" | cmp - "$granular" || fail "--compress"
    run 0 convert "$granular" "$at/s.json" --split_sequences; err "s_0.json to"; [ -e "$at/s_1.json" ] && [ ! -e "$at/s.json" ] || fail "split sequences"
    run 0 merge "$at"/s_*.json -o "$at/s.json"; cmp "$at/s.json" "$granular" || fail "split sequences do not come back"
    run 0 merge "$at/s.json" "$at/s_0.json" -o "$at/s.json"; run 0 show "$at/s.json" --sequence 3; out "olá"

    run 1 merge "$granular" "$attention" -o "$at/m.json"; err "attribution_method is \"saliency\" here and \"attention\" there"; one_line
    [ ! -e "$at/m.json" ] || fail "a file of half a merge"
    run 0 merge "$granular" "$attention" -o "$at/m.jsonl" --quiet; silent; [ "$(wc -l <"$at/m.jsonl")" -eq 4 ] || fail "three rows and what is above them"
    run 0 show "$at/m.jsonl"; [ "$(sed -n 's/^method: *\([a-z]*\) .*/\1/p' "$work/out" | paste -sd' ')" = "saliency attention" ] || fail "methods of rows"
    echo '{"attr_pos_start":1' >>"$at/m.jsonl"
    run 1 show "$at/m.jsonl"; err "row 4 of 4: not valid JSON"; out "·Eu"
    run 1 convert "$at/m.jsonl" "$at/n.jsonl"; one_line; [ ! -e "$at/n.jsonl" ] || fail "a file of half the rows"

    run 0 convert "$1/old/0.4.0.lists.json" "$at/old.json"; cmp "$at/old.json" "$1/old/0.7.1.json" || fail "a file of Inseq 0.4.0"
    run 0 convert "$1/old/0.4.0.steps.json" "$at/old.jsonl"; err "left out of rows"; run 0 merge "$1/old/0.7.1.steps.json" "$1/old/0.7.1.json" -o "$at/old.json"
    run 0 show "$1/old/0.7.1.steps.json" -o "$at/st.json" --aggregate_output --ndarray_compact false --quiet; grep -q '"step_attributions": \[' "$at/st.json" || fail "steps of an aggregated result"

    run 2 convert "$granular"; one_line; run 2 convert "$granular" "$at/x.docx"; err ".jsonl"; one_line
    run 2 convert "$granular" "$at/x.jsonl" --split_sequences; err "is of JSON"; one_line
    run 2 convert "$granular" "$at/x.html" --scores_precision float16; err "says how a result is kept"; one_line
    run 2 convert "$granular" "$at/x.json" --scores_precision float61; err "did you mean float16?"; one_line
    run 2 show "$granular" --compress; err "name a file with -o"; one_line
    run 2 merge "$granular"; err "give one with -o"; one_line; run 2 merge -o "$at/x.json"; one_line; run 2 open; one_line
    run 1 convert "$at/none.json" "$at/x.json"; err "none.json"; one_line; run 1 convert "$granular" "$at/no/x.json"; one_line
    run 1 open "$granular" "$at/none.json"; one_line
    run 1 convert "$granular" /proc/version.json; err "/proc/version.json"; one_line # where no one may write
    echo old >"$at/full.jsonl"
    (ulimit -f 1; trap '' XFSZ; exec "$tinseq" merge "$granular" "$granular" "$granular" -o "$at/full.jsonl") 2>"$work/err"
    [ $? -eq 1 ] && [ "$(cat "$at/full.jsonl")" = old ] && [ "$(ls "$at" | grep -c full)" = 1 ] || fail "a merge on a full disk keeps the old file"
    run 0 convert <(zcat <"$at/z.json") "$at/piped.json"; cmp "$at/piped.json" "$granular" || fail "a pipe"
}

# What Inseq's users pass to from_pretrained: followed, told to change nothing, or refused by name.
kwargs() {
    local llama=$1/tiny/llama
    run 2 attribute -m "$llama" -i a --model_kwargs '{"load_in_8bit": true}'; one_line; err "load_in_8bit is not available"; err "GGUF"
    run 2 attribute -m "$llama" -i a --model_kwargs '{"trust_remote_code": true}'; one_line; err "never run here"
    run 2 attribute -m "$llama" -i a --tokenizer_kwargs '{"trust_remote_code": true}'; one_line; err "--tokenizer_kwargs: trust_remote_code"
    run 2 attribute -m "$llama" -i a --model_kwargs '{"torch_dtyp": "float32"}'; one_line; err "did you mean torch_dtype?"
    run 2 attribute -m "$llama" -i a --model_kwargs '{"src_lang": "en"}'; one_line; err "src_lang"
    run 2 attribute -m "$llama" -i a --model_kwargs '{"dtype": "float16"}'; one_line; err 'not "float16"'
    run 2 attribute -m "$llama" -i a --model_kwargs '{"dtype": "float64"}' --dtype float32; one_line; err '"float64", and --dtype "float32"'
    run 2 attribute -m "$llama" -i a --model_kwargs '{"dtype": "float64", "torch_dtype": "bfloat16"}'; one_line
    run 2 attribute -m "$llama" -i a --model_kwargs '{"device_map": {"model": 0}}'; one_line; err "one device for all"
    run 2 attribute -m "$llama" -i a --model_kwargs '[1]'; one_line; run 2 attribute -m "$llama" -i a --model_kwargs '{'; one_line
    run 2 attribute -m "$llama" -i a --model_kwargs '{"revision": "v2"}'; one_line; err "NAME@REVISION"
    run 2 tokenize -m "$llama" --tokenizer_kwargs '{"add_bos_token": "yes"}' a; one_line; err "true or false"
    run 2 tokenize -m "$1/tiny/marian" --tokenizer_kwargs '{"src_lang": "en"}' a; one_line; err "follows its files alone"
    run 0 tokenize -m "$llama" --tokenizer_kwargs '{"use_fast": false, "trust_remote_code": false}' a; err "use_fast changes nothing"
    run 0 tokenize -m "$llama" --tokenizer_kwargs '{"use_fast": false}' a --quiet; silent; grep -q . "$work/out" || fail "$last: no tokens"
    run 0 tokenize -m "$llama" --model_kwargs '{"device_map": "auto", "low_cpu_mem_usage": true, "torch_dtype": "auto", "revision": "main"}' a
    err "device_map changes nothing"; err "low_cpu_mem_usage changes nothing"; err "torch_dtype changes nothing"
    local files=$1/tokenizer-files
    run 0 tokenize -m "$files/nllb" --tokenizer_kwargs '{"src_lang": "deu_Latn"}' "a"; out deu_Latn
    run 0 tokenize -m "$files/nllb" --tokenizer_kwargs '{"tgt_lang": "ita_Latn"}' --target "a"; out ita_Latn
    run 1 tokenize -m "$files/nllb" --tokenizer_kwargs '{"src_lang": "german"}' "a"; one_line; err '"german"'
    run 2 tokenize -m "$files/mbart" --target "a"; one_line; err "tgt_lang"
    run 2 tokenize -m "$files/gpt2" --tokenizer_kwargs '{"src_lang": "de"}' "a"; one_line; err "src_lang has no meaning"
    run 2 tokenize -m "$files/gpt2-json" --tokenizer_kwargs '{"legacy": false}' "a"; one_line; err "legacy has no meaning"
    cp -r "$files/gpt2" "$work/typed"; rm "$work/typed/tokenizer_config.json"; run 0 tokenize -m "$work/typed" "a"
    echo '{"model_type": "ctrl"}' >"$work/typed/config.json"; run 1 tokenize -m "$work/typed" "a"; err "a CTRLTokenizer is not made of these files"
    echo '{"model_type": "unheard_of"}' >"$work/typed/config.json"; run 1 tokenize -m "$work/typed" "a"; err "models of the type unheard_of"
    mkdir "$work/tiktoken"; printf 'IQ== 0\nIg== 1\n' >"$work/tiktoken/tokenizer.model"; printf '\x0a\x03bad' >"$work/tiktoken/spiece.model"
    run 1 tokenize -m "$work/tiktoken" "a"; one_line; err "tiktoken"; rm "$work/tiktoken/tokenizer.model"
    run 1 tokenize -m "$work/tiktoken" "a"; one_line; err "spiece.model"
    mkdir "$work/fsmt"; echo '{"tokenizer_class": "FSMTTokenizer"}' >"$work/fsmt/tokenizer_config.json"
    run 1 tokenize -m "$work/fsmt" "a"; one_line; err "FSMTTokenizer is named"
    cp -r "$files/gpt2" "$work/ctrl"; echo '{"tokenizer_class": "CTRLTokenizer"}' >"$work/ctrl/tokenizer_config.json"
    run 1 tokenize -m "$work/ctrl" "a"; one_line; err "a CTRLTokenizer is not made of these files"
    run 0 tokenize -m "$1/tiny/marian" "The cat"; cp "$work/out" "$work/marian"
    run 0 tokenize --tokenizer "$1/tiny/marian" "The cat"; silent; cmp "$work/out" "$work/marian" || fail "another tokenizer's tokens"
    run 0 tokenize -m "$llama" --tokenizer "$1/tiny/marian" "The cat"; silent; cmp "$work/out" "$work/marian" || fail "--tokenizer is not used"
    run 1 tokenize -m "$llama" --tokenizer "$work/none" "The cat"; one_line
}

# Tokenizers need neither weights nor the tensor module.
tokenizes() {
    local llama=$1/tiny/llama marian=$1/tiny/marian
    run 0 tokenize -m "$marian" "Hi there"; silent
    out "       2  -              ▁"; out "      86  0-1            H"; out "      61  6-8            re"; out "       0  -              </s>"
    run 0 tokenize -m "$marian" --skip_special_tokens "Hi there"; grep -q '</s>' "$work/out" && fail "a special token is left"
    run 0 tokenize -m "$marian" --json "Hi" "a"; [ "$(wc -l <"$work/out")" -eq 2 ] || fail "not one object a line"
    out '{"text":"Hi","tokens":[{"id":2,"piece":"▁","special":false,"start":null,"end":null},{"id":86,'
    run 0 tokenize -m "$marian" --json "nurse"; local source=$(cat "$work/out")
    run 0 tokenize -m "$marian" --json --target "nurse"; [ "$(cat "$work/out")" != "$source" ] || fail "--target is the source's side"
    printf 'The caf\xc3\xa9\n\033[31m' | "$tinseq" tokenize -m "$llama" -i - >"$work/out" 2>"$work/err" || fail "standard input"
    last="tokenize -i -"; silent; out "9-10"; out "^["; grep -q $'\033' "$work/out" && fail "an escape reaches the terminal"
    "$tinseq" tokenize -m "$llama" --json "The café 日本" | sed 's/.*"tokens"//; s/"id":\([0-9]*\)/\n\1\n/g' | grep '^[0-9]*$' >"$work/ids"
    run 0 tokenize -m "$llama" --decode "$(cat "$work/ids")"; [ "$(cat "$work/out")" = "The café 日本" ] || fail "decoded: $(cat "$work/out")"
    run 0 tokenize -m "$llama" --decode --json "[$(paste -sd, "$work/ids")]"; out '{"text":"The caf\u00e9 \u65e5\u672c"}'
    printf 'Hi\nthe sea' >"$work/texts"; run 0 tokenize -m "$llama" --json -i a --input_file "$work/texts"
    [ "$(wc -l <"$work/out")" -eq 3 ] && grep -q '"text":"the sea"' "$work/out" || fail "texts of a file"
    run 2 tokenize -m "$llama" --decode "12 x"; one_line; err '"x" is no token id'
    run 2 tokenize -m "$llama" --decode -i "-5"; one_line
    run 2 tokenize "a"; one_line; run 2 tokenize -m "$llama"; one_line
    run 1 tokenize -m "$llama" $'\xff'; one_line; err "byte 0"
    # What lies in a folder decides, also where no model does.
    mkdir "$work/alone"; cp "$llama/tokenizer.json" "$work/alone"
    run 0 tokenize -m "$llama" "The cat"; cp "$work/out" "$work/with"
    run 0 tokenize -m "$work/alone" "The cat"; silent; cmp "$work/out" "$work/with" || fail "without a model: other tokens"
    run 0 tokenize -m "$work/alone/tokenizer.json" "The cat"; silent; cmp "$work/out" "$work/with" || fail "the file: other tokens"
    cp "$llama/config.json" "$work/alone"; sed -i 's/"LlamaForCausalLM"/"UnheardOf"/; s/"llama"/"unheard_of"/' "$work/alone/config.json"
    run 0 tokenize -m "$work/alone" "The cat"; err "the model does not run here"; cmp "$work/out" "$work/with" || fail "an unknown model: other tokens"
    run 1 tokenize -m "$work/alone/none" "The cat"; one_line
    rm "$work/alone/tokenizer.json"; run 1 tokenize -m "$work/alone" "The cat"; err "has no tokenizer that is read here: neither"
}

# Fields are put into saved results; attention.json has 3 layers and 2 heads.
statistics() {
    local results=$1 file=$work/facts.json
    sed '0,/"attr_pos_end"/s//"tinseq": {"fields": [{"who": "said", "share": "30"}, {"who": "said", "share": 70}]},\n&/' "$results/granular.json" >"$file"
    run 0 stats "$results/attention.json" --by layer head --csv
    [ "$(wc -l <"$work/out")" -eq 7 ] && grep -q '^0,1,attribution,0.0444' "$work/out" || fail "a group a layer and head"
    silent
    run 0 stats "$results/attention.json" --by output --score entropy --json; out '"texts":1,'; out '"by":{"output":"·Eu"}'; silent
    run 0 stats "$file" --by role --role who=who --where text=1; out "who last"; err "1 of 2 texts have no score"
    run 0 stats "$file" --by role --role who=who; err "1 of 2 texts cannot be used"; err 'text 2: --role who=who: "said" is not in the input'
    run 0 stats "$file" --by word --most 2; out "... and 5 more groups"; silent
    printf 'share,key\n3,I said \xe2\x80\x9chi\xe2\x80\x9d\n4,b\n9,c\n' >"$work/table.csv"
    sed 's/"who"/"text"/g' "$file" >"$work/shadow.json"; run 0 stats "$work/shadow.json" --by text; err "text is a grouping; the column of that name is --by field:text"
    run 0 stats "$work/shadow.json" --by field:text; out "said"; silent
    run 0 stats "$file" --correlate probability share --distance_from 50; out "with |share - 50|, text by text"; silent
    run 0 stats "$file" --correlate probability share --table "$work/table.csv"; err "1 row of $work/table.csv belongs to no text"
    run 0 stats "$file" --by text --score probability -o "$work/t.csv" --quiet; empty; silent
    grep -q '^1,probability,' "$work/t.csv" || fail "statistics as CSV"
    run 2 stats "$file" --correlate probability colour; err "there are who, share, input_text"; one_line
    run 2 stats "$file" --by colour; err "there are who, share, input_text"; one_line
    run 2 stats "$file" --by head; err "save those with -o FILE.json"; one_line
    run 2 stats "$file" --by layer --layers 1:2:3; err "--layers is A:B"; one_line
    run 2 stats "$file" --where layer; err "KEY=VALUE"; one_line
    run 2 stats "$file" --where text=7; err "no score of 2 texts passes"
    run 2 stats "$file" --role who; err "NAME=COLUMN"; one_line
    run 2 stats "$file" --correlate a b c; err "a score and a column"; one_line
    run 2 stats "$file" --sort size; err "unknown order"; one_line
    run 0 stats "$results/attention.json" --by layer head; out "layer × head"; out "1       0.06░ -0.20≡"; silent
    run 0 stats "$results/attention.json" --by layer head --color always --scale -1:1; out $'\033[48;5;'
    run 0 stats "$results/attention.json" --by layer role -q -o "$work/m.html" --export "$work/m.svg"; silent
    grep -qF "<h3>layer × role</h3>" "$work/m.html" && grep -qF "over 1 text." "$work/m.html" && grep -qF "layer × role" "$work/m.svg" || fail "a map in files"
    run 0 stats "$results/attention.json" --multiples example --layers 1:3 --viz_path "$work/m.html"; out "map:       ·Eu, ·disse → ·falou"; out "token × layer"
    run 0 stats "$results/attention.json" --by layer --viz_path "$work/m.html"; out "attribution, 1 text"; ! grep -q "mean by layer" "$work/out" || fail "a map of one grouping is printed"
    run 2 stats "$file" -o "$work/x.svg"; err "two groupings"; one_line
    run 2 stats "$file" --correlate probability share --export "$work/x.png"; err "correlations are no map"; one_line
    run 2 stats "$file" --multiples example --csv; err "--by text position layer"; one_line
    run 2 stats "$file" --multiples example; err "save those with"; one_line
    run 1 stats "$work/none.json"; err none.json; one_line
    # The examples, on what looks like their files.
    mkdir "$work/stats"
    sed '0,/"attr_pos_end"/s//"tinseq": {"fields": [{"subject": "said", "relation": "says", "share_of_women": 30, "job": "x"}]},\n&/; s/"probability"/"contrast_prob_diff"/' \
        "$results/attention.json" >"$work/stats/facts.json"
    "$tinseq" convert "$work/stats/facts.json" "$work/stats/facts.jsonl" --aggregate_output false -q || fail "rows of facts"
    sed 's/"contrast_prob_diff":/"probability":["F32",[4],"AACAPwAAgD8AAIA\/AACAPw=="],&/' "$work/stats/facts.jsonl" >"$work/stats/jobs.jsonl"
    printf 'job,income\nx,3\n' >"$work/stats/jobs.csv"
    "$tinseq" stats --help | grep '^  tinseq ' >"$work/examples"
    [ "$(wc -l <"$work/examples")" -ge 6 ] || fail "stats has examples"
    while read -r line; do
        line=${line/10:29/1:3} # of so many layers
        (cd "$work/stats" && eval "${line/#tinseq/\"\$tinseq\"}" >"$work/out" 2>"$work/err" </dev/null) || fail "$line"
    done <"$work/examples"
    for line in roles.svg facts.html facts.csv; do [ -s "$work/stats/$line" ] || fail "no $line by the examples"; done
}

plain() {
    tokenizes "$fixtures"
    kwargs "$fixtures"
    export TINSEQ_MODULE=/nonexistent/module.so
    local results=$fixtures/results
    run 0 --help; out "tinseq attribute -m MODEL -i TEXT"; out "--attribution_method, -a METHOD"; silent
    run 0 help attribute; out "--contrast_targets, --contrast TEXT"; silent
    every_command
    file_examples "$results"
    statistics "$results"
    terminal_and_interrupts "$results"
    run 0 --version; out "tinseq "
    run 2 attribut; err "did you mean attribute?"; one_line
    run 2 attribute --atribution_method saliency; err "did you mean --attribution_method?"; one_line
    run 2 attribute -m x; err "which text?"; one_line
    run 2 attribute -i x; err "which model?"; one_line
    run 2 attribute -m x -i a -a salency; err "saliency"; one_line
    run 2 attribute -m x -i a --attribution_kwargs '{"n_step": 5}' -a integrated_gradients; err n_steps; one_line
    run 1 attribute -m x -i $'caf\xe9'; err "not UTF-8"; one_line
    run 2 evaluate; err "evaluate what?"; one_line
    run 2 evaluate a.json -i x; err "has its text and method already"; one_line
    run 2 evaluate -m x -i a --methods saliency salency; err salency; one_line
    run 2 evaluate -m x -i a --parts 10 200; err "0 to 100"; one_line
    run 2 evaluate -m x -i a --parts 1.5 --counts; err "whole numbers"; one_line
    run 2 evaluate -m x -i a --noise much; err "--noise takes"; one_line
    run 1 evaluate "$work/none.json"; err none.json; one_line
    run 1 open "$work/none.json"; err none.json; one_line
    echo '{"sequence_attributions": []}' >"$work/damaged.json"
    run 1 open "$work/damaged.json"; err "damaged.json: the file holds no sequence"; one_line
    run 2 attribute -m x -i a --device tpu; err "unknown device"; one_line
    run 2 attribute -m x -i a --dtype int3; err "unknown type"; one_line
    run 2 attribute -m x -i a --threads -1; err "give 1 to 4096"; one_line
    TERM=dumb run 1 --ascii; err "cannot show screens"; one_line
    TERM=dumb run 1 open "$results/granular.json"; err "cannot show screens"; one_line
    run 2 open; err "takes at least one file"; one_line
    run 2 --colour_depth 17; err "direct, 256, 16, 8 or mono"; one_line

    run 0 list methods; out integrated_gradients; out attention; out Gradients; out "The model's internals"; out Perturbation; silent
    for method in $("$tinseq" list methods | sed -n 's/^  \([a-z_]*\).*/\1/p'); do
        run 0 explain "$method"; silent
        for field in family scores needs cost paper reference; do grep -q "^$field  *[^ ]" "$work/out" || fail "$last: no $field"; done
    done
    run 0 list step-functions; out contrast_logits_diff
    run 0 list aggregators; out subwords; run 0 list functions; out absmax; run 0 list units; out paragraph
    run 0 list themes; out high-contrast
    run 0 list colour_maps; out viridis
    TINSEQ_MODELS=$work/none HF_HOME=$work/none HOME=$work XDG_DATA_HOME=$work run 0 list models
    # What messages and helps name is a command that works.
    (cd "$fixtures/../.." && grep -rhoE "('|\\\\\")tinseq (list|explain)[^'\"\\\\]*" app aggregators methods backend) | sed "s/^.*tinseq //" | sort -u >"$work/named"
    grep -q "list aggregators" "$work/named" || fail "no command is named"
    while read -r command what; do run 0 "$command" $what; done <"$work/named"
    names
    run 2 list methods units; err "one kind"; one_line
    run 2 list method; err "did you mean methods?"; one_line
    run 0 explain integrated_gradients vnorm contrast_prob_diff; out n_steps; out "10000 points; default 50"; out "times saliency's work"; out "p[y]"; silent
    run 2 explain integrated_gradient; err "did you mean integrated_gradients?"; one_line
    run 0 tour; out " 9  paris           Why Paris rather than Rome"; silent
    run 2 tour 3x; err "no step 3x"; one_line
    run 2 tour 1 2; err "one step at a time"; one_line
    TINSEQ_MODELS=$work/none XDG_DATA_HOME=$work/none HF_HOME=$work/none run 1 tour manager; out "gerente"; err "'make models' fetches"

    run 0 show "$results/granular.json"; out "source × generated"; out "target × generated"; out "entropy"; silent
    run 0 show "$results/coarse.json.gz"; out "source × generated"
    run 0 show "$results/granular.json" --json; silent
    head -c -1 "$work/out" | cmp - "$results/granular.json" || fail "show --json is not the file"
    run 0 show "$results/granular.json" --aggregate_output --quiet -o "$work/aggregated.json"; empty; silent
    run 0 show "$work/aggregated.json"; cp "$work/out" "$work/again"
    run 0 show "$results/granular.json"; cmp "$work/out" "$work/again" || fail "an aggregated file shows other numbers"
    run 0 show "$results/attention.json" --attribution_aggregators mean --attribution_selectors 1 2 --viz_path "$work/page.html" --hide; empty
    grep -q '</html>' "$work/page.html" || fail "no page"
    run 0 show "$results/granular.json" --color always; out $'\033[48;5;'
    TERM=vt100 COLORTERM= run 0 show "$results/granular.json" --color always; out $'\033[48;5;'
    TERM=xterm-256color COLORTERM=truecolor run 0 show "$results/granular.json" --color always; out $'\033[48;2;'
    TERM=xterm-256color COLORTERM=truecolor run 0 show "$results/granular.json"; grep -q $'\033' "$work/out" && fail "colours in a file"
    exports "$results"
    files "$results"
    parts "$results"
    pipelines "$results" "$fixtures/aggregators"
    sed 's/"info": *{/"info": {"tinseq": {"notices": ["beware \\u001b[31m of this"]},/' "$results/granular.json" >"$work/told.json"
    run 0 show "$work/told.json" --viz_path "$work/told.html"; err "tinseq: note: beware ^[[31m of this"
    grep -q '<b>Note</b>beware' "$work/told.html" || fail "the page does not say what was told"
    run 0 show "$work/told.json" --quiet; silent
    run 1 show "$work/missing.json"; err "No such file"; one_line
    head -c 3000 "$results/granular.json" >"$work/short.json"
    run 1 show "$work/short.json"; err "short.json: not valid JSON"; one_line
    run 1 show "$fixtures/make_results.py"; one_line
    run 2 show; one_line
    run 0 show <(cat "$results/granular.json") --json; head -c -1 "$work/out" | cmp - "$results/granular.json" || fail "a result from a pipe"
    mkfifo "$work/pipe"
    run 1 show "$results/granular.json" -o "$work/pipe" --hide; err "pipe: no one reads from it"; one_line
    run 2 show "$results/granular.json" --step_function "$work/pipe"; err "not a regular file"; one_line
    ln -s loop.json "$work/loop.json"
    run 1 show "$work/loop.json"; err "loop.json: Too many levels of symbolic links"; one_line
    "$tinseq" show "$results/granular.json" >/dev/full 2>"$work/err"
    [ $? -eq 1 ] && grep -q "standard output: No space left" "$work/err" || fail "a full disk on standard output"
    run 1 show "$results/granular.json" -o /dev/full --hide; err "/dev/full: No space left"
    run 1 show "$results/granular.json" -o "$work/no/folder.json"; err "there is no folder"
    run 1 open "$results/granular.json" # standard output is no terminal
    one_line
    quick --help
    quick list methods
    quick complete -- explain ''
    quick show "$results/granular.json"
}

model() {
    local llama=$fixtures/tiny/llama marian=$fixtures/tiny/marian
    run 0 attribute -m "$llama" -i "The nurse said" -g "The nurse said hello to the cat" --step_scores probability entropy
    out "input × generated"; out probability; out entropy
    run 0 attribute -m "$llama" -i "The nurse said" -g "The nurse said hello to the cat" -fn logit -o "$work/a.json" --json --quiet; silent
    head -c -1 "$work/out" | cmp - "$work/a.json" || fail "--json is not what -o writes"
    head -n 1 "$work/out" | grep -qx '{' || fail "--json prints something else first"
    grep -q '"generated_texts": \[' "$work/a.json" && grep -q 'The nurse said hello to the cat' "$work/a.json" || fail "generated_texts"
    run 0 attribute -m "$llama" -i "The nurse said" -g "The nurse said hello to the cat" --dtype bfloat16 --json --quiet; silent
    grep -q '"dtype": "bfloat16"' "$work/out" && grep -q '"dtype": "float32"' "$work/a.json" || fail "the type of a run"
    run 2 attribute -m "$llama" -i "The nurse said" --alignments pharaoh; err "decoder-only"; one_line
    run 0 attribute -m "$marian" -i "The cat" "The nurse" -g "O gato" "A" --alignments pharaoh --quiet; silent
    [ "$(grep -cE '^[0-9]+-[0-9]+( [0-9]+-[0-9]+)*$' "$work/out")" -eq 2 ] && [ "$(wc -l <"$work/out")" -eq 2 ] || fail "a line of pairs for each text"
    own_methods "$llama"
    # settings of three kinds: one that no one knows is told, one with another value than the only one is not run
    cp -r "$llama" "$work/settings"
    sed -i 's/"mlp_bias"/"logit_scale": 0.5, "mlp_bias"/' "$work/settings/config.json"
    run 0 attribute -m "$work/settings" -i "The nurse said" -g "The nurse said hello" -o "$work/told.json"
    err "tinseq: note: The model's files have settings that are not followed here: logit_scale (config.json)"
    run 0 show "$work/told.json"; err "logit_scale (config.json)"
    sed -i 's/"mlp_bias"/"partial_rotary_factor": 0.5, "mlp_bias"/' "$work/settings/config.json"
    run 1 attribute -m "$work/settings" -i "The nurse said"; err "partial_rotary_factor is 0.5; only 1 runs here"; one_line
    run 0 attribute --model-name-or-path "$marian" --input-texts "The manager said hi to the nurse." "The cat" --attribute_target true \
        --aggregate_output --save-path "$work/b.json.gz" --viz-path "$work/b.html" --export "$work/b.tsv" --export "$work/b.svg" --scale 0:0.125 --hide-attributions --timings
    empty; err '"peak_rss_bytes"'; err "saved aggregated attributions"
    run 0 show "$work/b.json.gz"; out "target × generated"
    [ "$(grep -c '^input:' "$work/out")" -eq 2 ] || fail "two inputs, two tables"
    [ "$(grep -c '^side' "$work/b.tsv")" -eq 2 ] || fail "two inputs, two tables of values"
    [ "$(grep -c 'colours fixed from 0 to 0.125' "$work/b.svg")" -eq 2 ] && grep -q 'data-from=0 data-to=0.125>' "$work/b.html" || fail "fixed colours of a picture and a page"
    run 0 attribute -m "$llama" -i "The nurse said" -a attention --attribution_selectors 0 1 --generation_kwargs '{"max_new_tokens": 3}'; out "input × generated"
    run 0 attribute -m "$llama" -i "The nurse said" --generation_kwargs '{"do_sample": true, "max_new_tokens": 3}' --seed 4 --json --quiet
    grep -v exec_time "$work/out" >"$work/seeded"
    run 0 attribute -m "$llama" -i "The nurse said" --generation_kwargs '{"do_sample": true, "max_new_tokens": 3}' --seed 4 --json --quiet
    grep -v exec_time "$work/out" | cmp - "$work/seeded" || fail "one seed, two results"

    # The command in a result makes it again.
    run 0 attribute -m "$marian" -i "The manager's \$(hi)" -g "O ge" --generate_from_target_prefix --generation_kwargs '{"max_new_tokens": 3}' -o "$work/told.json" -q
    run 0 show "$work/told.json" --summary; local command=$(grep '^tinseq attribute' "$work/out")
    eval "${command/#tinseq/\"\$tinseq\"} -o '$work/again.json' -q" || fail "$command"
    cmp <(grep -v exec_time "$work/told.json") <(grep -v exec_time "$work/again.json") || fail "another result: $command"

    # Standard input: one text, or one a line.
    printf 'The nurse said\n' | "$tinseq" attribute -m "$llama" -i - -a dummy >"$work/out" 2>"$work/err" || fail "-i -"
    last="-i -"; out "input:     The nurse said"
    printf 'The nurse said\nThe cat\n' | "$tinseq" attribute -m "$llama" --input_file - -a dummy >"$work/out" 2>"$work/err" || fail "--input_file -"
    [ "$(grep -c '^input:' "$work/out")" -eq 2 ] || fail "two lines, two tables"

    # A span is one column whose token is the span, saved with it; so of methods with layers, and of LIME.
    local method
    for method in 'saliency {}' 'lime {"n_samples":9}' 'layer_gradient_x_activation {"layers":[0,2]}' 'layer_integrated_gradients {"layers":1,"n_steps":3}'; do
        run 0 attribute -m "$llama" -i "The nurse said" -g "The nurse said hello to the cat" -a "${method%% *}" --attribution_kwargs "${method#* }" \
            --span=-3:-1 -o "$work/span.json"
        python3 -c 'import base64, json, struct, sys; f = json.load(open(sys.argv[1]))["attributes"]; s = f["sequence_attributions"][0]["attributes"]
blob = base64.b64decode(s["target_attributions"]); n = struct.unpack("<Q", blob[:8])[0]; shape = json.loads(blob[8:8 + n])["attribution"]["shape"]
layers = [2] if sys.argv[2] == "layer_gradient_x_activation" else []
token = s["target"][s["attr_pos_start"]]["attributes"]
assert s["attr_pos_end"] - s["attr_pos_start"] == 1 and shape[1] == 1 and shape[0] == s["attr_pos_end"] < len(s["target"]) and shape[2:-1] == layers and shape[-1] == 48, shape
assert token["id"] == -1 and " … " in token["token"], token' "$work/span.json" "${method%% *}" || fail "the span of $method in its file"
        run 0 show "$work/span.json"; out " … "
    done
    run 2 attribute -m "$llama" -i "The nurse said" -a guided_integrated_gradients --span=-3:-1; err "not the sum over its tokens"; one_line

    run 0 evaluate "$work/a.json" -m "$llama" --seed 3 --threads 1 --json --quiet; silent
    cp "$work/out" "$work/evaluated"
    run 0 evaluate "$work/a.json" -m "$llama" --seed 3 --threads 1 -o "$work/e.json" --keep "$work/kept.json"; out "llama, logit: means over 5 columns"; out random; out "Deletion"
    out "than random"; run 0 show "$work/kept.json" --summary; out "faithful    "; out "than random"
    run 0 convert "$work/kept.json" "$work/kept.html"; grep -q "than random" "$work/kept.html" || fail "the page has no verdict"
    run 2 evaluate "$work/a.json" "$work/a.json" --keep "$work/kept.html"; err "one method"; one_line
    run 2 evaluate "$work/a.json" --keep "$work/kept.what"; err ".html"; one_line
    cmp "$work/e.json" "$work/evaluated" || fail "one seed, two evaluations"
    python3 -c 'import json, sys; e = json.load(open(sys.argv[1]))[0]; m = e["methods"][0]; assert len(m["columns"]) == 5 and len(m["deletion_curve"]) == 11
assert m["sensitivity"] > 0 and e["random"]["sensitivity"] is None and e["columns"][4]["n_tokens"] > 0' "$work/e.json" || fail "the JSON of evaluate"
    run 0 evaluate -m "$marian" -i "The manager said hi to the nurse." "The cat" --methods saliency attention --noise_samples 0 \
        --parts 1 2 --counts --generation_kwargs '{"max_new_tokens": 4}'
    out "Agreement"; out "saliency"; [ "$(grep -c '^Deletion' "$work/out")" -eq 2 ] || fail "two inputs, two evaluations"
    run 0 evaluate -m "$llama" -i "The nurse said" --methods saliency input_x_gradient layer_gradient_x_activation discretized_integrated_gradients \
        --generation_kwargs '{"max_new_tokens": 3}'
    python3 -c 'import sys; wide = [l for l in open(sys.argv[1]) if len(l.rstrip("\n")) > 80]; sys.exit(f"wider than 80 columns: {wide[0]}" if wide else 0)' "$work/out" ||
        fail "the faithfulness table's width"
    out layer_gradient_x_activation; out compreh.; out worst
    run 1 evaluate "$work/a.json" -m "$marian"; err "is it the model that made it?"
    # A model that was given by its path is found again: there, from another folder, beside the file; else -m is named.
    mkdir -p "$work/there" "$work/moved"
    cp -r "$llama" "$work/there/own"
    (cd "$work/there" && run 0 attribute -m own -i "The city" -a dummy --step_scores probability -o d.json --quiet)
    run 0 attribute -m "$work/there/own/" -i "The city" -g "The city said" -o "$work/moved/s.json" --quiet
    [ "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["attributes"]["info"]["tinseq"]["model_path"])' "$work/there/d.json")" = "$(realpath "$work/there/own")" ] ||
        fail "the path of the model is not kept"
    run 0 evaluate "$work/moved/s.json" --noise_samples 0; out "own, probability"
    mv "$work/there/own" "$work/moved"
    run 0 evaluate "$work/moved/s.json" --noise_samples 0; out "own, probability"
    rm -r "$work/moved/own"
    run 1 evaluate "$work/moved/s.json"; err "/there/own, the model that made it, is no longer there"; err "give it with -m"; one_line
    run 0 attribute -m "$llama" -i "The nurse said" -g "The nurse said hello to the cat"
    grep -qE "^tinseq: (under|[0-9.]+ .*to) [0-9.]+ .* and .*MB, 1 pass through the model" "$work/err" || fail "what the run will take"
    # One impossible text of several is named, the others are done; cancelling and a single one end the call.
    run 1 attribute -m "$llama" -i "The nurse said" "The cat" $'caf\xe9' -g "The nurse said hello" "A dog" "caf" -o "$work/some.json" --viz_path "$work/some.html"
    err 'tinseq: text 2 of 3 ("The cat"): a forced text'; err 'tinseq: text 3 of 3 ("caf<E9>"): the input text is not UTF-8'
    err "tinseq: 2 of 3 texts failed; the others are done"; err "saved attributions to"; [ -s "$work/some.html" ] || fail "no page of the others"
    [ "$(grep -c '^input:' "$work/out")" -eq 1 ] && out "The nurse said hello"
    run 0 show "$work/some.json"; [ "$(grep -c '^input:' "$work/out")" -eq 1 ] || fail "a file of the texts that can be explained"
    run 1 attribute -m "$llama" -i "The nurse said" "The cat" -g "A dog" "A dog" -o "$work/none.json" -q; empty; err "tinseq: 2 of 2 texts failed"
    [ "$(wc -l <"$work/err")" -eq 3 ] && [ ! -e "$work/none.json" ] || fail "a call of which every text fails"
    run 2 attribute -m "$llama" -i "The cat" -g "A dog"; err "must start with the prompt"
    run 1 evaluate -m "$llama" -i "The cat" "The nurse said" -g "A dog" "The nurse said hello" --noise_samples 0 --json -q
    err 'tinseq: text 1 of 2 ("The cat")'; python3 -c 'import json, sys; assert len(json.load(open(sys.argv[1]))) == 1' "$work/out" || fail "the other text's evaluation"
    # Words: saved, shown, and judged as tokens; not the other way round.
    run 0 attribute -m "$llama" -i "The nurse said" -g "The nurse said hello there" -o "$work/tokens.json" --quiet
    run 0 attribute -m "$llama" -i "The nurse said" -g "The nurse said hello there" --unit word; cp "$work/out" "$work/once"
    run 0 show "$work/tokens.json" --unit word -o "$work/words.json"; grep -v '^tinseq' "$work/out" | cmp - "$work/once" || fail "attribute and show have other words"
    run 0 evaluate "$work/tokens.json" -m "$llama" --unit word --noise_samples 0 --random 1 --points 2; out "saliency"
    # Files of several texts: each has the same methods, in whatever order they are given.
    for text in one:"The cat" two:"A dog said"; do
        for method in saliency attention; do
            run 0 attribute -m "$llama" -i "${text#*:}" -a $method --generation_kwargs '{"max_new_tokens": 2}' -o "$work/${text%%:*}-$method.json" --quiet
        done
    done
    few="--noise_samples 0 --random 0 --points 1"
    run 0 evaluate "$work"/one-saliency.json "$work"/two-attention.json "$work"/one-attention.json "$work"/two-saliency.json -m "$llama" $few --rationale cat dog -o "$work/pooled.json"
    out "Over 2 texts"
    run 0 evaluate "$work"/two-saliency.json "$work"/two-attention.json -m "$llama" $few --rationale dog -o "$work/apart.json"
    python3 -c 'import json, sys; a, b = (json.load(open(f)) for f in sys.argv[1:])
assert len(a) == 2 and a[1] == b[0] and [m["method"] for m in a[0]["methods"]] == ["saliency", "attention"] and "over_texts" in a[0] and "over_texts" not in b[0]' \
        "$work/pooled.json" "$work/apart.json" || fail "files of two texts"
    run 2 evaluate "$work"/one-*.json "$work"/two-saliency.json -m "$work/none"; err "no file has attention of it: each text needs all"; one_line
    run 2 evaluate "$work"/one-saliency.json "$work"/two-*.json -m "$work/none"; err "of which no file has attention"; one_line
    run 2 evaluate "$work"/*-saliency.json -m "$work/none" --rationale cat; err "2 texts, and 1 rationale"; one_line
    # The rows of a data set are the same texts, each with its methods; a bad one is told.
    printf 'who,says,marks\nThe cat,The cat sat,cat\nA dog said,A dog said so,dog\nshort\n' >"$work/rows.csv"
    run 0 evaluate -m "$llama" -i "The cat" "A dog said" -g "The cat sat" "A dog said so" --rationale cat dog --methods saliency attention $few -o "$work/by-hand.json"
    run 0 evaluate -m "$llama" -d "$work/rows.csv" -i who -g '{says}' --rationale_column marks --split 'train[:2]' --methods saliency attention $few -o "$work/by-row.json"
    cmp "$work/by-hand.json" "$work/by-row.json" || fail "rows of a data set are evaluated otherwise"
    run 1 evaluate -m "$llama" -d "$work/rows.csv" -i who -g says $few; err "rows.csv, line 4: "; err "1 row of the data set could not be used"; out "Over 2 texts"
    run 2 evaluate -m "$work/none" -d "$work/rows.csv" -i what; err "it has: who, says, marks"; one_line
    run 2 evaluate "$work/tokens.json" -d "$work/rows.csv" -i who; err "not both"; one_line
    # What a person marked: read before the model is, held against every method of every text, in table and JSON.
    for marks in "doctor" "3:99" "chars:0:99" "|"; do
        run 2 evaluate "$work/tokens.json" -m "$work/none" --rationale "$marks"; err "rationale: \"$marks\""; one_line
    done
    run 2 evaluate "$work/tokens.json" --rationale nurse said; err "1 text, and 2 rationales"; one_line
    # Marks of several texts from a file: its lines, a column, lists; a text without has none. Texts are drawn again by a seed.
    printf 'nurse\n\n2:3\n' >"$work/marks.txt"; printf 'rationale,why\nx,nurse\ny,\nz,2:3\n' >"$work/marks.csv"
    printf '{"why": ["nurse"]}\n{"why": null}\n{"why": [[2, 3]]}\n' >"$work/marks.jsonl"
    for marks in txt "csv --rationale_column why" "jsonl --rationale_column why --interval bootstrap --seed 4"; do
        run 0 evaluate -m "$llama" -i "The nurse said" "A cat" "The dog" $few --generation_kwargs '{"max_new_tokens": 2}' --rationale_file "$work"/marks.$marks -o "$work/marked-${marks%% *}.json"
    done
    out "Over 3 texts (bootstrap, 2000 draws"
    python3 - "$work"/marked-txt.json "$work"/marked-csv.json "$work"/marked-jsonl.json <<'END' || fail "marks from files"
import json, sys
all = [json.load(open(f)) for f in sys.argv[1:]]
for e in all:
    assert ["plausibility" in x["methods"][0] for x in e] == [True, False, True], e
    assert e[0]["rationale"]["positions"] == all[0][0]["rationale"]["positions"] and e[2]["rationale"]["positions"] == [2]
how = [e[0]["over_texts_interval"] for e in all]
assert how[0] == how[1] == {"kind": "student", "level": .95} and how[2] == {"kind": "bootstrap", "level": .95, "draws": 2000, "seed": 4}, how
t, b = (e[0]["over_texts"]["deletion"][0] for e in (all[0], all[2]))
values = [x["methods"][0]["deletion"] for x in all[2]]
assert t["mean"] == b["mean"] and min(values) - 1e-9 <= b["low"] <= b["mean"] <= b["high"] <= max(values) + 1e-9 and t["low"] < b["low"], (t, b)
END
    run 2 evaluate -m "$work/none" -i a b --rationale_file "$work/marks.txt"; err "2 texts, and 3 rationales"; one_line
    run 2 evaluate -m "$work/none" -i a --rationale_file "$work/marks.csv" --rationale_column nope; err 'no column "nope"'; one_line
    run 2 evaluate -m "$work/none" -i a --rationale x --rationale_file "$work/marks.csv"; err "not both"; one_line
    run 2 evaluate "$work/tokens.json" --rationale_column why; err "keeps no field why"; one_line
    run 2 evaluate -m "$work/none" -i a --interval strudent; err "did you mean student"; one_line
    run 2 evaluate -m "$llama" -i "The nurse said" --rationale nurse --rationale_threshold 2; err "--rationale_threshold takes"; one_line
    run 2 evaluate -m "$llama" -i "The nurse said" --rationale_threshold .5; err "is about --rationale"; one_line
    run 1 evaluate -m "$llama" -i "The nurse said" "The cat" --rationale nurse dog --generation_kwargs '{"max_new_tokens": 3}' --noise_samples 0 --random 0 --points 1
    err 'text 2 of 2 ("The cat"): --rationale: "dog"'; out "of the prompt's"; out "token-F1"; out "as many as are marked"
    run 0 evaluate -m "$marian" -i "The manager said hi to the nurse." "The cat" --methods saliency attention --rationale "manager|5:6" cat --rationale_threshold 0.5 \
        --noise_samples 0 --random 0 --points 1 -o "$work/marked.json" --generation_kwargs '{"max_new_tokens": 3}'
    out "Over 2 texts"; out "behind the best, text by text"; out "deletion, low is good"; out "token_f1, high is plausible"
    out "0.5 of the column's highest score"; [ "$(grep -c '^Plausibility' "$work/out")" -eq 2 ] || fail "two texts, two rationales"
    python3 - "$work/marked.json" <<'END' || fail "the JSON of a rationale"
import json, sys
for e in json.load(open(sys.argv[1])):
    assert e["rationale"]["side"] == "source" and e["rationale"]["threshold"] == .5 and e["rationale"]["positions"] and e["rationale"]["tokens"]
    for m in e["methods"]:
        p = m["plausibility"]
        assert len(p["columns"]) == len(m["columns"]) and abs(sum(c["auprc"] for c in p["columns"]) / len(p["columns"]) - p["auprc"]) < 1e-9, p
        assert all(0 <= p[k] <= 1 for k in ("auprc", "average_precision", "token_precision", "token_recall", "token_f1", "token_iou")), p

whole, = [e["over_texts"] for e in json.load(open(sys.argv[1])) if "over_texts" in e]
for key in ("deletion", "insertion", "auprc"):
    values = [[m["plausibility"][key] if key == "auprc" else m[key] for m in e["methods"]] for e in json.load(open(sys.argv[1]))]
    for k, m in enumerate(whole[key]):
        x, y = values[0][k], values[1][k]
        assert m["texts"] == 2 and abs(m["mean"] - (x + y) / 2) < 1e-9 and abs(m["high"] - m["mean"] - 12.706 * abs(x - y) / 2) < 1e-6, m
    assert sum(m["best"] for m in whole[key]) == 1 and all(m["behind_best"]["mean"] >= -1e-12 for m in whole[key])
END
    # Options that do not fit are told before the run where that can be, and do not cost it where not.
    run 2 attribute -m "$llama" -i "The nurse said" --weight_attributions entropy; err "--step_scores"; one_line
    run 2 attribute -m "$llama" -i "The nurse said" --unit word --span_rule entropy=maen; err "no function"; one_line
    run 2 attribute -m "$llama" -i "The nurse said" -g "The nurse said hello there" --unit spans --aggregation_kwargs '{"target_spans": [0, 900]}' -o "$work/kept.json"
    err "ends behind"; err "saved the scores as they were computed to $work/kept.json"; run 0 show "$work/kept.json" --unit word; cmp "$work/out" "$work/once" || fail "what was kept"
    run 2 evaluate "$work/words.json" -m "$llama"; err "not the model's any more (units:sum"; one_line
    run 1 attribute -m "$work/no-model" -i a; err no-model; one_line
    run 1 attribute -m smollmm -i a; one_line
    cp -r "$llama" "$work/short"; chmod -R u+w "$work/short"
    truncate -s 5000 "$work/short/model.safetensors"
    run 1 attribute -m "$work/short" -i a; err model.safetensors; one_line
    cp -r "$llama" "$work/mamba"; chmod -R u+w "$work/mamba"
    sed -i 's/LlamaForCausalLM/MambaForCausalLM/; s/"model_type": "llama"/"model_type": "mamba"/' "$work/mamba/config.json"
    run 1 attribute -m "$work/mamba" -i a; err amba; one_line
    cp -r "$llama" "$work/bare"; chmod -R u+w "$work/bare"; rm "$work/bare/model.safetensors"
    run 1 attribute -m "$work/bare" -i a; one_line
    cp "$llama/model.safetensors" "$work/bare"; rm -f "$work/bare"/{tokenizer,vocab}.json "$work/bare/merges.txt"
    run 1 attribute -m "$work/bare" -i "The nurse said"; err "has no tokenizer that is read"; one_line
    run 0 attribute -m "$work/bare" --tokenizer "$llama/tokenizer.json" -i "The nurse said" --generation_kwargs '{"max_new_tokens": 2}' --json; cp "$work/out" "$work/other"
    run 0 attribute -m "$llama" --model_kwargs '{"torch_dtype": "torch.float32", "device_map": "cpu"}' -i "The nurse said" --generation_kwargs '{"max_new_tokens": 2}' --json
    cmp <(grep -vE '"(exec_time|model_name|model_path)"|"tinseq attribute' "$work/out") <(grep -vE '"(exec_time|model_name|model_path)"|"tinseq attribute' "$work/other") || fail "--tokenizer gives other scores"
    # Which checkpoint made a result: the same of a copy, another of one changed byte.
    hash() { run 0 attribute -m "$1" -i "The nurse said" --generation_kwargs '{"max_new_tokens": 1}' --json --quiet; grep -o 'fnv1a64:[0-9a-f]*' "$work/out"; }
    cp -r "$llama" "$work/same"; chmod -R u+w "$work/same"
    local hash=$(hash "$llama"); [ ${#hash} -eq 24 ] && [ "$(hash "$work/same")" = "$hash" ] || fail "a copy of a model has another hash"
    out '"libtorch": "'
    printf '\001' | dd of="$work/same/model.safetensors" bs=1 seek=$(($(stat -c %s "$work/same/model.safetensors") - 99)) conv=notrunc 2>/dev/null
    [ "$(hash "$work/same")" != "$hash" ] || fail "other weights have the same hash"
    run 2 attribute -m "$llama" -i "The nurse said" --generated_ids own -s 90; one_line
    run 1 attribute -m "$llama" -i "The nurse said" -o /dev/full --generation_kwargs '{"max_new_tokens": 2}'
    err "No space left"; out "input × generated"; err "the result is not lost: it is in $work/state/tinseq/kept/tinseq-"
    run 0 show "$work"/state/tinseq/kept/tinseq-*.json.gz; out "input × generated"

    "$tinseq" attribute -m "$llama" -i "The nurse said hello" -a integrated_gradients --attribution_kwargs '{"n_steps": 10000}' \
        --generation_kwargs '{"max_new_tokens": 200, "min_length": 200}' -o "$work/never.json" >"$work/out" 2>"$work/err" &
    local child=$!
    sleep 1
    kill -INT $child
    wait $child
    local status=$?
    last="interrupted attribute"
    [ $status -eq 130 ] || fail "interrupted: status $status"
    [ ! -e "$work/never.json" ] || fail "interrupted: a file was left"
    err "tinseq: cancelled"
}

real() {
    cd "$work" || exit 1
    for command in attribute show tokenize evaluate list explain tour; do
        "$tinseq" $command --help | sed -e ':a;/\\$/{N;s/\\\n *//;ba}' | grep '^  tinseq '
    done >"$work/examples"
    cp "$(dirname "$tinseq")/plugins/median.so" . # README's own aggregator
    printf 'prompt,target_true,subject\nThe capital of Italy is,Rome,Italy\n' >facts.csv
    sed -e ':a;/\\$/{N;s/\\\n *//;ba}' "$fixtures/../../README.md" | grep -E '^    tinseq (attribute|evaluate|show|convert|merge|list|explain|tokenize) ' >>"$work/examples"
    [ "$(wc -l <"$work/examples")" -ge 14 ] || fail "help and README have examples"
    while read -r line; do
        eval "${line/#tinseq/\"\$tinseq\"}" >"$work/out" 2>"$work/err" </dev/null || fail "$line"
    done <"$work/examples"
    last="example with -o"
    [ -s manager.json ] && [ -s manager.html ] || fail "the example's files"

    # A handler that ran on a computing thread would write its frame where the products' kernels have their buffers.
    local text=$(printf 'The lighthouse on the northern coast was built after a storm. %.0s' {1..25}) delay status
    for delay in 1.3 1.7 2.1 2.6; do
        "$tinseq" attribute -m smollm2 -i "$text" -g "$text They stood" -a occlusion >"$work/out" 2>"$work/err" &
        sleep $delay
        kill -INT $!
        wait $!
        status=$?
        [ $status -eq 130 ] || fail "occlusion interrupted after $delay s: status $status"
    done
}

last=
: >"$work/out"
: >"$work/err"
$kind
[ $bad -eq 0 ] && echo "cli.sh $kind: all good"
exit $bad
