/* SmolLM2 from its GGUF and from the Hugging Face folder made of it: the same numbers and the same
 * settings. */
#include "backend/architectures/row_order.h"
#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/config.h"
#include "backend/discovery.h"
#include "backend/weights.h"
#include "tests/backend/weights/converted.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct opened {
    struct model_files files;
    struct weights *w;
    struct model_config config;
};

/* Takes the path. */
static struct opened open_take(char *path) {
    struct opened o;
    struct err e = {0};
    cr_assert_eq(model_locate(&o.files, path, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(weights_open(&o.w, o.files.weights, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(model_config_read(&o.config, &o.files, o.w, &e), ERR_OK, "%s", e.message);
    free(path);
    return o;
}

static void close_model(struct opened *o) {
    weights_close(o->w);
    model_files_dispose(&o->files);
}

static void expect_same(const struct opened *a, const char *name_a, int64_t n_heads,
                        const struct opened *b, const char *name_b) {
    const struct weight_info *x = weights_find(a->w, name_a), *y = weights_find(b->w, name_b);
    cr_assert(x && y && x->n_elements == y->n_elements && x->dims[0] == y->dims[0], "%s, %s",
              name_a, name_b);
    size_t n = (size_t)x->n_elements * sizeof(float);
    float *u = mem_alloc(n), *v = mem_alloc(n);
    struct err e = {0};
    int64_t *order =
        n_heads ? row_order_of_pairs(n_heads, x->dims[0] / n_heads, x->dims[0] / n_heads) : NULL;
    cr_assert_eq(order ? weights_read_ordered_f32(a->w, x, order, x->dims[0], u, &e)
                       : weights_read_f32(a->w, x, u, &e),
                 ERR_OK);
    free(order);
    cr_assert_eq(weights_read_f32(b->w, y, v, &e), ERR_OK);
    cr_expect_eq(memcmp(u, v, n), 0, "%s differs from %s", name_a, name_b);
    free(u);
    free(v);
}

Test(real_weights, smollm2_is_the_same_in_both_forms) {
    char *models = models_folder();
    struct opened a = open_take(file_join(models, "smollm2")), b = open_take(converted_smollm2());
    cr_expect_eq(weights_count(a.w), weights_count(b.w));
    expect_same(&a, "token_embd.weight", 0, &b, "model.embed_tokens.weight");
    expect_same(&a, "output_norm.weight", 0, &b, "model.norm.weight");
    expect_same(&a, "blk.0.attn_q.weight", a.config.n_heads, &b,
                "model.layers.0.self_attn.q_proj.weight");
    expect_same(&a, "blk.29.attn_k.weight", a.config.n_kv_heads, &b,
                "model.layers.29.self_attn.k_proj.weight");
    expect_same(&a, "blk.7.ffn_down.weight", 0, &b, "model.layers.7.mlp.down_proj.weight");
    cr_expect_str_eq(a.config.class_name, b.config.class_name);
    cr_expect_str_eq(a.config.tokenizer_class, b.config.tokenizer_class);
    cr_expect(a.config.n_vocab == b.config.n_vocab && a.config.n_width == b.config.n_width &&
              a.config.n_ffn == b.config.n_ffn);
    cr_expect(a.config.n_head_width == b.config.n_head_width &&
              a.config.n_kv_heads == b.config.n_kv_heads &&
              a.config.rope_base == b.config.rope_base);
    cr_expect((float)a.config.norm_epsilon == (float)b.config.norm_epsilon &&
              a.config.tied_embeddings == b.config.tied_embeddings);
    cr_expect(a.config.bos_token_id == b.config.bos_token_id &&
              a.config.eos_token_id == b.config.eos_token_id);
    close_model(&a);
    close_model(&b);
    free(models);
}

Test(real_weights, listing_the_models_takes_milliseconds) {
    struct found_models all;
    models_discover(&all); /* brings the files into memory */
    found_models_dispose(&all);
    double start = clock_seconds();
    models_discover(&all);
    double ms = (clock_seconds() - start) * 1e3;
    cr_expect(ms < 100, "%.1f ms for %zu models", ms,
              all.n); /* about 5 in a quiet machine; sanitizers and neighbours cost more */
    static const char *const names[] = {"en-pt", "pt-en", "smollm2"};
    for (size_t k = 0; k < 3; k++) {
        bool runs = false;
        for (size_t i = 0; i < all.n; i++)
            runs |= strcmp(all.items[i].name, names[k]) == 0 && !all.items[i].why_not;
        cr_expect(runs, "%s is not listed as one that runs", names[k]);
    }
    found_models_dispose(&all);
}
