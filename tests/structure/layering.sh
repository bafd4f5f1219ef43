#!/bin/sh
# Who may include whom. Run from the source tree's root; prints each broken rule and exits 1 if there is one.
#   app -> views -> themes; views -> aggregators -> methods' plain data; app -> methods -> backend; nothing points back up.
set -u
bad=0
forbid() { # forbid FOLDER PATTERN WHY: no source of FOLDER may include what matches PATTERN
    found=$(grep -rnE "^#include [<\"]($2)" --include='*.c' --include='*.h' --include='*.cpp' "$1" 2>/dev/null)
    if [ -n "$found" ]; then
        printf '%s\n  %s\n' "$3:" "$found"
        bad=1
    fi
}
forbid backend '(app|views|methods|aggregators|themes)/' 'backend/ knows models and tokens, nothing above'
forbid backend/base 'backend/([^b]|base[^/])' 'backend/base/ is the ground floor'
forbid backend/tn.h 'backend/(tape|model|architectures|config|generat|weights|tokenizer)' 'tensors know no models'
forbid backend/tn 'backend/(tape|model|architectures|config|generat|weights|tokenizer)' 'tensors know no models'
forbid backend/tape 'backend/(architectures|generat|weights|tokenizer)' 'a tape knows no architecture and no generation'
forbid methods '(app|views|aggregators|themes)/' 'methods/ knows no screens and no files'
forbid aggregators '(app|views|themes|backend/(tn|model|weights|tokenizer|config|generate|discovery))' 'aggregators/ knows results, no models and no screens'
forbid themes '(app|views|methods|aggregators|backend)/' 'themes/ knows nothing else'
forbid views '(app/|backend/(tn|model|weights|tokenizer|config|generate)\b|methods/(method|engine|step_functions))' 'views/ knows results and declarations, no models'
curses=$(grep -rlE '^#include <n?curses' --include='*.c' --include='*.h' --include='*.cpp' . | grep -vE '^\./(build|tests)' | sort)
[ "$curses" = "./views/terminal/screen.c" ] || [ -z "$curses" ] || { echo "curses belongs to views/terminal/screen.c alone: $curses"; bad=1; }
torch=$(grep -rlE '^#include <(torch|ATen|c10)/' --include='*.c' --include='*.h' --include='*.cpp' . | grep -vE '^\./(build|backend/tn/)')
[ -z "$torch" ] || { echo "libtorch belongs to backend/tn/ alone: $torch"; bad=1; }
cxx=$(find app views backend methods aggregators themes tests -name '*.cpp' | grep -vE '^backend/(tn|tokenizers)/')
[ -z "$cxx" ] || { echo "C++ belongs to backend/tn/ and backend/tokenizers/ alone: $cxx"; bad=1; }
exits=$(grep -rnE '\bexit *\(' --include='*.c' backend methods aggregators views themes | grep -vE '_exit|_Exit|//|\*')
[ -z "$exits" ] || { echo "no exit outside app/: $exits"; bad=1; }
[ $bad -eq 0 ] && echo "layering: all rules hold"
exit $bad
