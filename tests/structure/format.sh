#!/bin/sh
# All code below FOLDER stands as clang-format 14 (Debian 12's) leaves it: format.sh FOLDER. Another
# version formats otherwise and can say nothing: then the exit status is 77, skipped.
set -eu
tool=$(command -v "${CLANG_FORMAT:-clang-format-14}" || command -v clang-format) || {
    echo "clang-format is missing: tests/setup/packages.sh test installs it"
    exit 1
}
version=$("$tool" --version | sed 's/.*version \([0-9]*\).*/\1/')
if [ "$version" != 14 ]; then
    echo "NOT CHECKED: the code's format, which clang-format 14 decides; $tool is version $version"
    exit 77
fi
cd "$1"
files=$(find app views backend methods aggregators themes tests -name '*.[ch]' -o -name '*.cpp' \
    -o -name '*.inc' -o -name '*.def')
echo "$files" | xargs -P 2 -n 40 "$tool" --dry-run -Werror || {
    echo "format with: git ls-files -m '*.[ch]' '*.cpp' '*.inc' '*.def' | xargs clang-format -i"
    exit 1
}
echo "format: all $(echo "$files" | wc -l) files hold"
