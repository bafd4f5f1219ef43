/* The models of `make models`: what their files say, and a few elements of their weights. */
#include "backend/architectures/families.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/config.h"
#include "backend/discovery.h"
#include "backend/weights.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct opened {
    struct model_files files;
    struct weights *w;
    struct model_config config;
};

static struct opened open_model(const char *name) {
    struct opened o;
    struct err e = {0};
    char *folder = models_folder(), *path = file_join(folder, name);
    cr_assert_eq(model_locate(&o.files, path, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(weights_open(&o.w, o.files.weights, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(model_config_read(&o.config, &o.files, o.w, &e), ERR_OK, "%s", e.message);
    free(folder);
    free(path);
    return o;
}

static void close_model(struct opened *o) {
    weights_close(o->w);
    model_files_dispose(&o->files);
}

Test(real_config, smollm2) {
    struct opened o = open_model("smollm2");
    const struct model_config *c = &o.config;
    cr_expect_eq(c->family, family_find(LAYOUT_GGUF, NULL, "llama").family);
    cr_expect_eq(c->layout, LAYOUT_GGUF);
    cr_expect_str_eq(c->class_name, "LlamaForCausalLM");
    cr_expect_str_eq(c->tokenizer_class, "GPT2TokenizerFast");
    cr_expect(c->n_vocab == 49152 && c->n_width == 576 && c->n_ffn == 1536 && c->n_layers == 30);
    cr_expect(c->n_heads == 9 && c->n_kv_heads == 3 && c->n_head_width == 64 &&
              c->n_positions == 8192);
    cr_expect(c->tied_embeddings && !c->attention_bias && !c->mlp_bias && !c->add_bos_token &&
              !c->encoder_decoder);
    cr_expect(c->rope_base == 100000 && c->rope_factor == 1 && c->rope_linear == 1 &&
              fabs(c->norm_epsilon - 1e-5) < 1e-11);
    cr_expect(c->bos_token_id == 1 && c->eos_token_id == 2 && c->pad_token_id == 2 &&
              c->unk_token_id == 0);
    cr_expect(c->generation.n_eos_token_ids == 1 && c->generation.eos_token_ids[0] == 2 &&
              !c->generation.has_max_length);
    cr_expect_str_eq(c->notice, "");
    close_model(&o);
}

Test(real_config, students) {
    static const char *const names[] = {"en-pt", "pt-en"};
    for (size_t i = 0; i < 2; i++) {
        struct opened o = open_model(names[i]);
        const struct model_config *c = &o.config;
        cr_expect_eq(c->family, family_find(LAYOUT_MARIAN_NATIVE, "MarianStudent", NULL).family);
        cr_expect(c->encoder_decoder && c->n_vocab == 32000 && c->n_width == 256 &&
                  c->n_ffn == 1536);
        cr_expect(c->encoder_sizes.n_layers == 6 && c->n_layers == 2 && c->n_heads == 8 &&
                  c->encoder_sizes.n_heads == 8 && c->n_head_width == 32);
        cr_expect_eq(c->activation, ACTIVATION_RELU);
        cr_expect(c->generation.num_beams == 1 && c->generation.max_length_factor == 2.5 &&
                  c->generation.marian_normalize);
        cr_expect_str_eq(o.files.source_spm, o.files.target_spm);
        cr_expect_str_eq(c->notice, "");
        const struct weight_info *q = weights_find(o.w, "encoder_l1_ffn_W1");
        cr_assert(q && q->dims[0] == 256 && q->dims[1] == 1536 && q->type == WEIGHT_MARIAN_INT8);
        float *values = mem_alloc((size_t)q->n_elements * sizeof *values);
        struct err e = {0};
        cr_assert_eq(weights_read_f32(o.w, q, values, &e), ERR_OK);
        double sum = 0;
        for (int64_t k = 0; k < q->n_elements; k++)
            sum += fabs((double)values[k]);
        cr_expect(sum / (double)q->n_elements > 0.01 && sum / (double)q->n_elements < 1,
                  "mean magnitude %g", sum / (double)q->n_elements);
        free(values);
        close_model(&o);
    }
}
