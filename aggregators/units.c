/*
 * Rows and columns of one unit each, by name: words, sentences, turns of a chat. Our own; Inseq has
 * words (subwords), spans and split. Rows are what was read: the source, and the prompt before the
 * text; columns are the text that was written, with its own rows.
 */
#include "aggregators/aggregator.h"

#include "aggregators/merge.h"
#include "aggregators/text/matches.h"
#include "aggregators/text/split_begins.h"
#include "aggregators/unit_list.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Tokens [from, to) of a list of n by one unit. */
static enum err_code unit_begins(bool *begins, const struct token_list *list, const char *id,
                                 const char *side, size_t from, size_t to,
                                 const struct unit_call *c, const struct aggregate_context *context,
                                 struct err *e) {
    const struct unit *unit = unit_find(id);
    struct unit_found found = {0};
    bool *all = mem_alloc(list->n * sizeof *all);
    enum err_code code = ERR_OK;
    struct unit_call call = *c;
    call.unit = unit;
    if (list->n)
        code = unit->begins(all, &found, list, &call, e);
    if (found.notice)
        aggregate_notice(context, "%s", found.notice);
    if (!code && list->n && !found.any) {
        memset(all, true, list->n);
        aggregate_notice(context, "There is no %s among the %s tokens: they stay as they are.", id,
                         side);
    }
    for (size_t i = from; i < to; i++)
        begins[i] = all[i];
    free(all);
    return code;
}

static struct unit_call call_of(const struct attribution_sequence *s,
                                const struct aggregate_call *c) {
    return (struct unit_call){
        .marker = word_marker_of(s),
        .apart = strcmp(option_text(c->options, "punctuation"), "apart") == 0,
        .pattern = option_text(c->options, "split_pattern"),
        .mode = option_text(c->options, "split_mode"),
    };
}

static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    const char *rows = option_text(c->options, "rows"),
               *columns = option_text(c->options, "columns");
    const struct unit_call call = call_of(s, c);
    const size_t start = (size_t)s->attr_pos_start, n = s->target.n;
    bool *source = mem_alloc(s->source.n), *target = mem_alloc(n);
    enum err_code code = ERR_OK;
    if (!merge_source_is_prompt(s))
        code =
            unit_begins(source, &s->source, rows, "source", 0, s->source.n, &call, c->context, e);
    if (code)
        goto out;
    code = unit_begins(target, &s->target, rows, "prompt's", 0, start, &call, c->context, e);
    if (code)
        goto out;
    code = unit_begins(target, &s->target, columns, "generated", start, n, &call, c->context, e);
    if (code)
        goto out;
    /* Two units meet at the text's start: a word over it is one only where both are words. */
    if (strcmp(rows, columns) != 0 && start < n)
        target[start] = true;
    code = merge_begins(s, source, target, c, e);
out:
    free(source);
    free(target);
    return code;
}

static enum err_code check_unit(const char *id, struct err *e) {
    const char *names[32];
    size_t n;
    const struct unit *const *all = units(&n);
    if (unit_find(id))
        return ERR_OK;
    for (size_t i = 0; i < n && i < 32; i++)
        names[i] = all[i]->id;
    return aggregate_unknown("unit", id, names, n, "see 'tinseq list units'", e);
}

static enum err_code check(const struct option_set *set, struct err *e) {
    const char *rows = option_text(set, "rows"), *columns = option_text(set, "columns");
    const bool regex = strcmp(rows, "regex") == 0 || strcmp(columns, "regex") == 0;
    enum err_code code = check_unit(rows, e);
    if (!code)
        code = check_unit(columns, e);
    if (code)
        return code;
    if (regex && !option_text(set, "split_pattern"))
        return err_set(e, ERR_USAGE,
                       "the unit regex needs an expression: --aggregation_kwargs "
                       "'{\"split_pattern\": \"[,;] \"}'");
    if (option_text(set, "split_pattern"))
        code = matches_check(option_text(set, "split_pattern"), e);
    return code ? code : merge_check(set, e);
}

static const struct option_decl options[] = {
    {.name = "rows",
     .type = OPTION_TEXT,
     .default_value = "token",
     .help = "The unit of what was read: the source, and the prompt before the text."},
    {.name = "columns",
     .type = OPTION_TEXT,
     .default_value = "token",
     .help = "The unit of the text that was written."},
    OPTION_PUNCTUATION,
    {.name = "split_pattern", .type = OPTION_TEXT, .help = "The unit regex: what parts units."},
    {.name = "split_mode",
     .type = OPTION_CHOICE,
     .default_value = "single",
     .choices = split_modes,
     .help = "The unit regex: what matches is one of its own, or joined to what follows (start) "
             "or precedes (end)."},
    OPTION_SPAN_RULES,
    OPTION_ORDER,
};

const struct aggregator aggregator_units = {
    .id = "units",
    .title = "Units",
    .summary = "Joins tokens to words, sentences, lines, paragraphs, turns of a chat, or what an "
               "expression parts: --unit NAME. Special tokens stand alone.",
    .function = "the largest magnitude (--unit: the sum)",
    .changes_tokens = true,
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .check = check,
    .apply = apply,
};
