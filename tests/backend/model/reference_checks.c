/* Differences are relative to the largest magnitude: !(diff <= bound), so that NaN fails. */
#include "tests/backend/model/reference_checks.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/generate.h"
#include "backend/weights.h"
#include "tests/backend/tiny.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOUND 1e-4

struct reference {
    struct weights *tensors;
    cJSON *json;
    struct model *model;
};

static void open_model(struct reference *r, const char *name) {
    struct model_options options = {0};
    struct err e = {0};
    char *path = tiny_folder(name);
    cr_assert_eq(model_open(&r->model, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    free(path);
}

static void open_reference(struct reference *r, const char *name) {
    char path[200], *text;
    size_t n;
    struct err e = {0};
    snprintf(path, sizeof path, "tests/fixtures/models/%s.safetensors", name);
    cr_assert_eq(weights_open(&r->tensors, path, &e), ERR_OK, "%s", e.message);
    snprintf(path, sizeof path, "tests/fixtures/models/%s.json", name);
    cr_assert_eq(file_read(&text, &n, path, 1 << 24, &e), ERR_OK, "%s", e.message);
    r->json = cJSON_Parse(text);
    free(text);
    open_model(r, name);
}

static void close_reference(struct reference *r) {
    model_free(r->model);
    weights_close(r->tensors);
    cJSON_Delete(r->json);
}

static float *read_tensor(const struct reference *r, int64_t *n, const char *format, int i,
                          int layer) {
    char name[80];
    struct err e = {0};
    snprintf(name, sizeof name, format, i, layer);
    const struct weight_info *info = weights_find(r->tensors, name);
    cr_assert_not_null(info, "fixture %s is missing", name);
    float *data = malloc((size_t)info->n_elements * sizeof *data);
    cr_assert_eq(weights_read_f32(r->tensors, info, data, &e), ERR_OK);
    *n = info->n_elements;
    return data;
}

static int32_t *read_ids(const cJSON *list, int64_t *n) {
    int32_t *ids = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *ids);
    *n = cJSON_GetArraySize(list);
    for (int64_t i = 0; i < *n; i++)
        ids[i] = cJSON_GetArrayItem(list, (int)i)->valueint;
    return ids;
}

/* The largest difference relative to the largest reference value; NaN when anything is. */
static double difference(const float *got, const float *want, int64_t n) {
    double largest = 0, worst = 0;
    for (int64_t i = 0; i < n; i++)
        largest = fabs(want[i]) > largest ? fabs(want[i]) : largest;
    for (int64_t i = 0; i < n; i++) {
        double d = fabs((double)got[i] - want[i]);
        if (!(d <= worst))
            worst = d;
    }
    return worst / largest;
}

static void check(const struct reference *r, const float *got, const char *format, int i,
                  int layer) {
    int64_t n;
    float *want = read_tensor(r, &n, format, i, layer);
    double d = difference(got, want, n);
    cr_expect(d <= BOUND, "case %d, %s, layer %d: differs by %g of the largest", i, format, layer,
              d);
    free(want);
}

struct case_ids {
    int32_t *source, *target;
    int64_t n_source, n_target;
};

static struct case_ids ids_of_case(const struct reference *r, int i) {
    const cJSON *c = cJSON_GetArrayItem(cJSON_GetObjectItem(r->json, "cases"), i);
    struct case_ids ids = {0};
    if (model_config(r->model)->encoder_decoder) {
        ids.source = read_ids(cJSON_GetObjectItem(c, "ids"), &ids.n_source);
        ids.target = read_ids(cJSON_GetObjectItem(c, "target"), &ids.n_target);
    } else {
        ids.target = read_ids(cJSON_GetObjectItem(c, "ids"), &ids.n_target);
    }
    return ids;
}

static struct forward *run(const struct reference *r, const struct case_ids *ids, bool keep_states,
                           const struct model_site *site) {
    struct forward *f = NULL;
    struct err e = {0};
    struct forward_input in = {.n_batch = 1,
                               .source_ids = ids->source,
                               .n_source = ids->n_source,
                               .target_ids = ids->target,
                               .n_target = ids->n_target,
                               .keep_states = keep_states,
                               .sites = site,
                               .n_sites = site != NULL};
    cr_assert_eq(model_forward(&f, r->model, &in, NULL, &e), ERR_OK, "%s", e.message);
    return f;
}

static float *all_logits(const struct reference *r, struct forward *f, int64_t n) {
    int64_t n_vocab = model_config(r->model)->n_vocab;
    struct position *at = calloc((size_t)n, sizeof *at);
    float *logits = malloc((size_t)(n * n_vocab) * sizeof *logits);
    struct err e = {0};
    for (int64_t i = 0; i < n; i++)
        at[i].row = i;
    cr_assert_eq(forward_logits(f, at, n, logits, &e), ERR_OK, "%s", e.message);
    free(at);
    return logits;
}

/* All queries [H, Tq, Tk] against the reference; the last two alone must be the same. */
static void check_attention(const struct reference *r, struct forward *f, enum attention_kind kind,
                            const char *format, int64_t n_layers, const int64_t *dims) {
    const int64_t n_heads = dims[0], n_query = dims[1], n_key = dims[2];
    float *got = malloc((size_t)(n_heads * n_query * n_key) * sizeof *got),
          *rows = malloc((size_t)(n_heads * 2 * n_key) * sizeof *rows);
    struct err e = {0};
    for (int layer = 0; layer < n_layers; layer++) {
        cr_assert_eq(forward_attentions(f, kind, layer, 0, n_query, got, &e), ERR_OK, "%s",
                     e.message);
        check(r, got, format, 0, layer);
        cr_assert_eq(forward_attentions(f, kind, layer, n_query - 2, 2, rows, &e), ERR_OK, "%s",
                     e.message);
        for (int64_t h = 0; h < n_heads; h++)
            cr_expect_eq(memcmp(rows + h * 2 * n_key, got + (h * n_query + n_query - 2) * n_key,
                                (size_t)(2 * n_key) * sizeof *rows),
                         0, "rows of head %d", (int)h);
        cr_expect_eq(forward_attentions(f, kind, layer, n_query - 1, 2, rows, &e), ERR_INTERNAL);
    }
    free(rows);
    free(got);
}

static void check_hidden(const struct reference *r, struct forward *f, enum model_stack stack,
                         const char *format, int64_t n_layers, int64_t n) {
    float *got = malloc((size_t)n * sizeof *got);
    struct err e = {0};
    for (int layer = 0; layer <= n_layers; layer++) {
        cr_assert_eq(forward_hidden(f, stack, layer, got, &e), ERR_OK, "%s", e.message);
        check(r, got, format, 0, layer);
    }
    free(got);
}

void reference_check_forward(const char *name) {
    struct reference r = {0};
    open_reference(&r, name);
    const struct model_config *c = model_config(r.model);
    int n_cases = cJSON_GetArraySize(cJSON_GetObjectItem(r.json, "cases"));
    for (int i = 0; i < n_cases; i++) {
        struct case_ids ids = ids_of_case(&r, i);
        struct forward *f = run(&r, &ids, true, NULL);
        float *logits = all_logits(&r, f, ids.n_target);
        check(&r, logits, "%d.logits", i, 0);
        if (i == 0) {
            int64_t t = ids.n_target, s = ids.n_source;
            check_hidden(&r, f, STACK_DECODER, "%d.hidden.%d", c->n_layers, t * c->n_width);
            check_attention(&r, f, ATTENTION_DECODER_SELF, "%d.attention.%d", c->n_layers,
                            (int64_t[]){c->n_heads, t, t});
            if (c->encoder_decoder) {
                check_hidden(&r, f, STACK_ENCODER, "%d.encoder_hidden.%d",
                             c->encoder_sizes.n_layers, s * c->n_width);
                check_attention(&r, f, ATTENTION_ENCODER_SELF, "%d.encoder_attention.%d",
                                c->encoder_sizes.n_layers,
                                (int64_t[]){c->encoder_sizes.n_heads, s, s});
                check_attention(&r, f, ATTENTION_CROSS, "%d.cross_attention.%d", c->n_layers,
                                (int64_t[]){c->n_heads, t, s});
            }
        }
        free(logits);
        forward_free(f);
        free(ids.source);
        free(ids.target);
    }
    close_reference(&r);
}

/* What each module yields where the reference has it. */
static void check_outputs(const struct reference *r, const struct case_ids *ids,
                          enum model_stack stack, enum model_module module, const char *format) {
    const struct model_config *c = model_config(r->model);
    const bool encoder = stack == STACK_ENCODER;
    const int64_t n_layers = encoder ? c->encoder_sizes.n_layers : c->n_layers,
                  n = (encoder ? ids->n_source : ids->n_target) * c->n_width;
    float *got = malloc((size_t)n * sizeof *got);
    for (int layer = 0; layer < n_layers; layer++) {
        const struct model_site site = {stack, module, layer};
        struct err e = {0};
        struct forward *f = run(r, ids, false, &site);
        cr_assert_eq(forward_activation(f, 0, got, &e), ERR_OK, "%s", e.message);
        check(r, got, format, 0, layer);
        forward_free(f);
    }
    free(got);
}

void reference_check_outputs(const char *name) {
    struct reference r = {0};
    open_reference(&r, name);
    struct case_ids ids = ids_of_case(&r, 0);
    if (weights_find(r.tensors, "0.block_output.0")) {
        check_outputs(&r, &ids, STACK_DECODER, MODULE_BLOCK, "%d.block_output.%d");
        check_outputs(&r, &ids, STACK_DECODER, MODULE_ATTENTION, "%d.attention_output.%d");
        check_outputs(&r, &ids, STACK_DECODER, MODULE_MLP, "%d.mlp_output.%d");
    }
    if (weights_find(r.tensors, "0.encoder_block_output.0")) {
        check_outputs(&r, &ids, STACK_ENCODER, MODULE_BLOCK, "%d.encoder_block_output.%d");
        check_outputs(&r, &ids, STACK_ENCODER, MODULE_ATTENTION, "%d.encoder_attention_output.%d");
        check_outputs(&r, &ids, STACK_ENCODER, MODULE_MLP, "%d.encoder_mlp_output.%d");
    }
    free(ids.source);
    free(ids.target);
    close_reference(&r);
}

/* Logits after n tokens, from a run that is alike to that of these alone. */
static float *logits_after(const struct reference *r, const struct case_ids *ids, int64_t n) {
    const int64_t until = model_config_alike_until(model_config(r->model), n),
                  n_vocab = model_config(r->model)->n_vocab;
    struct case_ids beginning = *ids;
    beginning.n_target = until < ids->n_target ? until : ids->n_target;
    struct forward *f = run(r, &beginning, false, NULL);
    float *all = all_logits(r, f, beginning.n_target), *last = malloc((size_t)n_vocab * 4);
    memcpy(last, all + (n - 1) * n_vocab, (size_t)n_vocab * sizeof *last);
    forward_free(f);
    free(all);
    return last;
}

/* Whether a cache that began with n tokens says of this many what a run over them alone says: where
 * rotations change, only if it begins anew. */
static bool cache_is_alike(const struct model_config *c, int64_t n, int64_t now) {
    return c->decoder.rotations_restart ||
           model_config_alike_until(c, n) == model_config_alike_until(c, now);
}

void reference_check_cache(const char *name) {
    struct reference r = {0};
    struct err e = {0};
    open_model(&r, name);
    struct tiny_text text = tiny_text_of(model_config(r.model));
    const struct case_ids ids = {text.source, text.target, text.n_source, text.n_target};
    const struct model_config *c = model_config(r.model);
    const int64_t n_vocab = c->n_vocab;
    float *want = logits_after(&r, &ids, 2), *got = malloc((size_t)(3 * n_vocab) * sizeof *got);
    struct decoder *d = NULL;
    cr_assert_eq(decoder_open(&d, r.model, ids.source, ids.n_source, 1, NULL, &e), ERR_OK, "%s",
                 e.message);
    cr_assert_eq(decoder_step(d, ids.target, 2, got, &e), ERR_OK, "%s", e.message);
    cr_expect(difference(got, want, n_vocab) <= BOUND, "%s: prompt of 2", name);
    cr_assert_eq(decoder_reorder(d, (int32_t[]){0, 0, 0}, 3, &e), ERR_OK);
    for (int64_t t = 2; t < ids.n_target && cache_is_alike(c, 2, t + 1); t++) {
        /* The middle hypothesis follows the text, the others something else. */
        int32_t step[3] = {ids.target[t] == 7 ? 8 : 7, ids.target[t], 9};
        cr_assert_eq(decoder_step(d, step, 1, got, &e), ERR_OK, "%s", e.message);
        free(want);
        want = logits_after(&r, &ids, t + 1);
        double diff = difference(got + n_vocab, want, n_vocab);
        cr_expect(diff <= BOUND, "%s: step %d differs by %g", name, (int)t, diff);
        cr_assert_eq(decoder_reorder(d, (int32_t[]){1, 1, 0}, 3, &e), ERR_OK);
    }
    decoder_close(d);
    free(want);
    free(got);
    model_free(r.model);
}

void reference_check_generation(const char *name) {
    struct reference r = {0};
    struct err e = {0};
    open_reference(&r, name);
    const cJSON *g;
    bool seq2seq = model_config(r.model)->encoder_decoder;
    cJSON_ArrayForEach(g, cJSON_GetObjectItem(r.json, "generations")) {
        struct case_ids ids = ids_of_case(&r, cJSON_GetObjectItem(g, "case")->valueint);
        struct generation_config config = model_config(r.model)->generation;
        char *kwargs = cJSON_PrintUnformatted(cJSON_GetObjectItem(g, "kwargs"));
        int64_t n;
        int32_t *want = read_ids(cJSON_GetObjectItem(g, "ids"), &n);
        struct generation out;
        cr_assert_eq(generation_config_apply(&config, kwargs, &e), ERR_OK, "%s", e.message);
        cr_assert_eq(generate(&out, r.model, seq2seq ? ids.source : ids.target,
                              seq2seq ? ids.n_source : ids.n_target, NULL, 0, &config, NULL, NULL,
                              &e),
                     ERR_OK, "%s %s: %s", name, kwargs, e.message);
        bool same = out.n == n && memcmp(out.ids, want, (size_t)n * sizeof *want) == 0;
        cr_expect(same, "%s, case %d, %s: %d ids, Transformers has %d", name,
                  cJSON_GetObjectItem(g, "case")->valueint, kwargs, (int)out.n, (int)n);
        generation_dispose(&out);
        free(want);
        free(kwargs);
        free(ids.source);
        free(ids.target);
    }
    close_reference(&r);
}
