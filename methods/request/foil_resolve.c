#include "methods/request/foil_resolve.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/model.h"
#include "methods/step_functions/step_function.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PIECES_SHOWN 4

/* "·Const", "ant", "inople" */
static void add_pieces(struct text_buffer *b, const struct token *tokens, int64_t n) {
    for (int64_t i = 0; i < n && i < PIECES_SHOWN; i++)
        text_buffer_format(b, "%s\"%s\"", i ? ", " : "", tokens[i].printable);
    if (n > PIECES_SHOWN)
        text_buffer_puts(b, ", …");
}

/* --- foils ------------------------------------------------------------------------------- */

/* Whether v stands behind `last` in the order of logits, largest first; earlier ids win ties. */
static bool is_after(const float *logits, int32_t v, int32_t last) {
    if (last < 0 || logits[v] < logits[last])
        return true;
    return logits[v] == logits[last] && v > last;
}

/* The rank-th largest of n logits but that of `own`. */
static int32_t ranked(const float *logits, int64_t n, int32_t own, int64_t rank) {
    int32_t last = -1;
    for (int64_t r = 0; r < rank; r++) {
        int32_t best = -1;
        for (int32_t v = 0; v < n; v++)
            if (v != own && is_after(logits, v, last) && (best < 0 || logits[v] > logits[best]))
                best = v;
        last = best;
    }
    return last;
}

/* The logits that generate the token at `position`: out [V]. */
static enum err_code logits_before(float *out, struct model *m, const struct token_list *source,
                                   const struct token_list *target, int64_t position,
                                   const struct run_ctl *ctl, struct err *e) {
    const struct position at = {0, position - 1};
    int32_t *source_ids = token_list_ids(source), *target_ids = token_list_ids(target);
    struct forward_input in = {.n_batch = 1, .target_ids = target_ids, .n_target = position};
    struct forward *f = NULL;
    if (model_config(m)->encoder_decoder) {
        in.source_ids = source_ids;
        in.n_source = (int64_t)source->n;
    }
    enum err_code code = model_forward(&f, m, &in, ctl, e);
    if (code)
        goto out;
    code = forward_logits(f, &at, 1, out, e);
out:
    forward_free(f);
    free(source_ids);
    free(target_ids);
    return code;
}

static enum err_code by_rank(int32_t *id, char **notice, struct model *m, const struct foil *f,
                             const struct token_list *source, const struct token_list *target,
                             int64_t position, const struct run_ctl *ctl, struct err *e) {
    const int64_t n_vocab = model_config(m)->n_vocab,
                  n_named =
                      tokenizer_vocab_size(tokenizer_of_side(model_tokenizer(m), TEXT_TARGET)),
                  n = n_named < n_vocab ? n_named : n_vocab;
    const struct token *own = &target->items[position];
    struct token_list foil = {0};
    if (f->rank > FOIL_MOST_RANK || f->rank >= n)
        return err_set(e, ERR_USAGE, "the foil's rank is %lld; it is at most %d",
                       (long long)f->rank, n - 1 < FOIL_MOST_RANK ? (int)(n - 1) : FOIL_MOST_RANK);
    float *logits = mem_alloc((size_t)n_vocab * sizeof *logits);
    enum err_code code = logits_before(logits, m, source, target, position, ctl, e);
    if (code)
        goto out;
    *id = ranked(logits, n, own->id, f->rank);
    code = tokenizer_token(model_tokenizer(m), TEXT_TARGET, *id, &foil, e);
    if (code)
        goto out;
    const double sum = step_log_sum(logits, n_vocab);
    *notice =
        mem_format("The foil of step %lld is \"%s\" (probability %.3g), number %lld of the "
                   "model's choices besides \"%s\" (%.3g).",
                   (long long)f->step.value + 1, foil.items[0].printable, exp(logits[*id] - sum),
                   (long long)f->rank, own->printable, exp(logits[own->id] - sum));
out:
    token_list_dispose(&foil);
    free(logits);
    return code;
}

static bool starts_word(const struct token *t) {
    return (t->special && !token_is_unknown(t)) || (t->n_bytes && t->bytes[0] == ' ');
}

/* A typed foil: its pieces where it follows the text so far. */
struct typed {
    char *text; /* with the space that was put before it */
    struct token_list tokens;
    bool apart; /* that text splits otherwise together with it, so it was encoded by itself */
};

static void typed_dispose(struct typed *t) {
    token_list_dispose(&t->tokens);
    free(t->text);
}

/* Why the first piece and what was generated are no alternatives; NULL: they are. */
static const char *no_alternative(const struct token *first, const struct token *own) {
    if (first->id == own->id)
        return "The foil begins with the token \"%s\", and \"%s\" is what it is held against: "
               "there "
               "is no difference to explain.";
    if (starts_word(first) == starts_word(own))
        return NULL;
    return starts_word(first) ? "The foil \"%s\" begins a word and \"%s\" continues one: the two "
                                "are not alternatives at the same place."
                              : "The foil \"%s\" continues a word and \"%s\" begins one: the two "
                                "are not alternatives at the same place.";
}

/* What a person may not expect of a typed foil; owned by the caller. NULL: nothing. */
static char *typed_notice(const struct typed *typed, const struct token *own) {
    const struct token *first = &typed->tokens.items[0];
    const char *no = no_alternative(first, own);
    char *shown = text_sanitise(typed->text, strlen(typed->text), true);
    struct text_buffer b = {0};
    if (typed->tokens.n > 1) {
        text_buffer_format(&b, "The foil \"%s\" is split into %zu pieces (", shown,
                           typed->tokens.n);
        add_pieces(&b, typed->tokens.items, (int64_t)typed->tokens.n);
        text_buffer_format(&b, "): only the first is held against \"%s\"%s ", own->printable,
                           first->id == own->id ? "." : ", and other words may begin with it too.");
    }
    if (typed->apart)
        text_buffer_format(&b,
                           "The text before the foil \"%s\" would be split into other pieces "
                           "together with it, so the foil was split by itself: it begins with "
                           "\"%s\". ",
                           shown, first->printable);
    if (no)
        text_buffer_format(&b, no, first->printable, own->printable);
    while (b.n && b.text[b.n - 1] == ' ')
        b.text[--b.n] = '\0';
    free(shown);
    return b.n ? text_buffer_take(&b) : NULL;
}

/* What was typed, with a space before it where the token that it is held against has one, or where
 * it would continue a word that ends there. */
static char *spaced(const char *text, const struct token_list *target, int64_t position) {
    const struct token *own = &target->items[position], *before = own - 1;
    const bool ends = own->special && !token_is_unknown(own) && position > 0 &&
                      before->n_bytes > 0 && before->bytes[before->n_bytes - 1] != '\n',
               space = ends ? !strchr(" .,;:!?", *text) : own->n_bytes && own->bytes[0] == ' ';
    return mem_format("%s%s", space && *text != ' ' ? " " : "", text);
}

/* Whether the first n tokens are those of the target from `from` on. */
static bool begins_as(const struct token_list *tokens, const struct token_list *target,
                      int64_t from, int64_t n) {
    bool equal = (int64_t)tokens->n > n;
    for (int64_t i = 0; equal && i < n; i++)
        equal = tokens->items[i].id == target->items[from + i].id;
    return equal;
}

/* The foil's tokens as those that the text so far gets with it; special tokens at its beginning are
 * no text. */
static enum err_code encode_after(struct typed *out, const struct tokenizer *tokenizer,
                                  const struct token_list *target, int64_t position,
                                  struct err *e) {
    struct text_buffer b = {0};
    struct token_list whole = {0};
    enum err_code code = ERR_OK;
    int64_t from = 0;
    while (from < position && target->items[from].special &&
           !token_is_unknown(&target->items[from]))
        from++;
    for (int64_t i = from; i < position; i++)
        text_buffer_add(&b, target->items[i].bytes, target->items[i].n_bytes);
    text_buffer_puts(&b, out->text);
    size_t at;
    if (text_valid_utf8(b.text, b.n, &at))
        code = tokenizer_encode(tokenizer, TEXT_TARGET, b.text, b.n, false, &whole, e);
    if (code)
        goto out;
    out->apart = !begins_as(&whole, target, from, position - from);
    for (size_t i = (size_t)(position - from); !out->apart && i < whole.n; i++) {
        const struct token *t = &whole.items[i];
        token_list_add(&out->tokens, t->id, t->special, t->piece, t->bytes, t->n_bytes);
    }
    if (out->apart)
        code = tokenizer_encode(tokenizer, TEXT_TARGET, out->text, strlen(out->text), false,
                                &out->tokens, e);
out:
    text_buffer_dispose(&b);
    token_list_dispose(&whole);
    return code;
}

static enum err_code by_text(int32_t *id, char **notice, const struct tokenizer *tokenizer,
                             const struct foil *f, const struct token_list *target,
                             int64_t position, struct err *e) {
    if (!*f->text)
        return err_set(e, ERR_USAGE, "the foil is empty");
    struct typed typed = {.text = spaced(f->text, target, position)};
    enum err_code code = encode_after(&typed, tokenizer, target, position, e);
    if (!code && typed.tokens.n == 0)
        code = err_set(e, ERR_USAGE, "the foil has no token");
    if (code)
        goto out;
    *id = typed.tokens.items[0].id;
    *notice = typed_notice(&typed, &target->items[position]);
out:
    typed_dispose(&typed);
    return code;
}

enum err_code foil_resolve(int32_t *id, char **notice, struct model *m, const struct foil *f,
                           const struct token_list *source, const struct token_list *target,
                           int64_t position, const struct run_ctl *ctl, struct err *e) {
    *id = f->id;
    *notice = NULL;
    if (f->text)
        return by_text(id, notice, model_tokenizer(m), f, target, position, e);
    if (f->rank > 0)
        return by_rank(id, notice, m, f, source, target, position, ctl, e);
    return ERR_OK;
}

/* --- what splits otherwise --------------------------------------------------------------- */

static bool same(const struct token_list *a, int64_t i, const struct token_list *b, int64_t j) {
    return a->items[i].id == b->items[j].id;
}

/* As many tokens, but words begin elsewhere. */
static char *words_notice(const struct token_list *target, const struct token_list *contrast,
                          int64_t from, int64_t to, int64_t start, const int64_t *alignment) {
    for (int64_t p = from; p < to; p++) {
        const struct token *own = &target->items[p], *foil = &contrast->items[alignment[p - start]];
        if (own->id != foil->id && starts_word(own) != starts_word(foil))
            return mem_format("The contrast text splits into other pieces: step %lld, \"%s\", is "
                              "held against \"%s\", and only one of them begins a word.",
                              (long long)(p - start) + 1, own->printable, foil->printable);
    }
    return NULL;
}

char *foil_split_notice(const struct token_list *target, const struct token_list *contrast,
                        int64_t start, int64_t end, const int64_t *alignment) {
    int64_t a = 0, n = (int64_t)target->n, n_contrast = (int64_t)contrast->n;
    while (a < n && a < n_contrast && same(target, a, contrast, a))
        a++;
    while (n > a && n_contrast > a && same(target, n - 1, contrast, n_contrast - 1))
        n--, n_contrast--;
    const int64_t own = n - a, other = n_contrast - a;
    if (a < start || a >= end || own == 0 || other == 0)
        return NULL;
    if (own == other)
        return words_notice(target, contrast, a, n < end ? n : end, start, alignment);
    struct text_buffer b = {0};
    const int64_t held = alignment[a - start];
    text_buffer_format(&b, "The contrast text has %lld piece%s (", (long long)other,
                       other == 1 ? "" : "s");
    add_pieces(&b, contrast->items + a, other);
    text_buffer_format(&b, ") where the attributed one has %lld (", (long long)own);
    add_pieces(&b, target->items + a, own);
    text_buffer_format(&b, "): step %lld, \"%s\", is held against \"%s\"",
                       (long long)(a - start) + 1, target->items[a].printable,
                       contrast->items[held].printable);
    if (held != a)
        text_buffer_format(&b, "; with contrast_targets_alignments \"diff\" against \"%s\"",
                           contrast->items[a].printable);
    text_buffer_puts(&b, ".");
    return text_buffer_take(&b);
}

/* --- forced texts ------------------------------------------------------------------------ */

char *forced_notice(const struct token_list *target, int64_t start, int64_t n,
                    const double *log_probabilities) {
    int64_t least = -1, n_known = 0, n_below = 0;
    double sum = 0;
    for (int64_t c = 0; c < n; c++) {
        if (isnan(log_probabilities[c]))
            continue;
        n_known++;
        sum += log_probabilities[c];
        n_below += log_probabilities[c] < log(FORCED_LEAST_TOKEN);
        if (least < 0 || log_probabilities[c] < log_probabilities[least])
            least = c;
    }
    if (least < 0)
        return NULL;
    const char *piece = target->items[start + least].printable;
    const double smallest = exp(log_probabilities[least]), mean = exp(sum / (double)n_known);
    if (n_below)
        return mem_format("The model finds the forced text very unlikely: at step %lld \"%s\" has "
                          "probability %.2g (%lld of %lld tokens are below %g). What explains it "
                          "says little of what the model would write itself.",
                          (long long)least + 1, piece, smallest, (long long)n_below,
                          (long long)n_known, FORCED_LEAST_TOKEN);
    if (mean < FORCED_LEAST_MEAN)
        return mem_format(
            "The model finds the forced text very unlikely: its tokens' mean probability "
            "(geometric) is %.2g, the least \"%s\" with %.2g at step %lld. "
            "What explains it says little of what the model would write itself.",
            mean, piece, smallest, (long long)least + 1);
    return NULL;
}
