#include "app/files/result_file.h"

#include "app/files/array_load.h"
#include "app/files/gzip.h"
#include "app/files/piece_text.h"
#include "app/files/result_parts.h"
#include "app/files/result_sequence.h"
#include "app/files/result_tokens.h"
#include "app/files/steps_load.h"
#include "backend/base/json.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

#define MAX_FILE ((size_t)1 << 30)

static bool absent(const struct json_value *v) {
    return !v || v->type == JSON_NULL;
}

static enum err_code read_arrays(struct attribution_sequence *s, const struct json_value *in,
                                 struct err *e) {
    const struct array_places places = {
        .source_attributions = &s->source_attributions,
        .target_attributions = &s->target_attributions,
        .step_scores = &s->step_scores,
        .n_step_scores = &s->n_step_scores,
        .sequence_scores = &s->sequence_scores,
        .n_sequence_scores = &s->n_sequence_scores,
    };
    return array_load_all(&places, in, e);
}

static enum err_code read_sequence(struct attribution_sequence *s, const struct json_value *v,
                                   enum piece_kind kind, struct err *e) {
    const struct json_value *in = result_attributes(v), *name = result_class_name(v);
    result_add_tokens(&s->source, json_get(in, "source"), kind);
    result_add_tokens(&s->target, json_get(in, "target"), kind);
    s->attr_pos_end = (int64_t)s->target.n;
    const struct json_value *start = json_get(in, "attr_pos_start"),
                            *end = json_get(in, "attr_pos_end");
    if ((start && !json_integer(&s->attr_pos_start, start)) ||
        (!absent(end) && !json_integer(&s->attr_pos_end, end)))
        return err_set(e, ERR_FORMAT, "the attributed positions are not whole numbers");
    enum err_code code = read_arrays(s, in, e);
    if (code)
        return code;
    code = result_check(s, e);
    if (code)
        return code;
    result_set_class(s, name);
    return ERR_OK;
}

/* The steps' candidates of a file of our own; what does not fit is left out rather than refused:
 * the scores are what matters. */
static void read_all_candidates(struct attribution *a, const char *text, enum piece_kind kind) {
    struct json_document *d;
    struct err ignored;
    if (!text || json_parse(&d, text, strlen(text), &ignored) != ERR_OK)
        return;
    const struct json_value *sequence = json_root(d)->first;
    for (size_t i = 0; i < a->n_sequences && sequence; i++, sequence = sequence->next)
        result_read_candidates(&a->sequences[i], sequence, kind);
    json_free(d);
}

/* How the pieces of all sequences are written, from those of both sides. */
static enum err_code check_pieces(enum piece_kind *kind, const struct json_value *list,
                                  struct err *e) {
    for (const struct json_value *v = list->first; v; v = v->next) {
        enum err_code code =
            result_check_tokens(json_get(result_attributes(v), "source"), kind, "source", e);
        if (code)
            return code;
        code = result_check_tokens(json_get(result_attributes(v), "target"), kind, "target", e);
        if (code)
            return code;
    }
    return ERR_OK;
}

/* What another release wrote besides. */
static void tell_unknown(struct attribution *a, const struct json_value *output,
                         const struct json_value *list) {
    static const char *const of_all[] = {"info", "sequence_attributions", "step_attributions",
                                         NULL};
    static const char *const of_one[] = {
        "source",      "target",          "source_attributions", "target_attributions",
        "step_scores", "sequence_scores", "attr_pos_start",      "attr_pos_end",
        NULL};
    result_tell_unknown(a, output, of_all);
    for (const struct json_value *v = list->first; v; v = v->next)
        result_tell_unknown(a, result_attributes(v), of_one);
}

static enum err_code read_output(struct attribution **out, struct json_value *root, struct err *e) {
    const struct json_value *in = result_attributes(root),
                            *list = json_get(in, "sequence_attributions");
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
    code = steps_load(a, json_get(in, "step_attributions"), &kind, e);
    if (code)
        goto out;
    result_info_read(&a->info, json_get(in, "info"));
    read_all_candidates(a, a->info.candidates, kind);
    mem_replace(&a->info.candidates, NULL);
    result_finish(a);
    tell_unknown(a, in, list);
    *out = a;
out:
    if (code)
        attribution_release(a);
    return code;
}

/* The element's result, not yet told what it was made of. */
static enum err_code read_element(struct attribution **out, const struct json_value *v,
                                  enum piece_kind *kind, struct err *e) {
    const struct json_value list = {
        .type = JSON_ARRAY, .first = (struct json_value *)v, .n_members = 1};
    *out = NULL;
    enum err_code code = check_pieces(kind, &list, e);
    if (code)
        return code;
    struct attribution *a = attribution_new(1);
    code = read_sequence(a->sequences, v, *kind, e);
    if (code)
        attribution_release(a);
    else
        *out = a;
    return code;
}

enum err_code result_sequence_parse(struct attribution **out, const char *text, size_t n,
                                    struct result_info *info, enum piece_kind *kind,
                                    struct err *e) {
    struct json_document *d;
    size_t at;
    *out = NULL;
    if (!text_valid_utf8(text, n, &at))
        return err_set(e, ERR_FORMAT, "not UTF-8 text (byte %zu of it)", at);
    enum err_code code = json_parse(&d, text, n, e);
    if (code)
        return code;
    code = read_element(out, json_root(d), kind, e);
    if (!code) {
        (*out)->info = *info;
        *info = (struct result_info){0};
        result_finish(*out);
    }
    json_free(d);
    return code;
}

void result_sequence_candidates(struct attribution_sequence *s, const char *list, size_t i,
                                enum piece_kind kind) {
    struct json_document *d;
    struct err ignored;
    if (!list || json_parse(&d, list, strlen(list), &ignored) != ERR_OK)
        return;
    const struct json_value *v = json_root(d)->first;
    for (; v && i > 0; i--)
        v = v->next;
    if (v)
        result_read_candidates(s, v, kind);
    json_free(d);
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
