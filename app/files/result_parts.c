#include "app/files/result_parts.h"

#include "methods/result/context_kept.h"

#include <stdlib.h>
#include <string.h>

/* --- tokens --- */

static void add_written(struct token_list *out, int32_t id, const char *piece,
                        enum piece_kind kind) {
    size_t n_bytes, n_unknown;
    const char *unknown = piece_unknown(&n_unknown, piece);
    if (!unknown) {
        char *bytes = piece_bytes(&n_bytes, kind, piece);
        token_list_add(out, id, piece_is_special(piece), piece, bytes, n_bytes);
        free(bytes);
        return;
    }
    char *text = mem_text_n(unknown, n_unknown),
         *bytes = piece_bytes(&n_bytes, PIECE_SENTENCEPIECE, text),
         *own = mem_format("%.*s%s", (int)(unknown - piece) - 1, piece, unknown + n_unknown);
    token_list_add(out, id, true, own, bytes, n_bytes);
    free(text);
    free(bytes);
    free(own);
}

/* Of "foil → token" the token alone is in the text. */
static void own_bytes(struct token *t, const char *piece, enum piece_kind kind) {
    const char *own = piece;
    for (const char *arrow; (arrow = strstr(own, " → "));)
        own = arrow + strlen(" → ");
    if (own > piece)
        mem_replace(&t->bytes, piece_bytes(&t->n_bytes, kind, own));
}

void piece_add_token(struct token_list *out, int32_t id, const char *piece, enum piece_kind kind) {
    add_written(out, id, piece, kind);
    if (id >= 0)
        return;
    struct token *joined = &out->items[out->n - 1];
    free(joined->printable);
    joined->printable = piece_printable(kind, piece, true);
    own_bytes(joined, piece, kind);
}

/* --- classes and shapes --- */

/* Before 0.5 classes had the names of kinds of methods. */
static const struct {
    const char *old, *current;
} class_words[] = {{"Gradient", "Granular"}, {"Perturbation", "Granular"}, {"Occlusion", "Coarse"}};

char *result_current_class(const struct json_value *name) {
    static const char mark[] = "FeatureAttribution";
    for (size_t i = 0; name && i < sizeof class_words / sizeof *class_words; i++) {
        const size_t n = strlen(class_words[i].old);
        if (name->n_text > n && memcmp(name->text, class_words[i].old, n) == 0 &&
            name->n_text - n > sizeof mark - 1 &&
            memcmp(name->text + n, mark, sizeof mark - 1) == 0)
            return mem_format("%s%.*s", class_words[i].current, (int)(name->n_text - n),
                              name->text + n);
    }
    return name ? mem_text_n(name->text, name->n_text) : NULL;
}

static enum attribution_class class_of(const char *name, int n_dims) {
    if (!name && n_dims <= 2) /* use_primitives: a file without classes */
        return ATTRIBUTION_COARSE;
    if (!name)
        return n_dims == 3 ? ATTRIBUTION_GRANULAR : ATTRIBUTION_MULTI_DIMENSIONAL;
    if (strcmp(name, "GranularFeatureAttributionSequenceOutput") == 0)
        return ATTRIBUTION_GRANULAR;
    if (strcmp(name, "MultiDimensionalFeatureAttributionSequenceOutput") == 0)
        return ATTRIBUTION_MULTI_DIMENSIONAL;
    if (strcmp(name, "CoarseFeatureAttributionSequenceOutput") == 0)
        return ATTRIBUTION_COARSE;
    return ATTRIBUTION_PLAIN;
}

void result_set_class(struct attribution_sequence *s, const struct json_value *name) {
    const struct scores *any =
        s->source_attributions.data ? &s->source_attributions : &s->target_attributions;
    s->class_name = result_current_class(name);
    s->class = class_of(s->class_name, any->n_dims);
    s->n_done = attribution_steps(s);
}

void result_tell_unknown(struct attribution *a, const struct json_value *object,
                         const char *const *known) {
    for (const struct json_value *v = object->first; v; v = v->next) {
        bool is_known = false;
        for (size_t i = 0; known[i] && !is_known; i++)
            is_known = json_named(v, known[i]);
        if (is_known)
            continue;
        char *notice = mem_format("The file has \"%.*s\", which is not read here.",
                                  (int)(v->n_key < 60 ? v->n_key : 60), v->key);
        if (!info_texts_hold(&a->info.notices, notice))
            info_texts_add(&a->info.notices, notice);
        free(notice);
    }
}

enum err_code result_check(struct attribution_sequence *s, struct err *e) {
    const struct scores *a = &s->source_attributions, *b = &s->target_attributions,
                        *any = a->data ? a : b;
    int64_t n_source = (int64_t)s->source.n, n_target = (int64_t)s->target.n;
    if ((a->data && a->n_dims < 2) || (b->data && b->n_dims < 2))
        return err_set(e, ERR_FORMAT, "attributions need at least two dimensions");
    /* A slice of Inseq's keeps the old end; its columns say where it ends now. */
    if (any->data && s->attr_pos_start >= 0 && any->dims[1] <= n_target - s->attr_pos_start)
        s->attr_pos_end = s->attr_pos_start + any->dims[1];
    if (s->attr_pos_start < 0 || s->attr_pos_end < s->attr_pos_start || s->attr_pos_end > n_target)
        return err_set(e, ERR_FORMAT, "attributed positions %lld to %lld of %lld tokens",
                       (long long)s->attr_pos_start, (long long)s->attr_pos_end,
                       (long long)n_target);
    int64_t steps = attribution_steps(s);
    if (a->data && (a->dims[0] != n_source || a->dims[1] != steps))
        return err_set(e, ERR_FORMAT,
                       "source scores of %lld rows and %lld columns for %lld tokens and %lld steps",
                       (long long)a->dims[0], (long long)a->dims[1], (long long)n_source,
                       (long long)steps);
    if (b->data && (b->dims[0] > n_target || b->dims[1] != steps))
        return err_set(e, ERR_FORMAT,
                       "target scores of %lld rows and %lld columns for %lld tokens and %lld steps",
                       (long long)b->dims[0], (long long)b->dims[1], (long long)n_target,
                       (long long)steps);
    bool same = !a->data || !b->data || a->n_dims == b->n_dims;
    for (int i = 2; same && a->data && b->data && i < a->n_dims; i++)
        same = a->dims[i] == b->dims[i];
    if (!same)
        return err_set(e, ERR_FORMAT, "source and target scores differ in their dimensions");
    for (size_t i = 0; i < s->n_step_scores; i++)
        if (s->step_scores[i].scores.n_dims != 1 || s->step_scores[i].scores.dims[0] != steps)
            return err_set(e, ERR_FORMAT,
                           "step scores must have one value for each of the %lld steps",
                           (long long)steps);
    return ERR_OK;
}

/* --- candidates --- */

static bool read_candidates(struct step_candidates *out, const struct json_value *list,
                            enum piece_kind kind) {
    if (list->type != JSON_ARRAY)
        return false;
    out->items = mem_alloc((list->n_members + 1) * sizeof *out->items);
    for (const struct json_value *v = list->first; v; v = v->next) {
        int64_t id;
        double probability;
        const struct json_value *piece = v->first ? v->first->next : NULL;
        if (v->n_members != 3 || !json_integer(&id, v->first) || id < INT32_MIN || id > INT32_MAX ||
            piece->type != JSON_STRING || !json_number(&probability, piece->next))
            return false;
        struct step_candidate *c = &out->items[out->n++];
        c->id = (int32_t)id;
        c->probability = (float)probability;
        c->piece = mem_text_n(piece->text, piece->n_text);
        c->printable = piece_printable(kind, c->piece, false);
    }
    return true;
}

void result_read_candidates(struct attribution_sequence *s, const struct json_value *steps,
                            enum piece_kind kind) {
    int64_t g = 0;
    bool valid = true;
    if (steps->type != JSON_ARRAY || (int64_t)steps->n_members != attribution_steps(s))
        return;
    s->candidates = mem_alloc((steps->n_members + 1) * sizeof *s->candidates);
    for (const struct json_value *step = steps->first; step && valid; step = step->next)
        valid = read_candidates(&s->candidates[g++], step, kind);
    if (!valid)
        attribution_drop_candidates(s);
}

/* --- at the end --- */

/* What a person should know of sequence i, owned by the caller; NULL: nothing. */
static char *left_out_notice(const struct attribution *a, size_t i) {
    const int64_t n = attribution_left_out(a, i);
    char *which = a->n_sequences > 1 ? mem_format("Text %zu: ", i + 1) : mem_text("");
    char *what = n == 1
                     ? mem_text("1 token of the prompt out of this file, but not its row: behind "
                                "it, scores stand beside the token after theirs")
                     : mem_format("%lld tokens of the prompt out of this file, but not their "
                                  "rows: behind them, scores stand up to %lld tokens too far on",
                                  (long long)n, (long long)n);
    char *notice = mem_format("%sInseq left %s. It does so with what equals the padding token; "
                              "attribute the text again to see all in place.",
                              which, what);
    free(which);
    free(what);
    if (n)
        return notice;
    free(notice);
    return NULL;
}

static void tell_of_left_out(struct attribution *a) {
    for (size_t i = 0; i < a->n_sequences; i++) {
        char *notice = left_out_notice(a, i);
        if (notice && !info_texts_hold(&a->info.notices, notice))
            info_texts_add(&a->info.notices, notice);
        free(notice);
    }
}

/* Files have step scores by name; in which order they were asked for is told beside them. */
static void order_step_scores(struct attribution_sequence *s, const struct info_texts *asked) {
    size_t at = 0;
    for (size_t i = 0; i < asked->n; i++)
        for (size_t k = at; asked->items[i] && k < s->n_step_scores; k++) {
            const struct named_scores found = s->step_scores[k];
            if (strcmp(found.name, asked->items[i]) != 0)
                continue;
            memmove(&s->step_scores[at + 1], &s->step_scores[at], (k - at) * sizeof found);
            s->step_scores[at++] = found;
            break;
        }
}

void result_finish(struct attribution *a) {
    for (size_t i = 0; i < a->n_sequences; i++) {
        order_step_scores(&a->sequences[i], &a->info.step_scores);
        a->sequences[i].one_step = a->info.foil_ids != NULL;
        if (a->info.cut_short.value ||
            (info_text_of(&a->info.context, i) &&
             !context_kept_done(&a->sequences[i], info_text_of(&a->info.context, i))))
            attribution_find_done(&a->sequences[i]);
    }
    tell_of_left_out(a);
}
