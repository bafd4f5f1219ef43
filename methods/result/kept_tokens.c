#include "methods/result/kept_tokens.h"

#include "backend/base/json.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

char *kept_tokens_text(const struct attribution_sequence *s) {
    return mem_format("[%zu,%zu,%lld,%lld]", s->source.n, s->target.n, (long long)s->attr_pos_start,
                      (long long)s->attr_pos_end);
}

bool kept_tokens_are(const struct json_value *v, const struct attribution_sequence *s) {
    struct text_buffer b = {0};
    char *tokens = kept_tokens_text(s);
    if (v)
        json_write_flat(&b, v);
    const bool same = b.text && strcmp(b.text, tokens) == 0;
    text_buffer_dispose(&b);
    free(tokens);
    return same;
}
