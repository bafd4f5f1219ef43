#!/bin/sh
# No file of the program but backend/architectures/families/ names a family of models: neither its
# table nor, as a text of its own, a class or a type of its files. Run from the source tree's root.
# Tokenizers have names of their own, which may be a family's ("gpt2" in a GGUF file). Two tables
# say a family's name about another: what is nearest to one that does not run, and which language
# model is inside one that sees pictures.
set -u
tables=backend/architectures/families
ids=$(sed -n 's/^FAMILY(\(.*\))$/\1/p' backend/architectures/families.def)
texts=$(grep -ohE '\{"[A-Za-z0-9]+", "[a-z0-9]+"' $tables/*.c | grep -oE '"[A-Za-z0-9]+"' | sort -u)
[ "$(echo "$texts" | wc -l)" -ge 8 ] || { echo "the tables' classes were not found: $texts"; exit 1; }
pattern=$(for id in $ids; do printf 'family_%s\\b|' "$id"; done; echo "$texts" | paste -sd '|')
found=$(grep -rnE "$pattern" --include='*.[ch]' --include='*.def' app backend methods views aggregators themes |
    grep -vE "^($tables/|backend/tokenizers/|backend/architectures/relatives.def|backend/config/wrappers.c)|tokenizer|/\*.*($pattern)")
[ -z "$found" ] && { echo "families: only their tables name them"; exit 0; }
printf 'a family is named outside %s/:\n%s\n' "$tables" "$found"
exit 1
