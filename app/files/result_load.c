#include "app/files/result_file.h"

#include "app/files/gzip.h"
#include "app/files/piece_text.h"
#include "backend/base/file.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "methods/result/scores_text.h"

#include <stdlib.h>
#include <string.h>

#define MAX_FILE ((size_t)1 << 30)

/* The attributes of an instance; the value itself in a file saved with use_primitives. */
static const struct json_value *attributes(const struct json_value *v) {
    const struct json_value *inner = json_get(v, "attributes");
    return inner && json_get(v, "__instance_type__") ? inner : v;
}

/* The class's name of an instance, or NULL. Not NUL-terminated. */
static const struct json_value *instance_name(const struct json_value *v) {
    const struct json_value *type = json_get(v, "__instance_type__");
    return type && type->type == JSON_ARRAY && type->n_members == 2 &&
                   type->first->next->type == JSON_STRING
               ? type->first->next
               : NULL;
}

static bool absent(const struct json_value *v) {
    return !v || v->type == JSON_NULL;
}

/* One token whose printable form waits until the vocabulary's kind is known. */
static enum err_code check_tokens(const struct json_value *list, enum piece_kind *kind,
                                  const char *side, struct err *e) {
    if (!list || list->type != JSON_ARRAY)
        return err_set(e, ERR_FORMAT, "the %s tokens are missing", side);
    for (const struct json_value *v = list->first; v; v = v->next) {
        const struct json_value *token = attributes(v), *piece = json_get(token, "token");
        int64_t id;
        if (!piece || piece->type != JSON_STRING || !json_integer(&id, json_get(token, "id")) ||
            id < INT32_MIN || id > INT32_MAX)
            return err_set(e, ERR_FORMAT, "a %s token is not a piece with its id", side);
        char *text = mem_text_n(piece->text, piece->n_text);
        enum piece_kind evident = piece_kind_of(text);
        free(text);
        if (evident != PIECE_PLAIN && *kind == PIECE_PLAIN)
            *kind = evident;
    }
    return ERR_OK;
}

static void add_token(struct token_list *out, int32_t id, const char *piece, enum piece_kind kind) {
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

static void add_tokens(struct token_list *out, const struct json_value *list,
                       enum piece_kind kind) {
    for (const struct json_value *v = list->first; v; v = v->next) {
        const struct json_value *token = attributes(v), *piece = json_get(token, "token");
        int64_t id = -1;
        (void)json_integer(&id, json_get(token, "id"));
        char *text = mem_text_n(piece->text, piece->n_text);
        add_token(out, (int32_t)id, text, kind);
        if (id < 0) { /* " → " or " … " between two pieces */
            struct token *joined = &out->items[out->n - 1];
            free(joined->printable);
            joined->printable = piece_printable(kind, text, true);
        }
        free(text);
    }
}

static enum err_code read_scores(struct scores *out, const struct json_value *v, const char *what,
                                 struct err *e) {
    struct err inner;
    *out = (struct scores){0};
    if (absent(v))
        return ERR_OK;
    if (v->type != JSON_STRING)
        return err_set(e, ERR_FORMAT, "%s is not a base64 text", what);
    enum err_code code = scores_text_read(out, v->text, v->n_text, &inner);
    if (code)
        return err_set(e, code, "%s: %s", what, inner.message);
    return ERR_OK;
}

static enum err_code read_named(struct named_scores **out, size_t *n_out,
                                const struct json_value *v, const char *what, struct err *e) {
    *out = NULL;
    *n_out = 0;
    if (absent(v))
        return ERR_OK;
    if (v->type != JSON_OBJECT)
        return err_set(e, ERR_FORMAT, "%s is not an object", what);
    *out = mem_alloc((v->n_members + 1) * sizeof **out);
    for (const struct json_value *m = v->first; m; m = m->next) {
        struct named_scores *item = &(*out)[(*n_out)++];
        item->name = mem_text_n(m->key, m->n_key);
        enum err_code code = read_scores(&item->scores, m, what, e);
        if (!code && !item->scores.data)
            code = err_set(e, ERR_FORMAT, "%s has an entry without values", what);
        if (code)
            return code;
    }
    return ERR_OK;
}

static enum attribution_class class_of(const struct json_value *name, int n_dims) {
    if (json_is(name, "GranularFeatureAttributionSequenceOutput"))
        return ATTRIBUTION_GRANULAR;
    if (json_is(name, "MultiDimensionalFeatureAttributionSequenceOutput"))
        return ATTRIBUTION_MULTI_DIMENSIONAL;
    if (json_is(name, "CoarseFeatureAttributionSequenceOutput"))
        return ATTRIBUTION_COARSE;
    if (name)
        return ATTRIBUTION_PLAIN;
    if (n_dims <= 2) /* use_primitives: a file without classes */
        return ATTRIBUTION_COARSE;
    return n_dims == 3 ? ATTRIBUTION_GRANULAR : ATTRIBUTION_MULTI_DIMENSIONAL;
}

/* Positions, tokens and arrays must fit together; later code indexes by them without asking
 * again. */
static enum err_code check_shapes(struct attribution_sequence *s, struct err *e) {
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

static enum err_code read_arrays(struct attribution_sequence *s, const struct json_value *in,
                                 struct err *e) {
    enum err_code code = read_scores(&s->source_attributions, json_get(in, "source_attributions"),
                                     "source_attributions", e);
    if (code)
        return code;
    code = read_scores(&s->target_attributions, json_get(in, "target_attributions"),
                       "target_attributions", e);
    if (code)
        return code;
    code = read_named(&s->step_scores, &s->n_step_scores, json_get(in, "step_scores"),
                      "step_scores", e);
    if (code)
        return code;
    return read_named(&s->sequence_scores, &s->n_sequence_scores, json_get(in, "sequence_scores"),
                      "sequence_scores", e);
}

static enum err_code read_sequence(struct attribution_sequence *s, const struct json_value *v,
                                   enum piece_kind kind, struct err *e) {
    const struct json_value *in = attributes(v), *name = instance_name(v);
    add_tokens(&s->source, json_get(in, "source"), kind);
    add_tokens(&s->target, json_get(in, "target"), kind);
    s->attr_pos_end = (int64_t)s->target.n;
    const struct json_value *start = json_get(in, "attr_pos_start"),
                            *end = json_get(in, "attr_pos_end");
    if ((start && !json_integer(&s->attr_pos_start, start)) ||
        (!absent(end) && !json_integer(&s->attr_pos_end, end)))
        return err_set(e, ERR_FORMAT, "the attributed positions are not whole numbers");
    enum err_code code = read_arrays(s, in, e);
    if (code)
        return code;
    code = check_shapes(s, e);
    if (code)
        return code;
    const struct scores *any =
        s->source_attributions.data ? &s->source_attributions : &s->target_attributions;
    s->class = class_of(name, any->n_dims);
    s->class_name = name ? mem_text_n(name->text, name->n_text) : NULL;
    s->n_done = attribution_steps(s);
    return ERR_OK;
}

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

/* The steps' candidates of a file of our own; what does not fit is left out rather than refused:
 * the scores are what matters. */
static void read_all_candidates(struct attribution *a, const char *text, enum piece_kind kind) {
    struct json_document *d;
    struct err ignored;
    if (!text || json_parse(&d, text, strlen(text), &ignored) != ERR_OK)
        return;
    const struct json_value *sequence = json_root(d)->first;
    for (size_t i = 0; i < a->n_sequences && sequence; i++, sequence = sequence->next) {
        struct attribution_sequence *s = &a->sequences[i];
        if (sequence->type != JSON_ARRAY || (int64_t)sequence->n_members != attribution_steps(s))
            continue;
        s->candidates = mem_alloc((sequence->n_members + 1) * sizeof *s->candidates);
        int64_t g = 0;
        bool valid = true;
        for (const struct json_value *step = sequence->first; step && valid; step = step->next)
            valid = read_candidates(&s->candidates[g++], step, kind);
        if (!valid)
            attribution_drop_candidates(s);
    }
    json_free(d);
}

/* How the pieces of all sequences are written, from those of both sides. */
static enum err_code check_pieces(enum piece_kind *kind, const struct json_value *list,
                                  struct err *e) {
    for (const struct json_value *v = list->first; v; v = v->next) {
        enum err_code code = check_tokens(json_get(attributes(v), "source"), kind, "source", e);
        if (code)
            return code;
        code = check_tokens(json_get(attributes(v), "target"), kind, "target", e);
        if (code)
            return code;
    }
    return ERR_OK;
}

static bool is_told(const struct result_info *info, const char *notice) {
    for (size_t i = 0; i < info->notices.n; i++)
        if (info->notices.items[i] && strcmp(info->notices.items[i], notice) == 0)
            return true;
    return false;
}

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
        if (notice && !is_told(&a->info, notice))
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

static enum err_code read_output(struct attribution **out, struct json_value *root, struct err *e) {
    const struct json_value *in = attributes(root), *list = json_get(in, "sequence_attributions");
    if (!list || list->type != JSON_ARRAY)
        return err_set(e, ERR_FORMAT,
                       "not a saved attribution: there are no sequence_attributions");
    if (!list->n_members)
        return err_set(e, ERR_FORMAT, "the file holds no sequence");
    enum piece_kind kind = PIECE_PLAIN;
    enum err_code code = check_pieces(&kind, list, e);
    if (code)
        return code;
    struct attribution *a = attribution_new(list->n_members);
    struct attribution_sequence *s = a->sequences;
    for (const struct json_value *v = list->first; v && !code; v = v->next)
        code = read_sequence(s++, v, kind, e);
    if (code)
        goto out;
    result_info_read(&a->info, json_get(in, "info"));
    for (size_t i = 0; i < a->n_sequences; i++)
        order_step_scores(&a->sequences[i], &a->info.step_scores);
    for (size_t i = 0; i < a->n_sequences && a->info.cut_short.value; i++)
        attribution_find_done(&a->sequences[i]);
    read_all_candidates(a, a->info.candidates, kind);
    mem_replace(&a->info.candidates, NULL);
    tell_of_left_out(a);
    *out = a;
out:
    if (code)
        attribution_release(a);
    return code;
}

enum err_code result_file_parse(struct attribution **out, const char *data, size_t n,
                                struct err *e) {
    struct json_document *d = NULL;
    char *unpacked = NULL;
    size_t at;
    enum err_code code = ERR_OK;
    *out = NULL;
    if (n > MAX_FILE)
        return err_set(e, ERR_FORMAT, "larger than %zu bytes, the most that is read of a result",
                       MAX_FILE);
    if (gzip_is(data, n)) {
        code = gzip_unpack(&unpacked, &n, data, n, MAX_FILE, e);
        if (code)
            goto out;
        data = unpacked;
    }
    if (!text_valid_utf8(data, n, &at)) {
        code = err_set(e, ERR_FORMAT, "not UTF-8 text (byte %zu)", at);
        goto out;
    }
    code = json_parse(&d, data, n, e);
    if (code)
        goto out;
    code = read_output(out, json_root(d), e);
    if (!code && json_replaced(d))
        info_texts_add(&(*out)->info.notices,
                       "The file's texts hold what is no character here (\\u0000, or half of a "
                       "surrogate pair): it stands as U+FFFD.");
out:
    json_free(d);
    free(unpacked);
    return code;
}

typedef enum err_code (*read_file)(char **data, size_t *n, const char *path, size_t limit,
                                   struct err *e);

static enum err_code load_by(read_file read, struct attribution **out, const char *path,
                             struct err *e) {
    char *data;
    size_t n;
    struct err inner;
    *out = NULL;
    enum err_code code = read(&data, &n, path, MAX_FILE, e);
    if (code)
        return code;
    code = result_file_parse(out, data, n, &inner);
    free(data);
    if (code)
        return err_set(e, code, "%s: %s", path, inner.message);
    return ERR_OK;
}

enum err_code result_file_load(struct attribution **out, const char *path, struct err *e) {
    return load_by(file_read, out, path, e);
}

enum err_code result_file_load_named(struct attribution **out, const char *path, struct err *e) {
    return load_by(file_read_named, out, path, e);
}
