#!/bin/bash
# Completion under bash, and manual pages. Usage: completion.sh TINSEQ SOURCE MANUAL_PAGES
set -u
tinseq=$1 source=$2 pages=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
fail() { echo "FAIL: $*"; bad=1; }
export PATH=$work/bin:$PATH TINSEQ_MODELS=$work/models HF_HOME=$work/none XDG_STATE_HOME=$work/state XDG_DATA_HOME=$work/none
mkdir -p "$work/bin" "$work/models" "$work/files/folder"
ln -s "$tinseq" "$work/bin/tinseq"
cp -r "$source/tests/fixtures/tiny/llama" "$work/models/tiny-llama"
cd "$work/files" || exit 1
touch result.json "two words.json"
. "$source/app/cli/shell/tinseq.bash"

# try LINE WORD...: with the cursor behind the line, these are what bash would be told, in any order; a word "+" says that there are more.
try() {
    local COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDBREAKS=$' \t\n"\'><=;|&(:' COMP_WORDS COMP_CWORD COMPREPLY got want more=
    mapfile -t COMP_WORDS < <(grep -oE '[=:]+|[^ =:]+' <<<"$1")
    [[ $1 != *' ' ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _tinseq
    shift
    for want; do
        [ "$want" != + ] || { more=1; continue; }
        printf '%s\n' "${COMPREPLY[@]}" | grep -qxF -- "$want" || fail "\"$COMP_LINE\": no $want among: ${COMPREPLY[*]}"
    done
    [ -n "$more" ] || [ ${#COMPREPLY[@]} -eq $# ] || fail "\"$COMP_LINE\": ${COMPREPLY[*]} rather than $*"
}
try "tinseq at" attribute attribute-context attribute-dataset
try "tinseq " attribute show list explain +
try "tinseq stats x --by la" layer
try "tinseq stats x --where ro" role=
try "tinseq hel" help
try "tinseq --vers" --version
try "tinseq help me" merge
try "tinseq list un" units
try "tinseq explain integ" integrated_gradients
try "tinseq explain html" html
try "tinseq explain LlamaF" LlamaForCausalLM
try "tinseq -m tiny" tiny-llama
try "tinseq attribute -m tiny-llama -i Hi -a integr" integrated_gradients
try "tinseq attribute --attribution-method=integr" integrated_gradients
try "tinseq attribute --step_sc" --step_scores
try "tinseq attribute --step-sc" --step-scores
try "tinseq attribute --step_scores probability entr" entropy
try "tinseq attribute --step_scores probability --color al" always
try "tinseq attribute --dtype " float32 float64 bfloat16
try "tinseq attribute -fn contrast_prob_diff" contrast_prob_diff
try "tinseq show result.json --attribution_aggregators subw" subwords
try "tinseq show result.json --attribution_aggregators subwords:absm" absmax
try "tinseq show result.json --attribution_aggregators subwords:sum vno" # a function alone is no aggregator
try "tinseq show result.json --unit sent" sentence
try "tinseq show result.json --unit rows=sent" sentence
try "tinseq show result.json --unit rows=sentence:me" mean
try "tinseq show result.json --span_rule entropy=su" sum
try "tinseq show result.json --normalize_attributions=" true false
try "tinseq show result.json --export map.h" map.html map.htm
try "tinseq show result.json --theme high" high-contrast
try "tinseq show result.json --colour_map=virid" viridis viridis_r
try "tinseq show result.json --alignment_symmetrize gr" grow-diag
try "tinseq show r" result.json
try "tinseq convert result.json fol" folder
try "tinseq merge two" "two words.json"
try "tinseq show --methods" # no option of show
try "tinseq list -- --js"
try "tinseq nonsense "

# As a person: the real bash, its Tab key and its cutting at ":" and "=".
python3 - "$source/app/cli/shell/tinseq.bash" <<'END' || fail "completion in an interactive bash"
import os, pty, select, sys, time
child, terminal = pty.fork()
if child == 0:
    os.environ.update(PS1="", TERM="dumb", INPUTRC="/dev/null", HISTFILE="/dev/null")
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
text = ""
def wait(what):
    global text
    end = time.time() + 30
    while what not in text:
        if time.time() > end or not select.select([terminal], [], [], end - time.time())[0]:
            sys.exit(f"no {what!r} in {text!r}")
        text += os.read(terminal, 4096).decode(errors="replace")
    text = text.split(what, 1)[1]
def send(keys): os.write(terminal, keys.encode())
send(f"set +m; PS1=; . '{sys.argv[1]}'; echo rea''dy\n")
wait("ready\r\n")
for keys, whole in [("tinseq eval\t", "tinseq evaluate "), ("tinseq show r\t", "tinseq show result.json "),
                    ("tinseq show --unit rows=sent\t", "rows=sentence "), ("tinseq show --unit word:abs\t", "word:absmax "),
                    ("tinseq show --theme=hi\t", "--theme=high-contrast "), ("tinseq merge tw\t", "tinseq merge two\\ words.json ")]:
    send(keys)
    wait(whole)
    send("\x15") # empties the line
    text = ""
send("exit\n")
END

for shell in zsh fish; do
    file=$source/app/cli/shell/tinseq.fish
    [ $shell = fish ] || file=$source/app/cli/shell/_tinseq
    ! command -v $shell >/dev/null || $shell -n "$file" || fail "$file: not $shell"
done

# Every command has a page, of which no formatter complains, with every option that its help has.
for command in "" $(tinseq complete -- '' | cut -f1 | grep -vx help); do
    page=$pages/tinseq${command:+-}$command.1
    [ -s "$page" ] || { fail "there is no $page"; continue; }
    if command -v groff >/dev/null; then
        groff -K utf8 -man -ww -Tutf8 "$page" >"$work/page" 2>"$work/complaints" || fail "$page is not formatted"
        [ ! -s "$work/complaints" ] || fail "$page: $(head -n 3 "$work/complaints")"
    fi
    if command -v mandoc >/dev/null; then
        mandoc -T lint -W warning "$page" | grep -v "missing date" | grep . && fail "$page"
    fi
    for part in NAME OPTIONS EXAMPLES "EXIT STATUS" "SEE ALSO"; do grep -qx ".SH $part" "$page" || fail "$page: no $part"; done
    for option in $(tinseq $command --help | grep -oE '^  --[a-z_]+'); do
        sed 's/\\-/-/g' "$page" | grep -qE "^\.B $option( |,|$)" || fail "$page: no $option"
    done
done
[ $bad -eq 0 ] && echo "completion.sh: all good"
exit $bad
