#include "methods/engine/layers.h"

#include "backend/base/mem.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const layer_modules[] = {"block", "attention", "mlp", NULL}, *const layer_stacks[] = {
                                                                             "encoder", "decoder",
                                                                             NULL};

static bool add(struct layer_choice *c, int64_t n_layers, double x) {
    if (!(x >= (double)-n_layers && x < (double)n_layers) || x != floor(x))
        return false;
    const int64_t layer = (int64_t)x < 0 ? (int64_t)x + n_layers : (int64_t)x;
    for (int64_t i = 0; i < c->n; i++)
        if (c->layers[i] == layer)
            return false;
    c->layers = mem_resize(c->layers, (size_t)(c->n + 1) * sizeof *c->layers);
    c->layers[c->n++] = layer;
    return true;
}

/* "2:6", ":6", "2:", "all". */
static bool add_range(struct layer_choice *c, int64_t n_layers, const char *text) {
    long begin = 0, end = (long)n_layers;
    if (strcmp(text, "all") != 0) {
        char *rest;
        const char *colon = strchr(text, ':');
        if (!colon)
            return false;
        begin = strtol(text, &rest, 10);
        if (rest != colon)
            return false;
        if (colon[1]) {
            end = strtol(colon + 1, &rest, 10);
            if (rest == colon + 1 || *rest)
                return false;
        }
    }
    begin += begin < 0 ? (long)n_layers : 0;
    end += end < 0 ? (long)n_layers : 0;
    if (begin < 0 || end > n_layers || begin >= end)
        return false;
    for (long i = begin; i < end; i++)
        if (!add(c, n_layers, (double)i))
            return false;
    return true;
}

static bool add_all(struct layer_choice *c, int64_t n_layers, const cJSON *v) {
    const cJSON *item;
    bool good = true;
    if (cJSON_IsNumber(v))
        return add(c, n_layers, v->valuedouble);
    if (cJSON_IsString(v))
        return add_range(c, n_layers, v->valuestring);
    cJSON_ArrayForEach(item, v) good =
        good && cJSON_IsNumber(item) && add(c, n_layers, item->valuedouble);
    return good && cJSON_IsArray(v) && c->n > 0;
}

/* No layers: the embeddings. */
static bool read_layers(struct layer_choice *c, const char *json, int64_t n_layers) {
    cJSON *v = cJSON_Parse(json);
    bool good = v != NULL;
    if (cJSON_IsNull(v)) {
        c->module = MODULE_EMBEDDING;
        good = add(c, 1, 0);
    } else {
        good = good && add_all(c, n_layers, v);
    }
    cJSON_Delete(v);
    return good;
}

static enum err_code choose_sides(struct layer_choice *c, const char *owner,
                                  const struct method_input *in, bool decoder, struct err *e) {
    const bool two = in->config->encoder_decoder,
               encoder = strcmp(option_text(in->options, "stack"), "encoder") == 0;
    if (!two && encoder && option_given(in->options, "stack"))
        return err_set(e, ERR_USAGE, "%s: this model has no encoder; leave out \"stack\"", owner);
    if (decoder && encoder && option_given(in->options, "stack"))
        return err_set(e, ERR_USAGE,
                       "%s looks at the decoder, whose states become words; leave out \"stack\"",
                       owner);
    c->sides[STACK_ENCODER] = two && encoder && !decoder;
    c->sides[STACK_DECODER] = !c->sides[STACK_ENCODER] || in->attribute_target;
    return ERR_OK;
}

enum err_code layers_read(struct layer_choice *out, const char *owner,
                          const struct method_input *in, bool decoder, struct err *e) {
    const struct model_config *m = in->config;
    const char *module = option_text(in->options, "module"),
               *json = option_text(in->options, "layers");
    *out = (struct layer_choice){.module = MODULE_BLOCK};
    if (strcmp(module, "attention") == 0)
        out->module = MODULE_ATTENTION;
    else if (strcmp(module, "mlp") == 0)
        out->module = MODULE_MLP;
    enum err_code code = choose_sides(out, owner, in, decoder, e);
    if (code)
        return code;
    const int64_t n_layers = out->sides[STACK_ENCODER] ? m->encoder_sizes.n_layers : m->n_layers;
    if (!read_layers(out, json, n_layers))
        return err_set(e, ERR_USAGE,
                       "%s: option \"layers\" is a layer from 0 to %lld, a list of different ones "
                       "such as [1, 4], a range such as \"2:6\", or \"all\"",
                       owner, (long long)n_layers - 1);
    out->sites = mem_alloc((size_t)(2 * out->n) * sizeof *out->sites);
    for (int stack = 0; stack < 2; stack++)
        for (int64_t i = 0; out->sides[stack] && i < out->n; i++) {
            if (out->layers[i] >=
                (stack == STACK_ENCODER ? m->encoder_sizes.n_layers : m->n_layers))
                return err_set(e, ERR_USAGE,
                               "%s: with attribute_target the decoder's layers of the same numbers "
                               "are attributed too, but it has only %lld; give \"layers\" that "
                               "both have, or \"stack\": \"decoder\"",
                               owner, (long long)m->n_layers);
            out->sites[out->n_sites++] = (struct model_site){stack, out->module, out->layers[i]};
        }
    return ERR_OK;
}

void layers_dispose(struct layer_choice *c) {
    free(c->layers);
    free(c->sites);
    *c = (struct layer_choice){0};
}

int64_t layers_count(const struct option_set *options, const struct model_config *config) {
    const bool encoder =
        config->encoder_decoder && strcmp(option_text(options, "stack"), "encoder") == 0;
    struct layer_choice c = {0};
    const bool good = read_layers(&c, option_text(options, "layers"),
                                  encoder ? config->encoder_sizes.n_layers : config->n_layers);
    const int64_t n = good ? c.n : 1;
    layers_dispose(&c);
    return n;
}

int64_t layers_width(const struct option_set *options, const struct model_config *config) {
    cJSON *v = cJSON_Parse(option_text(options, "layers"));
    const int64_t width = cJSON_IsNull(v) ? model_config_embedding_width(config) : config->n_width;
    cJSON_Delete(v);
    return width;
}

enum err_code layers_shape(struct method_run *g, const struct layer_choice *c, int n_trailing,
                           const int64_t *trailing, struct err *e) {
    struct scores *sides[2] = {&g->out->source_attributions, &g->out->target_attributions};
    const int64_t rows[2] = {g->in->n_source, g->in->end};
    int64_t dims[SCORES_MAX_DIMS] = {0, g->n_steps};
    memcpy(dims + 2, trailing, (size_t)n_trailing * sizeof *dims);
    for (int stack = 0; stack < 2; stack++) {
        dims[0] = rows[stack];
        enum err_code code =
            c->sides[stack] ? engine_scores(g, sides[stack], 2 + n_trailing, dims, e) : ERR_OK;
        if (code == ERR_NOMEM)
            return err_set(e, ERR_NOMEM,
                           "out of memory for the scores of %lld layers; ask for fewer (layers) or "
                           "attribute fewer steps",
                           (long long)c->n);
        if (code)
            return code;
    }
    return ERR_OK;
}
