#include "aggregators/hand_spans.h"

#include "aggregators/merge.h"
#include "backend/base/json.h"

#include <string.h>

static bool read_span(struct token_span *out, const struct json_value *v) {
    return v->type == JSON_ARRAY && v->n_members == 2 && json_integer(&out->from, v->first) &&
           json_integer(&out->to, v->first->next);
}

static enum err_code add_span(struct partition *p, const struct json_value *v, const char *name,
                              size_t n, struct err *e) {
    struct token_span s;
    const int64_t before = p->n ? p->items[p->n - 1].to : 0;
    if (!read_span(&s, v))
        return err_set(e, ERR_USAGE, "%s is [from, to] or a list of such", name);
    if (s.from >= s.to)
        return err_set(e, ERR_USAGE, "%s: the span [%lld, %lld] is empty: its end is exclusive",
                       name, (long long)s.from, (long long)s.to);
    if (s.from < before)
        return err_set(e, ERR_USAGE,
                       "%s: the span [%lld, %lld] begins before %lld: spans are ascending and do "
                       "not overlap",
                       name, (long long)s.from, (long long)s.to, (long long)before);
    if (s.to > (int64_t)n)
        return err_set(e, ERR_USAGE,
                       "%s: the span [%lld, %lld] ends behind the %zu tokens there are", name,
                       (long long)s.from, (long long)s.to, n);
    partition_add(p, s.from, s.to);
    return ERR_OK;
}

enum err_code hand_spans_read(struct partition *out, const struct option_set *options,
                              const char *name, size_t n, struct err *e) {
    const char *json = option_text(options, name);
    struct json_document *d;
    *out = (struct partition){0};
    if (!json)
        return ERR_OK;
    enum err_code code = json_parse(&d, json, strlen(json), e);
    if (code)
        return code;
    const struct json_value *root = json_root(d);
    const bool alone = root->type != JSON_ARRAY || (root->first && root->first->type != JSON_ARRAY);
    for (const struct json_value *v = alone ? root : root->first; v && !code; v = v->next) {
        code = add_span(out, v, name, n, e);
        if (alone)
            break;
    }
    json_free(d);
    return code;
}

static enum err_code check_source(const struct attribution_sequence *s,
                                  const struct option_set *options, struct err *e) {
    if (option_text(options, "source_spans") && merge_source_is_prompt(s))
        return err_set(e, ERR_USAGE,
                       "source_spans: this result has no source; its prompt's tokens are among "
                       "those of target_spans");
    return ERR_OK;
}

static enum err_code read_side(struct partition *out, const struct option_set *options,
                               const char *name, size_t n, size_t always, hand_spans_rows *rows,
                               struct err *e) {
    struct partition spans;
    enum err_code code = hand_spans_read(&spans, options, name, n, e);
    if (code)
        goto out;
    *out = option_text(options, name) ? rows(&spans, n, always) : partition_whole(n);
out:
    partition_dispose(&spans);
    return code;
}

enum err_code hand_spans_merge(struct attribution_sequence *s, const struct aggregate_call *c,
                               hand_spans_rows *rows, struct err *e) {
    struct grouping g = {0};
    enum err_code code = check_source(s, c->options, e);
    if (code)
        return code;
    code = read_side(&g.source, c->options, "source_spans", s->source.n, s->source.n, rows, e);
    if (code)
        goto out;
    code = read_side(&g.target, c->options, "target_spans", s->target.n, (size_t)s->attr_pos_start,
                     rows, e);
    if (code)
        goto out;
    code = merge_tokens(s, &g, c, e);
out:
    grouping_dispose(&g);
    return code;
}

enum err_code hand_spans_check(const struct option_set *options, const char *id, struct err *e) {
    if (!option_text(options, "source_spans") && !option_text(options, "target_spans"))
        return err_set(e, ERR_USAGE,
                       "%s needs spans: --aggregation_kwargs '{\"target_spans\": [[0, 2]]}', or "
                       "source_spans",
                       id);
    enum err_code code = ERR_OK;
    for (int side = 0; side < 2 && !code; side++) {
        struct partition spans;
        code =
            hand_spans_read(&spans, options, side ? "target_spans" : "source_spans", INT64_MAX, e);
        partition_dispose(&spans);
    }
    return code;
}
