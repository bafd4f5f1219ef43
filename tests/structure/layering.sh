#!/bin/sh
# Which libraries and calls belong where, and that README names every folder; who may use whom is in
# arrows.txt. Run from the source tree's root; prints each broken rule and exits 1 if there is one.
set -u
bad=0
only() { # only PATTERN PLACES WHY: files with a line that matches PATTERN lie in PLACES alone
    found=$(grep -rlE "$1" --include='*.c' --include='*.h' --include='*.cpp' --include='*.inc' \
        app views backend methods aggregators themes | grep -vE "^($2)")
    [ -z "$found" ] || { echo "$3: $found"; bad=1; }
}
only '^#include <n?curses' 'views/terminal/screen\.c$' 'curses belongs to screen.c alone'
only '^#include <(torch|ATen|c10)/' 'backend/tn/' 'libtorch belongs to backend/tn/ alone'
only '^[^/*]*\bexit *\(' 'app/' 'no exit outside app/'
only '^[^/*]*"[A-Z][A-Za-z0-9]+(ForCausalLM|LMHeadModel|MTModel|BertModel)"' \
    'backend/architectures/families/' 'a family is named in backend/architectures/families/ alone'
cxx=$(find app views backend methods aggregators themes tests -name '*.cpp' |
    grep -vE '^backend/(tn|tokenizers)/')
[ -z "$cxx" ] || { echo "C++ belongs to backend/tn/ and backend/tokenizers/ alone: $cxx"; bad=1; }
for folder in $(find app views backend methods -mindepth 2 -name '*.[ch]' | cut -d/ -f1,2 | sort -u); do
    grep -qE "\`(${folder%%/*}/)?${folder#*/}/\`" README.md ||
        { echo "README's table of folders does not name $folder"; bad=1; }
done
[ $bad -eq 0 ] && echo "layering: all rules hold"
exit $bad
