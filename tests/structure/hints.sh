#!/bin/sh
# No key is spelled by hand in a text of the terminal program: hints name commands in braces (views/widgets/hint.h), and each
# name is one of commands.def, views.def or keys.def. Run from the source tree's root; prints what is wrong and exits 1.
set -u
bad=0
texts() { # FILE:LINE:"string literal" of all sources but the command line's, the exports' and the names of keys themselves
    find app views -name '*.c' -not -path 'app/cli/*' -not -path 'views/export/*' -not -name 'input_names.c' |
        xargs grep -nHoE '"([^"\\]|\\.)*"'
}
by_hand=$(texts | grep -E '"(.*[^A-Za-z{-])?(F([1-9]|1[0-2])|Esc|Enter|PgUp|PgDn|Backspace|Tab|Space|(Ctrl|Alt|Shift)-[A-Za-z]+)([^A-Za-z0-9].*)?"$' |
    grep -v F8_E4M3)
letters=$(texts | grep -E '"(.*[ (])?[^ A-Za-z0-9"%\\.)*-]?[b-zA-Z/?=](: [a-z]| (runs|marks|begins|cancels|edits|lists|compares|looks|help|on|picks|move|scroll|select|rename|delete|export|rank|search)\b).*"$')
for found in "$by_hand" "$letters"; do
    [ -z "$found" ] || { printf 'a key spelled by hand, name its command in braces:\n%s\n' "$found"; bad=1; }
done
known=$( { grep -hoE '^(KEY|MORE)\([A-Z_]+' app/commands/commands.def; sed -nE 's/^TAB\(([A-Z]+),.*/(VIEW_\1/p' app/tui/views.def
    grep -hoE '^X\([A-Z_]+' views/widgets/keys.def; } | sed 's/.*(//')
unknown=$( { texts; grep -nHoE '"[^"]*"' app/commands/commands.def; } | grep -oE '\{[A-Z_]{2,}( while typing)?\}' | tr -d '{}' | sed 's/ while typing//' | sort -u |
    while read -r name; do echo "$known" | grep -qx "$name" || echo "$name"; done)
[ -z "$unknown" ] || { echo "names in hints that no command has: $unknown"; bad=1; }
[ $bad -eq 0 ] && echo "hints: all rules hold"
exit $bad
