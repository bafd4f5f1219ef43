# Completion of tinseq for bash: source this file, or have it in share/bash-completion/completions/tinseq. What there is to complete is told by the program itself.
_tinseq() {
    local cur i word blank rest=${COMP_LINE:0:COMP_POINT} candidate files= words=()
    # bash cuts words at "=" and ":"; what has no blank before it belongs to the word before.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        blank=${rest%%[![:space:]]*} rest=${rest#"${rest%%[![:space:]]*}"}
        word=${COMP_WORDS[i]}
        [ "$i" -lt "$COMP_CWORD" ] || word=$rest
        if [ "$i" -gt 0 ] && [ -z "$blank" ]; then words[-1]+=$word; else words+=("$word"); fi
        rest=${rest#"$word"}
    done
    cur=${words[-1]#[\"\']}
    words[-1]=$cur
    COMPREPLY=()
    while IFS= read -r candidate; do
        candidate=${candidate%%$'\t'*}
        if [ "$candidate" = :files ]; then files=1; else COMPREPLY+=("$candidate"); fi
    done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -ne 1 || $COMPREPLY != *[=:.] ]] || compopt -o nospace 2>/dev/null
    # Only what stands behind the last of these is replaced.
    if [[ $cur == *[=:]* && $COMP_WORDBREAKS == *=* && $COMP_WORDBREAKS == *:* ]]; then
        word=${cur%"${cur##*[=:]}"}
        COMPREPLY=("${COMPREPLY[@]#"$word"}")
        cur=${cur##*[=:]}
    fi
    if [ -n "$files" ]; then
        compopt -o filenames 2>/dev/null
        while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "$cur")
    else
        for i in "${!COMPREPLY[@]}"; do printf -v "COMPREPLY[i]" %q "${COMPREPLY[i]}"; done
    fi
}
complete -F _tinseq tinseq
