#include "methods/declare/alignment.h"

#include "methods/declare/optional.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [ALIGN_POSITION] = "position", [ALIGN_DIFF] = "diff", [ALIGN_AUTO] = "auto"};
#define N_NAMES (sizeof names / sizeof *names)

static enum err_code neither(struct err *e) {
    return err_set(e, ERR_USAGE,
                   "contrast_targets_alignments is \"auto\", \"position\", \"diff\" or pairs of "
                   "token positions such as [[3, 2], [4, 3]]");
}

/* False: it is no rule's name. */
static bool find_rule(enum alignment_rule *out, const char *text, size_t n) {
    for (size_t i = ALIGN_POSITION; i < N_NAMES; i++)
        if (strlen(names[i]) == n && memcmp(names[i], text, n) == 0) {
            *out = (enum alignment_rule)i;
            return true;
        }
    return false;
}

static bool is_list(const struct json_value *v) {
    return v && v->type == JSON_ARRAY;
}

static bool read_link(struct align_link *out, const struct json_value *pair) {
    struct optional target, contrast;
    if (!is_list(pair) || pair->n_members != 2 || !position_read(&target, pair->first) ||
        !position_read(&contrast, pair->first->next))
        return false;
    *out = (struct align_link){target.value, contrast.value};
    return true;
}

static enum err_code read_pairs(struct alignment *out, const struct json_value *v, struct err *e) {
    *out = (struct alignment){0};
    if (is_list(v) && v->n_members == 1 && is_list(v->first) && is_list(v->first->first))
        v = v->first; /* one list for each sentence; there is one */
    if (!is_list(v))
        return neither(e);
    out->rule = ALIGN_PAIRS;
    out->links = mem_alloc(v->n_members * sizeof *out->links);
    for (const struct json_value *pair = v->first; pair; pair = pair->next)
        if (!read_link(&out->links[out->n_links++], pair)) {
            alignment_dispose(out);
            return neither(e);
        }
    return ERR_OK;
}

static enum err_code parse(struct alignment *out, const char *text, size_t n, struct err *e) {
    struct json_document *d;
    struct err ignored;
    *out = (struct alignment){0};
    if (find_rule(&out->rule, text, n))
        return ERR_OK;
    if (json_parse(&d, text, n, &ignored) != ERR_OK)
        return neither(e);
    enum err_code code = read_pairs(out, json_root(d), e);
    json_free(d);
    return code;
}

enum err_code alignment_parse(struct alignment *out, const char *text, struct err *e) {
    return parse(out, text, strlen(text), e);
}

enum err_code alignment_read(struct alignment *out, const struct json_value *v, struct err *e) {
    const bool text = v && v->type == JSON_STRING;
    return text ? parse(out, v->text, v->n_text, e) : read_pairs(out, v, e);
}

void alignment_write_pairs(struct text_buffer *b, const struct alignment *a) {
    text_buffer_puts(b, "[");
    for (size_t i = 0; i < a->n_links; i++)
        text_buffer_format(b, "%s[%lld,%lld]", i ? "," : "", (long long)a->links[i].target,
                           (long long)a->links[i].contrast);
    text_buffer_puts(b, "]");
}

char *alignment_text(const struct alignment *a) {
    struct text_buffer b = {0};
    if (a->rule != ALIGN_PAIRS)
        return mem_text(names[a->rule]);
    alignment_write_pairs(&b, a);
    return text_buffer_take(&b);
}

struct alignment alignment_copy(const struct alignment *a) {
    struct alignment copy = *a;
    if (a->links)
        copy.links = mem_copy(a->links, a->n_links * sizeof *a->links);
    return copy;
}

bool alignment_equal(const struct alignment *a, const struct alignment *b) {
    if (a->rule != b->rule || a->n_links != b->n_links)
        return false;
    for (size_t i = 0; i < a->n_links; i++)
        if (a->links[i].target != b->links[i].target ||
            a->links[i].contrast != b->links[i].contrast)
            return false;
    return true;
}

void alignment_dispose(struct alignment *a) {
    free(a->links);
    *a = (struct alignment){0};
}
