#include "methods/engine/units.h"

#include "backend/base/mem.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static enum err_code wrong(const char *owner, const char *option, int64_t n, struct err *e) {
    return err_set(e, ERR_USAGE,
                   "%s: option \"%s\" is a head from 0 to %lld, a list of them, a range such as "
                   "\"0:2\", or one of these for each layer: {\"0\": [1]}",
                   owner, option, (long long)n - 1);
}

static bool choose(bool *heads, int64_t n, double x) {
    if (!(x >= (double)-n && x < (double)n) || x != floor(x))
        return false;
    heads[(int64_t)x < 0 ? (int64_t)x + n : (int64_t)x] = true;
    return true;
}

static bool choose_range(bool *heads, int64_t n, const char *text) {
    int begin, end, used = 0;
    if (sscanf(text, "%d:%d%n", &begin, &end, &used) != 2 || text[used] || begin < 0 || end > n ||
        begin >= end)
        return false;
    for (int i = begin; i < end; i++)
        heads[i] = true;
    return true;
}

/* A number, list, range or null into [n]. */
static bool choose_heads(bool *heads, int64_t n, const cJSON *v) {
    const cJSON *item;
    bool good = true;
    if (cJSON_IsNumber(v))
        return choose(heads, n, v->valuedouble);
    if (cJSON_IsString(v))
        return choose_range(heads, n, v->valuestring);
    for (int64_t i = 0; i < n && cJSON_IsNull(v); i++)
        heads[i] = true;
    cJSON_ArrayForEach(item, v) good =
        good && cJSON_IsNumber(item) && choose(heads, n, item->valuedouble);
    return good && (cJSON_IsNull(v) || cJSON_IsArray(v));
}

static bool choose_layers(struct units *u, const cJSON *v) {
    const cJSON *item;
    cJSON_ArrayForEach(item, v) {
        char *end;
        long layer = strtol(item->string, &end, 10);
        if (end == item->string || *end || layer < 0 || layer >= u->n_layers ||
            !choose_heads(u->chosen + layer * u->n_heads, u->n_heads, item))
            return false;
        u->layers[layer] = true;
    }
    return true;
}

enum err_code units_read(struct units *out, const char *owner, const char *option, const char *json,
                         int64_t n_layers, int64_t n_heads, struct err *e) {
    *out = (struct units){n_layers, n_heads,
                          mem_alloc((size_t)(n_layers * n_heads) * sizeof *out->chosen),
                          mem_alloc((size_t)n_layers * sizeof *out->layers)};
    cJSON *v = cJSON_Parse(json);
    bool good = v != NULL;
    if (cJSON_IsObject(v)) {
        good = choose_layers(out, v);
    } else {
        for (int64_t i = 0; i < n_layers && good; i++) {
            good = choose_heads(out->chosen + i * n_heads, n_heads, v);
            out->layers[i] = true;
        }
    }
    cJSON_Delete(v);
    return good ? ERR_OK : wrong(owner, option, n_heads, e);
}

void units_dispose(struct units *u) {
    free(u->chosen);
    free(u->layers);
    *u = (struct units){0};
}
