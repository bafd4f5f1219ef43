# Completion of tinseq for fish: a file of share/fish/vendor_completions.d. What there is to complete is told by the program itself.
function __tinseq_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] "$last" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$last"
        else
            printf '%s\n' $line
        end
    end
end
complete -c tinseq -f -a '(__tinseq_complete)'
