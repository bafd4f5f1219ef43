#include "backend/tokenizers/pattern.h"

#include "backend/base/mem.h"
#include "backend/tokenizers/json.h"

#include <stdlib.h>
#include <string.h>

enum err_code pattern_open(struct pattern *out, const cJSON *json, const char *where,
                           struct err *e) {
    const cJSON *pattern = tokenizer_json_get(json, "pattern"),
                *text = tokenizer_json_get(pattern, "String"),
                *expression = tokenizer_json_get(pattern, "Regex");
    *out = (struct pattern){0};
    if (cJSON_IsString(expression)) {
        char *inside = mem_format("%s.pattern.Regex", where);
        enum err_code code = regexp_compile(&out->expression, expression->valuestring,
                                            strlen(expression->valuestring), inside, e);
        free(inside);
        return code;
    }
    if (!cJSON_IsString(text))
        return err_set(e, ERR_FORMAT, "%s.pattern has neither a String nor a Regex", where);
    out->n = strlen(text->valuestring);
    if (out->n == 0) /* it is everywhere */
        return regexp_compile(&out->expression, "", 0, where, e);
    out->text = mem_text(text->valuestring);
    return ERR_OK;
}

void pattern_dispose(struct pattern *p) {
    free(p->text);
    regexp_free(p->expression);
    *p = (struct pattern){0};
}

enum err_code pattern_parts(const struct pattern *p, const char *s, size_t n, regexp_part *part,
                            void *user, struct err *e) {
    size_t done = 0;
    if (!p->text)
        return regexp_parts(p->expression, s, n, part, user, e);
    for (;;) {
        const char *at = memmem(s + done, n - done, p->text, p->n);
        const size_t from = at ? (size_t)(at - s) : n;
        if (from > done)
            part(user, done, from, false);
        if (!at)
            return ERR_OK;
        done = from + p->n;
        part(user, from, done, true);
    }
}
