/* Tokens of a word become one. Inseq's SubwordAggregator, but: markers are those of the file's own
 * vocabulary where none are given; a sequence's last token joins its word; special tokens stand
 * alone. */
#include "aggregators/aggregator.h"

#include "aggregators/merge.h"
#include "aggregators/text/words.h"
#include "backend/base/json.h"

#include <stdlib.h>
#include <string.h>

#define MOST_MARKERS 16

/* Markers as texts, owned. */
struct markers {
    char *items[MOST_MARKERS];
    size_t n;
};

static bool add_marker(struct markers *m, const struct json_value *v) {
    if (v->type != JSON_STRING || v->n_text == 0 || m->n == MOST_MARKERS)
        return false;
    m->items[m->n++] = mem_text_n(v->text, v->n_text);
    return true;
}

static void dispose_markers(struct markers *m) {
    for (size_t i = 0; i < m->n; i++)
        free(m->items[i]);
}

/* A text or a list of texts. */
static enum err_code read_markers(struct markers *m, const char *json, struct err *e) {
    struct json_document *d;
    *m = (struct markers){0};
    enum err_code code = json_parse(&d, json, strlen(json), e);
    if (code)
        return code;
    const struct json_value *root = json_root(d);
    bool good = root->type == JSON_ARRAY ? root->n_members > 0 : add_marker(m, root);
    if (root->type == JSON_ARRAY)
        for (const struct json_value *v = root->first; v && good; v = v->next)
            good = add_marker(m, v);
    if (!good)
        code = err_set(e, ERR_USAGE,
                       "special_chars is a text or a list of texts, as in [\"Ġ\", \"Ċ\"]");
    json_free(d);
    return code;
}

static void tell_unmarked(const struct aggregate_context *c, const char *what, const char *side) {
    aggregate_notice(c, "No %s token has %s: the %s tokens stay as they are.", side, what, side);
}

/* Where words of one side begin. */
static void find_words(bool *begins, const struct token_list *list, const struct markers *given,
                       enum word_marker marker, const char *side, const struct aggregate_call *c) {
    const bool apart = strcmp(option_text(c->options, "punctuation"), "apart") == 0,
               joins = option_bool(c->options, "is_suffix_symbol");
    if (given->n == 0) {
        if (words_begin(begins, list, &(struct word_rules){.marker = marker, .apart = apart}))
            aggregate_notice(c->context, "%s", words_without_spaces);
        if (marker == MARKER_NONE && list->n)
            tell_unmarked(c->context, "a word's marker or white space", side);
        return;
    }
    if (words_begin_marked(begins, list, (const char *const *)given->items, given->n, joins, apart))
        return;
    memset(begins, true, list->n);
    tell_unmarked(c->context, option_text(c->options, "special_chars"), side);
}

static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    struct markers given = {0};
    const enum word_marker marker = word_marker_of(s);
    const bool source = option_bool(c->options, "aggregate_source"),
               target = option_bool(c->options, "aggregate_target");
    bool *source_begins = mem_alloc(s->source.n), *target_begins = mem_alloc(s->target.n);
    const char *chars = option_text(c->options, "special_chars");
    enum err_code code = chars ? read_markers(&given, chars, e) : ERR_OK;
    if (code)
        goto out;
    if (source && !merge_source_is_prompt(s))
        find_words(source_begins, &s->source, &given, marker, "source", c);
    if (target)
        find_words(target_begins, &s->target, &given, marker, "target", c);
    code = merge_begins(s, source ? source_begins : NULL, target ? target_begins : NULL, c, e);
out:
    dispose_markers(&given);
    free(source_begins);
    free(target_begins);
    return code;
}

static const struct option_decl options[] = {
    {.name = "special_chars",
     .type = OPTION_JSON,
     .help = "What a token that begins a word begins with: a text, or a list of texts. Where none "
             "is given: the file's own, ▁, or Ġ and Ċ, ## of what continues a word, </w> of what "
             "ends it, or white space."},
    {.name = "is_suffix_symbol",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "special_chars begin what continues a word instead, as ## does."},
    OPTION_PUNCTUATION,
    OPTION_SIDE("aggregate_source", "The source's tokens are joined."),
    OPTION_SIDE("aggregate_target", "The target's tokens are joined, prompt and text."),
    OPTION_SPAN_RULES,
    OPTION_ORDER,
};

static enum err_code check(const struct option_set *set, struct err *e) {
    if (option_bool(set, "is_suffix_symbol") && !option_text(set, "special_chars"))
        return err_set(e, ERR_USAGE, "is_suffix_symbol says what special_chars mean: give them");
    struct markers given = {0};
    enum err_code code = ERR_OK;
    if (option_text(set, "special_chars"))
        code = read_markers(&given, option_text(set, "special_chars"), e);
    dispose_markers(&given);
    return code ? code : merge_check(set, e);
}

const struct aggregator aggregator_subwords = {
    .id = "subwords",
    .title = "Words",
    .summary = "Joins the tokens of each word. Special tokens stand alone. Punctuation belongs to "
               "the word that it is written to. Where a script has no spaces, each token is a word "
               "of its own.",
    .function = "the largest magnitude",
    .changes_tokens = true,
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .check = check,
    .apply = apply,
};
