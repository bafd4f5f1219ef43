/* The encoder against Transformers (tests/fixtures/make_encoder.py): hidden states of every layer;
 * and checkpoints that are wrong. */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/encoder.h"
#include "backend/weights.h"
#include "tests/backend/encoder/encoder_cases.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOUND 1e-5 /* of the largest */

static void check_states(struct encoder *x, const struct weights *fixture, const char *name,
                         const cJSON *c, int64_t layer) {
    char key[60];
    struct err e = {0};
    const cJSON *ids = cJSON_GetObjectItem(c, "ids");
    const int64_t n = cJSON_GetArraySize(ids), size = n * encoder_width(x);
    int32_t *numbers = mem_alloc((size_t)n * sizeof *numbers);
    float *got = mem_alloc((size_t)size * sizeof *got),
          *want = mem_alloc((size_t)size * sizeof *want);
    snprintf(key, sizeof key, "%s.%d.%d", name, cJSON_GetObjectItem(c, "text")->valueint,
             (int)layer);
    const struct weight_info *info = weights_find(fixture, key);
    cr_assert(info && info->n_elements == size, "fixture %s is missing", key);
    cr_assert_eq(weights_read_f32(fixture, info, want, &e), ERR_OK);
    for (int64_t i = 0; i < n; i++)
        numbers[i] = cJSON_GetArrayItem(ids, (int)i)->valueint;
    cr_assert_eq(encoder_states(x, numbers, n, got, NULL, &e), ERR_OK, "%s", e.message);
    double largest = 0, worst = 0;
    for (int64_t i = 0; i < size; i++)
        largest = fmax(largest, fabs(want[i]));
    for (int64_t i = 0; i < size; i++)
        if (!(fabs((double)got[i] - want[i]) <= worst))
            worst = fabs((double)got[i] - want[i]);
    cr_expect(worst <= BOUND * largest, "%s: differs by %g of %g", key, worst, largest);
    free(numbers);
    free(got);
    free(want);
}

static void check_encoder(const char *name) {
    cJSON *cases = encoder_cases();
    struct weights *fixture;
    struct err e = {0};
    char *folder = mem_format("tests/fixtures/encoder/%s", name);
    cr_assert_eq(weights_open(&fixture, "tests/fixtures/encoder/states.safetensors", &e), ERR_OK,
                 "%s", e.message);
    for (int64_t layer = 1; layer <= 3; layer++) {
        struct encoder *x;
        const cJSON *c;
        int n_cases = 0;
        cr_assert_eq(encoder_open(&x, folder, (double)layer / 3, NULL, &e), ERR_OK, "%s",
                     e.message);
        cr_expect_eq(encoder_layers(x), layer);
        cJSON_ArrayForEach(c, cJSON_GetObjectItem(encoder_case(cases, name), "states")) {
            check_states(x, fixture, name, c, layer);
            n_cases++;
        }
        cr_expect_eq(n_cases, 4);
        encoder_free(x);
    }
    weights_close(fixture);
    cJSON_Delete(cases);
    free(folder);
}

Test(encoder, states_are_those_of_transformers) {
    check_encoder("uncased");
}
Test(encoder, tensors_may_be_named_as_a_part_of_a_larger_model) {
    check_encoder("cased");
}

Test(encoder, texts_that_do_not_fit_and_ids_without_an_embedding_are_refused) {
    struct encoder *x;
    struct err e = {0};
    cr_assert_eq(encoder_open(&x, "tests/fixtures/encoder/cased", 1, NULL, &e), ERR_OK, "%s",
                 e.message);
    int32_t ids[23] = {5, 6};
    float *out = mem_alloc((size_t)(23 * encoder_width(x)) * sizeof *out);
    cr_expect_eq(encoder_longest(x), 22);
    cr_expect_eq(encoder_states(x, ids, 22, out, NULL, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(encoder_states(x, ids, 23, out, NULL, &e), ERR_USAGE);
    cr_expect_eq(encoder_states(x, ids, 0, out, NULL, &e), ERR_USAGE);
    ids[1] = 300000;
    cr_expect_eq(encoder_states(x, ids, 2, out, NULL, &e), ERR_FORMAT);
    ids[1] = -1;
    cr_expect_eq(encoder_states(x, ids, 2, out, NULL, &e), ERR_FORMAT);
    free(out);
    encoder_free(x);
}

static void put_copy(const char *folder, const char *name, size_t n_kept, size_t at, char byte) {
    struct err e = {0};
    char *from = mem_format("tests/fixtures/encoder/cased/%s", name), *data;
    size_t n;
    cr_assert_eq(file_read(&data, &n, from, 1 << 20, &e), ERR_OK, "%s", e.message);
    if (at < n)
        data[at] = byte;
    free(tree_write_bytes(folder, name, data, n_kept < n ? n_kept : n));
    free(data);
    free(from);
}

static char *copy_of_cased(void) {
    static const char *const names[] = {"config.json", "vocab.txt", "tokenizer_config.json",
                                        "model.safetensors"};
    char *folder = tree_new();
    for (size_t i = 0; i < 4; i++)
        put_copy(folder, names[i], SIZE_MAX, SIZE_MAX, 0);
    return folder;
}

#define SIZES                                                                                      \
    "\"hidden_size\": 24, \"num_attention_heads\": 4, \"intermediate_size\": 40, "                 \
    "\"num_hidden_layers\": 3, \"max_position_embeddings\": 24"

Test(encoder, configurations_that_do_not_fit_are_refused) {
    static const struct {
        const char *text;
        enum err_code code;
        const char *said;
    } wrong[] = {
        {"", ERR_FORMAT, "JSON"},
        {"{\"model_type\": \"gpt2\"}", ERR_UNSUPPORTED, "gpt2"},
        {"{\"model_type\": \"bert\"}", ERR_SHAPE, "as the configuration asks"},
        {"{\"model_type\": \"bert\", \"vocab_size\": 1000, " SIZES "}", ERR_SHAPE,
         "word_embeddings"},
        {"{\"model_type\": \"bert\", \"vocab_size\": 200, \"num_hidden_layers\": 9, " SIZES "}",
         ERR_FORMAT, "encoder.layer.3"},
        {"{\"model_type\": \"bert\", \"vocab_size\": 200, \"hidden_size\": 25, " SIZES "}",
         ERR_FORMAT, "multiple"},
        {"{\"model_type\": \"bert\", \"vocab_size\": -5}", ERR_FORMAT, "vocab_size"},
        {"{\"model_type\": \"bert\", \"vocab_size\": 200, \"hidden_act\": \"tanhish\", " SIZES "}",
         ERR_UNSUPPORTED, "tanhish"},
        {"{\"model_type\": \"bert\", \"vocab_size\": 200, \"position_embedding_type\": "
         "\"relative_key\", " SIZES "}",
         ERR_UNSUPPORTED, "relative_key"},
        {"{\"model_type\": \"bert\", \"vocab_size\": 200, \"is_decoder\": true, " SIZES "}",
         ERR_UNSUPPORTED, "is_decoder"},
    };
    char *folder = copy_of_cased();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct encoder *x;
        struct err e = {0};
        free(tree_write(folder, "config.json", wrong[i].text));
        cr_expect_eq(encoder_open(&x, folder, 1, NULL, &e), wrong[i].code, "%s: %s", wrong[i].text,
                     e.message);
        cr_expect_not_null(strstr(e.message, wrong[i].said), "%s: %s", wrong[i].text, e.message);
        cr_expect_null(x);
    }
    tree_free(folder);
}

Test(encoder, a_vocabulary_larger_than_the_embeddings_gives_an_error) {
    char *folder = copy_of_cased();
    struct encoder *x;
    struct err e = {0};
    float out[24];
    free(tree_write(folder, "config.json",
                    "{\"model_type\": \"bert\", \"vocab_size\": 3, " SIZES "}"));
    cr_assert_eq(encoder_open(&x, folder, 1, NULL, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(encoder_states(x, (int32_t[]){5}, 1, out, NULL, &e), ERR_FORMAT);
    cr_expect_not_null(strstr(e.message, "has no embedding"), "%s", e.message);
    encoder_free(x);
    tree_free(folder);
}

/* Files cut short or with one byte changed. Weights may then be other numbers, even no numbers;
 * nothing may crash. */
Test(encoder, disturbed_files_are_refused_or_work) {
    static const char *const names[] = {"config.json", "model.safetensors"};
    unsigned random = 11;
    int n_opened = 0, n_refused = 0;
    for (int i = 0; i < 160; i++) {
        char *folder = copy_of_cased();
        struct encoder *x;
        struct err e = {0};
        random = random * 1103515245u + 12345u;
        const size_t limit = i % 2 ? 4000 : 568,
                     at = (random >> 8) %
                          limit; /* the header of the weights, or the configuration */
        put_copy(folder, names[i % 2], i % 4 < 2 ? SIZE_MAX : at, at, (char)(random >> 3));
        enum err_code code = encoder_open(&x, folder, 1, NULL, &e);
        cr_expect(code == ERR_OK || e.message[0]);
        n_opened += code == ERR_OK;
        n_refused += code != ERR_OK;
        if (code == ERR_OK) {
            float *out = mem_alloc((size_t)(2 * encoder_width(x)) * sizeof *out);
            code = encoder_states(x, (int32_t[]){5, 6}, 2, out, NULL, &e);
            cr_expect(code == ERR_OK || e.message[0]);
            free(out);
        }
        encoder_free(x);
        tree_free(folder);
    }
    cr_expect(n_opened > 0 && n_refused > 0, "%d opened, %d refused", n_opened, n_refused);
}

Test(encoder, cancelling_ends_loading_and_running) {
    atomic_bool cancel = true;
    const struct run_ctl ctl = {.cancel = &cancel};
    struct encoder *x;
    struct err e = {0};
    float out[24];
    cr_expect_eq(encoder_open(&x, "tests/fixtures/encoder/cased", 1, &ctl, &e), ERR_CANCELLED);
    cr_assert_eq(encoder_open(&x, "tests/fixtures/encoder/cased", 1, NULL, &e), ERR_OK, "%s",
                 e.message);
    cr_expect_eq(encoder_states(x, (int32_t[]){5}, 1, out, &ctl, &e), ERR_CANCELLED);
    encoder_free(x);
}
