/* Reference: Inseq 0.7.1, attr/feat/attribution_utils.py (check_attribute_positions) and
 * utils/contrast_utils.py. Unlike there, an encoder-decoder's end below the text's length is
 * exclusive too. */
#include "methods/request/positions.h"

#include "backend/base/mem.h"

#include <stdlib.h>

static enum err_code nothing_left(int64_t start, int64_t end, int64_t n, int64_t n_prompt,
                                  struct err *e) {
    const char *why = n_prompt >= n ? ": the text adds no token to its prompt (a prompt that ends "
                                      "in a space can merge with what follows)"
                                    : "";
    return err_set(e, ERR_USAGE,
                   "there is nothing to attribute from position %lld to %lld of %lld tokens%s",
                   (long long)start, (long long)end, (long long)n, why);
}

enum err_code positions_place(int64_t *start, int64_t *end, const struct attribute_request *r,
                              int64_t n, int64_t n_prompt, bool encoder_decoder, struct err *e) {
    const bool span = span_given(&r->span);
    const struct optional *start_at = span ? &r->span.start : &r->attr_pos_start,
                          *end_at = span ? &r->span.end : &r->attr_pos_end;
    int64_t from = start_at->given ? start_at->value : n_prompt;
    int64_t to = end_at->given && end_at->value < n ? end_at->value : n;
    if (encoder_decoder && from < 0)
        from += n;
    if (!encoder_decoder && from < n_prompt)
        from = n_prompt; /* a decoder-only model's prompt is not generated */
    if (to < 0)
        to += n;
    if (from < 1)
        return err_set(e, ERR_USAGE,
                       "--start_pos is %lld; the first token that is generated has position 1",
                       (long long)start_at->value);
    if (from >= to)
        return nothing_left(from, to, n, n_prompt, e);
    if (foil_given(&r->foil) && r->foil.step.value >= to - from)
        return err_set(e, ERR_USAGE, "the foil's step %llu is outside the %lld attributed steps",
                       (unsigned long long)r->foil.step.value + 1, (long long)(to - from));
    if (foil_given(&r->foil)) {
        from += r->foil.step.value;
        to = from + 1;
    }
    *start = from;
    *end = to;
    return ERR_OK;
}

enum err_code positions_align(int64_t *alignment, int64_t n_contrast, int64_t start, int64_t end,
                              struct err *e) {
    if (n_contrast < 2)
        return err_set(e, ERR_USAGE,
                       "the contrast text has no token to hold against the generated ones");
    for (int64_t p = start; p < end; p++) {
        int64_t j = n_contrast - (end - p);
        alignment[p - start] = j <= 0 ? n_contrast - 1 : j;
    }
    return ERR_OK;
}

void positions_name_contrast(struct attribution_sequence *s, const struct token_list *contrast,
                             const int64_t *alignment) {
    for (int64_t c = 0; c < attribution_steps(s); c++) {
        struct token *t = &s->target.items[s->attr_pos_start + c];
        const struct token *foil = &contrast->items[alignment ? alignment[c] : c];
        if (foil->id == t->id)
            continue;
        char *own = token_written(t), *other = token_written(foil);
        char *piece = mem_format("%s → %s", other, own),
             *printable = mem_format("%s → %s", foil->printable, t->printable);
        free(own);
        free(other);
        free(t->piece);
        free(t->printable);
        t->piece = piece;
        t->printable = printable;
        t->id = -1;
    }
}
