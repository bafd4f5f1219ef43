#include "app/files/row_load.h"

#include "app/files/result_parts.h"
#include "backend/base/text.h"
#include "methods/result/info_rows.h"
#include "methods/result/scores_text.h"
#include "views/export/rows.h"

#include <stdlib.h>
#include <string.h>

static const char *const members[] = {"attr_pos_start",
                                      "attr_pos_end",
                                      "target",
                                      "target_ids",
                                      "source",
                                      "source_ids",
                                      "class",
                                      "step_scores",
                                      "sequence_scores",
                                      "candidates",
                                      "source_attributions",
                                      "target_attributions",
                                      "info",
                                      "without",
                                      "without_tinseq",
                                      NULL};

static enum err_code parse(struct json_document **d, const char *text, size_t n, struct err *e) {
    size_t at;
    *d = NULL;
    if (!text_valid_utf8(text, n, &at))
        return err_set(e, ERR_FORMAT, "not UTF-8 text (byte %zu)", at);
    return json_parse(d, text, n, e);
}

enum err_code row_load_above(struct json_document **d, const struct json_value **info,
                             const char *text, size_t n, struct err *e) {
    int64_t version = 0;
    *info = NULL;
    enum err_code code = parse(d, text, n, e);
    if (code)
        return code;
    const struct json_value *root = json_root(*d);
    if (!json_is(json_get(root, "format"), ROWS_FORMAT) ||
        !json_integer(&version, json_get(root, "version")))
        code = err_set(e, ERR_FORMAT, "the line above the rows is of another format");
    else if (version > ROWS_VERSION)
        code = err_set(e, ERR_UNSUPPORTED, "rows of version %lld, and this program reads %d",
                       (long long)version, ROWS_VERSION);
    if (code) {
        json_free(*d);
        *d = NULL;
        return code;
    }
    *info = json_get(root, "info");
    return ERR_OK;
}

/* --- tokens --- */

static enum err_code check_lists(const struct json_value *pieces, const struct json_value *ids,
                                 const char *side, struct err *e) {
    int64_t id;
    if (!pieces || pieces->type != JSON_ARRAY || !ids || ids->type != JSON_ARRAY ||
        pieces->n_members != ids->n_members)
        return err_set(e, ERR_FORMAT, "the %s tokens are no pieces with as many ids", side);
    for (const struct json_value *v = pieces->first; v; v = v->next)
        if (v->type != JSON_STRING)
            return err_set(e, ERR_FORMAT, "a %s token is no text", side);
    for (const struct json_value *v = ids->first; v; v = v->next)
        if (!json_integer(&id, v) || id < INT32_MIN || id > INT32_MAX)
            return err_set(e, ERR_FORMAT, "an id of a %s token is none", side);
    return ERR_OK;
}

static void learn_kind(enum piece_kind *kind, const struct json_value *pieces) {
    for (const struct json_value *v = pieces->first; v && *kind == PIECE_PLAIN; v = v->next) {
        char *piece = mem_text_n(v->text, v->n_text);
        *kind = piece_kind_of(piece);
        free(piece);
    }
}

static void add_tokens(struct token_list *out, const struct json_value *pieces,
                       const struct json_value *ids, enum piece_kind kind) {
    const struct json_value *id = ids->first;
    for (const struct json_value *v = pieces->first; v; v = v->next, id = id->next) {
        int64_t number = -1;
        (void)json_integer(&number, id);
        char *piece = mem_text_n(v->text, v->n_text);
        piece_add_token(out, (int32_t)number, piece, kind);
        free(piece);
    }
}

/* A language model's source is not written: it is the beginning of the target. */
static void add_prefix(struct attribution_sequence *s) {
    struct token_list prefix = s->target;
    if (s->attr_pos_start < 0)
        return;
    if ((int64_t)prefix.n > s->attr_pos_start)
        prefix.n = (size_t)s->attr_pos_start;
    token_list_append(&s->source, &prefix);
}

static enum err_code read_tokens(struct attribution_sequence *s, const struct json_value *row,
                                 enum piece_kind *kind, struct err *e) {
    const struct json_value *target = json_get(row, "target"),
                            *target_ids = json_get(row, "target_ids"),
                            *source = json_get(row, "source"),
                            *source_ids = json_get(row, "source_ids");
    enum err_code code = check_lists(target, target_ids, "target", e);
    if (code)
        return code;
    if (source || source_ids)
        code = check_lists(source, source_ids, "source", e);
    if (code)
        return code;
    learn_kind(kind, target);
    if (source)
        learn_kind(kind, source);
    add_tokens(&s->target, target, target_ids, *kind);
    if (source)
        add_tokens(&s->source, source, source_ids, *kind);
    else
        add_prefix(s);
    return ERR_OK;
}

/* --- arrays --- */

static enum err_code read_scores(struct scores *out, const struct json_value *v, const char *what,
                                 struct err *e) {
    struct err inner;
    if (!v)
        return ERR_OK;
    enum err_code code = scores_pack_read(out, v, &inner);
    return code ? err_set(e, code, "%s: %s", what, inner.message) : ERR_OK;
}

static enum err_code read_named(struct named_scores **out, size_t *n, const struct json_value *v,
                                const char *what, struct err *e) {
    if (!v)
        return ERR_OK;
    if (v->type != JSON_OBJECT)
        return err_set(e, ERR_FORMAT, "%s is not an object", what);
    *out = mem_alloc((v->n_members + 1) * sizeof **out);
    enum err_code code = ERR_OK;
    for (const struct json_value *m = v->first; m && !code; m = m->next) {
        struct named_scores *item = &(*out)[(*n)++];
        item->name = mem_text_n(m->key, m->n_key);
        code = read_scores(&item->scores, m, what, e);
    }
    return code;
}

static enum err_code read_arrays(struct attribution_sequence *s, const struct json_value *row,
                                 struct err *e) {
    enum err_code code = read_scores(&s->source_attributions, json_get(row, "source_attributions"),
                                     "source_attributions", e);
    if (code)
        return code;
    code = read_scores(&s->target_attributions, json_get(row, "target_attributions"),
                       "target_attributions", e);
    if (code)
        return code;
    code = read_named(&s->step_scores, &s->n_step_scores, json_get(row, "step_scores"),
                      "step_scores", e);
    if (code)
        return code;
    return read_named(&s->sequence_scores, &s->n_sequence_scores, json_get(row, "sequence_scores"),
                      "sequence_scores", e);
}

/* --- the row --- */

static enum err_code read_sequence(struct attribution_sequence *s, const struct json_value *row,
                                   enum piece_kind *kind, struct err *e) {
    static const struct json_value usual = {
        .type = JSON_STRING, .text = ROWS_USUAL_CLASS, .n_text = sizeof ROWS_USUAL_CLASS - 1};
    const struct json_value *class = json_get(row, "class"),
                            *candidates = json_get(row, "candidates");
    if (!json_integer(&s->attr_pos_start, json_get(row, "attr_pos_start")) ||
        !json_integer(&s->attr_pos_end, json_get(row, "attr_pos_end")))
        return err_set(e, ERR_FORMAT, "no attributed positions");
    if (class && class->type != JSON_STRING)
        return err_set(e, ERR_FORMAT, "the class is no text");
    enum err_code code = read_tokens(s, row, kind, e);
    if (code)
        return code;
    code = read_arrays(s, row, e);
    if (code)
        return code;
    code = result_check(s, e);
    if (code)
        return code;
    result_set_class(s, class ? class : &usual);
    if (candidates)
        result_read_candidates(s, candidates, *kind);
    return ERR_OK;
}

enum err_code row_load(struct attribution **out, const char *text, size_t n,
                       const struct json_value *above, enum piece_kind *kind, struct err *e) {
    struct json_document *d;
    *out = NULL;
    enum err_code code = parse(&d, text, n, e);
    if (code)
        return code;
    struct attribution *a = attribution_new(1);
    const struct json_value *row = json_root(d);
    if (row->type != JSON_OBJECT)
        code = err_set(e, ERR_FORMAT, "it is no object");
    if (code)
        goto out;
    code = read_sequence(a->sequences, row, kind, e);
    if (code)
        goto out;
    info_row_read(&a->info, above, row);
    mem_replace(&a->info.candidates, NULL);
    result_finish(a);
    result_tell_unknown(a, row, members);
    *out = a;
    a = NULL;
out:
    attribution_release(a);
    json_free(d);
    return code;
}
