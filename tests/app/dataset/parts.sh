#!/bin/bash
# A data set by several processes, over the scripted engine: Slurm (its variables set by hand), GNU parallel and Open MPI where
# they are, kills and resumption; docs/cluster.md's commands. Each way must end in the bytes of one process.
# Usage: parts.sh slurm|parallel|mpi|docs TINSEQ_FAKE_CLI SOURCES. Exit status 77: what it needs is not installed.
set -u
kind=$1 tinseq=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state XDG_DATA_HOME=$work/data OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# Containers forbid the first, of which Open MPI would tell; the second is the time that mpirun waits where a process failed.
export OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_odls_base_sigkill_timeout=0
cd "$work" || exit 1
bad=0
fail() { echo "FAIL: $*"; head -n 20 err; bad=1; }
same() { cmp one.jsonl "$1.jsonl" && cmp one.failed.jsonl "$1.failed.jsonl" || fail "$2: other bytes"; [ ! -e "$1.jsonl.part" ] || fail "$2: its folder is still there"; }
says() { grep -qF -- "$1" err || fail "no \"$1\" is said"; }
# facts OUT OPTIONS...: 1 where rows failed, as here some did.
facts() {
    local out=$1
    shift
    "$tinseq" attribute-dataset -m fake -d facts.csv -i text -o "$out.jsonl" --hide "$@" 2>err </dev/null
}

{ echo id,text; for i in $(seq 61); do echo "$i,the number $i of ${i}0 is$([ $((i % 13)) -ne 5 ] || echo ,surplus)"; done; } >facts.csv
facts one
[ $? -eq 1 ] || fail "rows failed, and the status does not say so"
says "5 of 61 rows failed"

case $kind in
slurm)
    TINSEQ_FAKE_KILL=0:30 facts killed
    [ -d killed.jsonl.part ] || fail "a run that was killed has left nothing"
    facts killed; says "of 61 rows were there, in killed.jsonl.part"
    same killed "killed"
    TINSEQ_FAKE_MS=30 facts stopped & run=$!
    for _ in $(seq 500); do [ -s stopped.jsonl.part/rows.jsonl ] && break; sleep 0.01; done
    facts stopped; [ $? -eq 2 ] || fail "two processes write to one file"
    says "process "; says "is writing to stopped.jsonl.part: wait for it"
    kill -INT "$(pgrep -P $run || echo $run)"; wait $run
    [ $? -eq 130 ] || fail "an interrupted run has another status"
    says "the same command goes on"
    facts stopped
    same stopped "interrupted"
    # sbatch --array=0-2; sbatch --array=1-5:2, begun anew by hand; srun -n 3; an array of two, each of srun -n 2
    for k in 0 1 2; do
        SLURM_ARRAY_TASK_ID=$k SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=2 facts array
        says "part $k/3 (SLURM_ARRAY_TASK_ID)"
        SLURM_ARRAY_TASK_ID=$((2 * k + 1)) SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=5 SLURM_ARRAY_TASK_STEP=2 facts step
        SLURM_PROCID=$k SLURM_NTASKS=3 SLURM_JOB_ID=7 SLURM_STEP_ID=0 facts srun
        PMI_RANK=$k PMI_SIZE=3 facts pmi
    done
    for k in 0 1 2 3; do
        SLURM_ARRAY_TASK_ID=$((k / 2)) SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=0 SLURM_PROCID=$((k % 2)) SLURM_NTASKS=2 facts both
    done
    "$tinseq" merge array.*1-of-*.jsonl array.*2-of-*.jsonl -o array.jsonl 2>err && fail "a part is missing"
    says "rows 0 to 7 are in none of these files, as part 0/3 is not among them"
    for name in array step srun pmi both; do
        "$tinseq" merge $name.*-of-*.jsonl -o $name.jsonl 2>err || fail "merge $name"
        same $name $name
    done
    facts whole --split_output rows 2>err && fail "-o and --split_output at once"
    # A JSON and a folder of them; of two parts each.
    "$tinseq" attribute-dataset -m fake -d facts.csv -i text -o one.json -q 2>err
    "$tinseq" attribute-dataset -m fake -d facts.csv -i text --split_output one -q 2>err
    for k in 0 1; do
        "$tinseq" attribute-dataset -m fake -d facts.csv -i text -o two.json -q --shard $k/2 2>err
        "$tinseq" attribute-dataset -m fake -d facts.csv -i text --split_output two -q --shard $k/2 2>err
    done
    "$tinseq" merge two.*-of-*.jsonl -o two.json -q 2>err || fail "merge into a JSON"
    cmp one.json two.json || fail "a JSON of two parts"
    # Killed and gone on with, for each kind of output.
    "$tinseq" attribute-dataset -m fake -d facts.csv -i text -o one.jsonl.gz -q 2>err
    for out in "-o three.json" "-o three.jsonl.gz" "--split_output three"; do
        TINSEQ_FAKE_KILL=0:30 "$tinseq" attribute-dataset -m fake -d facts.csv -i text $out -q 2>err
        [ -d "${out#* }.part" ] || fail "$out: a run that was killed has left nothing"
        "$tinseq" attribute-dataset -m fake -d facts.csv -i text $out -q 2>err
    done
    cmp one.json three.json && cmp one.jsonl.gz three.jsonl.gz && diff -r one three || fail "killed: a JSON, packed rows or a folder"
    cat two.0*.failed.jsonl | sort >two.failed; sort one.failed.jsonl | diff - two.failed || fail "rows that failed, of two parts"
    diff -r one two || fail "a folder that two processes filled"
    [ "$(ls one | wc -l)" -eq 56 ] || fail "a file for each row"
    ;;
parallel)
    command -v parallel >/dev/null || { echo "GNU parallel (package parallel) is not here: left out"; exit 77; }
    parallel --will-cite -j2 "$tinseq attribute-dataset -m fake -d facts.csv -i text -o parallel.jsonl --hide -q --shard {}/4" ::: 0 1 2 3 2>err
    "$tinseq" merge parallel.*-of-*.jsonl -o parallel.jsonl 2>err || fail "merge"
    same parallel "parallel"
    ;;
mpi)
    command -v mpirun >/dev/null && [ -e "$(dirname "$tinseq")/tinseq_mpi.so" ] || { echo "Open MPI (packages openmpi-bin, libopenmpi-dev) is not here: left out"; exit 77; }
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" TINSEQ_FAKE_MS=4
    # mpi OUT OPTIONS OF MPIRUN...
    mpi() {
        local out=$1
        shift
        timeout 60 mpirun --oversubscribe "$@" "$tinseq" attribute-dataset -m fake -d facts.csv -i text -o "$out.jsonl" --hide >err 2>&1 </dev/null
    }
    case $(mpirun --version) in
    *"Open MPI) 4."*) recovers=1 ;;
    *) recovers=; echo "mpirun --enable-recovery is tried with Open MPI 4 alone: left out" ;;
    esac
    for n in ${MPI_PROCESSES:-1 2 4}; do
        mpi mpi$n -n $n; says "5 of 61 rows failed"
        [ "$(grep -c 'there are 2 columns' err)" -eq 5 ] || fail "mpirun -n $n: each row that failed is told once"
        same mpi$n "mpirun -n $n"
        TINSEQ_FAKE_KILL=0:4 mpi killed$n -n $n
        [ -d killed$n.jsonl.part ] || fail "mpirun -n $n goes on without the first of its processes"
        if [ $n -eq 2 ]; then mpi killed$n -n $n; else facts killed$n; fi
        same killed$n "mpirun -n $n, one killed, and the command again"
        [ -n "$recovers" ] && [ $n -gt 1 ] || continue
        TINSEQ_FAKE_KILL=1:2 mpi back$n -n $n --enable-recovery; says "is gone: its batch goes to another"
        same back$n "mpirun -n $n --enable-recovery"
    done
    # An error of one ends all, and is told once.
    mpi_strict=$(timeout 60 mpirun --oversubscribe -n 3 "$tinseq" attribute-dataset -m fake -d facts.csv -i text -o strict.jsonl -q --strict 2>&1 </dev/null | grep -c "there are 2 columns")
    [ "$mpi_strict" -eq 1 ] || fail "mpirun, --strict: told $mpi_strict times"
    TINSEQ_MPI_MODULE=$work/nothing.so mpi parts -n 2; says "part 1/2 (OMPI_COMM_WORLD_RANK)"
    says "rows failed"
    "$tinseq" merge parts.*-of-*.jsonl -o parts.jsonl 2>err || fail "without the module: merge"
    same parts "without the module"
    ;;
docs)
    # docs/cluster.md as it stands, with three tasks for sixteen; Slurm's commands are made up, the others are the real ones.
    mkdir bin
    ln -s "$tinseq" bin/tinseq
    cat >bin/sbatch <<'END'
#!/bin/bash
range=${1#--array=}
for k in $(seq "${range%-*}" "${range#*-}"); do
    SLURM_JOB_ID=7 SLURM_ARRAY_TASK_ID=$k SLURM_ARRAY_TASK_COUNT=$((${range#*-} - ${range%-*} + 1)) SLURM_ARRAY_TASK_MIN=${range%-*} \
        SLURM_ARRAY_TASK_MAX=${range#*-} SLURM_ARRAY_TASK_STEP=1 SLURM_PROCID=0 SLURM_NTASKS=1 bash -c "$3" || exit 1
done
END
    cat >bin/srun <<'END'
#!/bin/bash
n=$2; shift 2
for k in $(seq 0 $((n - 1))); do SLURM_JOB_ID=7 SLURM_STEP_ID=0 SLURM_PROCID=$k SLURM_NTASKS=$n "$@" || exit 1; done
END
    chmod +x bin/*
    export PATH=$work/bin:$PATH PARALLEL=--will-cite OMPI_MCA_rmaps_base_oversubscribe=1 ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
    sed -i '/surplus/d' facts.csv
    tinseq attribute-dataset -m smollm2 -d facts.csv -i text -o all.jsonl -q 2>err || fail "one process"
    n=0
    while read -r line; do
        program=${line%% *} line=${line//0-15/0-2}
        [ "$program" != mpirun ] || [ -e "$(dirname "$tinseq")/tinseq_mpi.so" ] || { echo "Open MPI is not here: left out: $line"; continue; }
        [ -n "${left_out:-}" ] && [[ $line == "tinseq merge"* ]] && { left_out=; continue; }
        command -v "$program" >/dev/null || { echo "not here, and left out: $line"; left_out=1; continue; }
        n=$((n + 1))
        bash -c "${line//-n 16/-n 3}" >out 2>err </dev/null || fail "$line"
        [ -e facts.jsonl ] || continue
        cmp facts.jsonl all.jsonl || fail "other bytes: $line"
        find . -maxdepth 1 -name 'facts.*' ! -name facts.csv -delete
    done < <(grep -E '^    (sbatch|srun|mpirun|parallel|tinseq) ' "$3/docs/cluster.md")
    [ $n -ge 6 ] || fail "only $n commands were run"
    ;;
esac
[ $bad -eq 0 ] && echo "a data set by several processes ($kind): all is well"
exit $bad
