/* UnicodeScripts: cuts where one script ends and another begins, as sentencepiece's trainer does.
 */
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/stage.h"

#include <stdlib.h>

static const struct range {
    int32_t from, to;
    int script;
} ranges[] = {
#define SCRIPT(from, to, script) {from, to, script},
#include "backend/tokenizers/scripts.def"
#undef SCRIPT
};

static int compare(const void *key, const void *row) {
    const int32_t c = *(const int32_t *)key;
    const struct range *r = row;
    return (c > r->to) - (c < r->from);
}

/* 0: any. */
static int script_of(int32_t c) {
    const struct range *r =
        bsearch(&c, ranges, sizeof ranges / sizeof *ranges, sizeof *ranges, compare);
    return r ? r->script : 0;
}

/* What stands before the first character with a script is lost, as in the library. */
static enum err_code cut_at_scripts(const void *how, const char *s, size_t n, regexp_part *part,
                                    void *user, struct err *e) {
    size_t begin = 0, length;
    int last = 0;
    (void)how;
    (void)e;
    for (size_t at = 0; at < n; at += length) {
        const int script = script_of(character_at(s + at, n - at, &length));
        if (script && script != last && at) {
            part(user, begin, at, !last);
            begin = at;
        }
        last = script ? script : last;
    }
    part(user, begin, n, !last);
    return ERR_OK;
}

static enum err_code cut_scripts(const struct stage *s, struct spans *spans, struct err *e) {
    (void)s;
    return spans_split(spans, cut_at_scripts, NULL, SPLIT_REMOVED, false, e);
}

const struct stage_ops pre_tokenizer_scripts = {.type = "UnicodeScripts", .cut = cut_scripts};
