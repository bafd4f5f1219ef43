/* What stands between spaces, by the marker of the tokens' own vocabulary. */
#include "aggregators/text/unit.h"

static enum err_code begins(bool *begins, struct unit_found *found, const struct token_list *list,
                            const struct unit_call *c, struct err *e) {
    (void)e;
    found->any = c->marker != MARKER_NONE;
    const struct word_rules rules = {.marker = c->marker, .apart = c->apart, .breaks_apart = true};
    if (words_begin(begins, list, &rules))
        found->notice = words_without_spaces;
    return ERR_OK;
}

const struct unit unit_word = {
    .id = "word",
    .title = "Words",
    .summary = "What stands between spaces, known by the vocabulary's own marker (▁, Ġ, ##, "
               "</w>), with the punctuation that is written to it (--punctuation apart parts it). "
               "Line breaks stand alone. In scripts without spaces, such as Chinese, each token.",
    .begins = begins,
};
