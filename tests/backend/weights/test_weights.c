/* Decoding and metadata of every form, against what the reference implementations made
 * (tests/fixtures/make_weights.py). */
#include "backend/weights.h"

#include "backend/base/mem.h"
#include "backend/weights/codebooks.h"
#include "backend/weights/store.h"
#include "tests/backend/weights/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static float *read_all(const struct weights *w, const char *name) {
    const struct weight_info *info = weights_find(w, name);
    cr_assert_not_null(info, "%s is missing", name);
    float *values = mem_alloc((size_t)info->n_elements * sizeof *values);
    struct err e = {0};
    cr_assert_eq(weights_read_f32(w, info, values, &e), ERR_OK, "%s", e.message);
    return values;
}

static void expect_values(const struct weights *w, const char *name, const float *want, size_t n) {
    float *got = read_all(w, name);
    cr_expect_eq(weights_find(w, name)->n_elements, (int64_t)n);
    for (size_t i = 0; i < n; i++)
        cr_expect(got[i] == want[i], "%s[%zu] is %g, not %g", name, i, (double)got[i],
                  (double)want[i]);
    free(got);
}

/* Bit by bit, infinities and the sign of zero included. */
static void expect_every_type(const struct weights *w) {
    size_t n;
    char *expected = read_fixture("every_type.expected.f32", &n);
    size_t at = 0;
    cr_assert_eq(weights_count(w), 11);
    for (size_t i = 0; i < weights_count(w); i++) {
        const struct weight_info *info = weights_at(w, i);
        float *got = read_all(w, info->name);
        cr_assert(at + (size_t)info->n_elements * 4 <= n);
        cr_expect_eq(memcmp(got, expected + at, (size_t)info->n_elements * 4), 0,
                     "%s differs from gguf's decoder", info->name);
        at += (size_t)info->n_elements * 4;
        free(got);
    }
    cr_expect_eq(at, n);
    free(expected);
}

Test(weights, every_gguf_type_decodes_to_the_reference_bit_by_bit) {
    struct weights *w = open_fixture("every_type.gguf");
    cr_expect_eq(weights_format(w), WEIGHT_FORMAT_GGUF);
    expect_every_type(w);
    weights_close(w);
}

/* The 64 bit FNV-1a hash. */
static uint64_t hash(const void *data, size_t n) {
    uint64_t h = 0xCBF29CE484222325u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ ((const unsigned char *)data)[i]) * 0x100000001B3u;
    return h;
}

static void expect_hash(const char *expected, const char *name, uint64_t got) {
    char *line = mem_format("%s %016llx\n", name, (unsigned long long)got);
    cr_expect_not_null(strstr(expected, line), "%s differs from gguf's", name);
    free(line);
}

Test(weights, every_other_quantisation_decodes_as_in_gguf_bit_by_bit) {
    size_t n;
    char *expected = read_fixture("more_types.expected.txt", &n);
    struct weights *w = open_fixture("more_types.gguf");
    cr_assert_eq(weights_count(w), 20);
    for (size_t i = 0; i < weights_count(w); i++) {
        const struct weight_info *info = weights_at(w, i);
        float *got = read_all(w, info->name);
        expect_hash(expected, info->name, hash(got, (size_t)info->n_elements * sizeof *got));
        free(got);
    }
    weights_close(w);
    free(expected);
}

Test(weights, codebooks_are_those_of_gguf) {
    size_t n;
    char *expected = read_fixture("more_types.expected.txt", &n);
    expect_hash(expected, "codebook.IQ1_S", hash(codebook_iq1, sizeof codebook_iq1));
    expect_hash(expected, "codebook.IQ2_XXS", hash(codebook_iq2_xxs, sizeof codebook_iq2_xxs));
    expect_hash(expected, "codebook.IQ2_XS", hash(codebook_iq2_xs, sizeof codebook_iq2_xs));
    expect_hash(expected, "codebook.IQ2_S", hash(codebook_iq2_s, sizeof codebook_iq2_s));
    expect_hash(expected, "codebook.IQ3_XXS", hash(codebook_iq3_xxs, sizeof codebook_iq3_xxs));
    expect_hash(expected, "codebook.IQ3_S", hash(codebook_iq3_s, sizeof codebook_iq3_s));
    free(expected);
}

Test(weights, a_split_gguf_file_is_read_from_its_first_part) {
    struct weights *w = open_fixture("split-00001-of-00003.gguf");
    const char *text;
    size_t n;
    cr_expect_eq(weights_count(w), 3);
    expect_values(w, "part.0", (float[]){.5f, .5f, .5f, .5f, .5f, .5f, .5f, .5f}, 8);
    expect_values(w, "part.2", (float[]){2.5f, 2.5f, 2.5f, 2.5f, 2.5f, 2.5f, 2.5f, 2.5f}, 8);
    cr_expect(weights_meta_text(w, "test.text", &text, &n) && n == 12);
    weights_close(w);
    struct err e = {0};
    char *path = mem_format("%s/weights/split-00002-of-00003.gguf", getenv("TINSEQ_FIXTURES"));
    cr_expect_eq(weights_open(&w, path, &e), ERR_FORMAT);
    cr_expect_not_null(strstr(e.message, "give the first, whose name ends in -00001-of-00003.gguf"),
                       "%s", e.message);
    free(path);
}

Test(weights, gguf_version_2_reads_the_same) {
    size_t n;
    char *data = read_fixture("every_type.gguf", &n);
    data[4] = 2;
    struct weights *w;
    struct err e = {0};
    cr_assert_eq(weights_open_bytes(&w, (unsigned char *)data, n, &e), ERR_OK, "%s", e.message);
    expect_every_type(w);
    weights_close(w);
    data[4] = 1;
    cr_expect_eq(weights_open_bytes(&w, (unsigned char *)data, n, &e), ERR_UNSUPPORTED);
    cr_expect_null(w);
    memcpy(data + 4, "\0\0\0\3", 4);
    cr_expect_eq(weights_open_bytes(&w, (unsigned char *)data, n, &e), ERR_UNSUPPORTED);
    cr_expect_not_null(strstr(e.message, "big-endian"));
    free(data);
}

Test(weights, gguf_dims_are_row_major) {
    struct weights *w = open_fixture("every_type.gguf");
    const struct weight_info *info = weights_find(w, "Q6_K");
    cr_assert_eq(info->n_dims, 2);
    cr_expect_eq(info->dims[0], 2);
    cr_expect_eq(info->dims[1], 256);
    cr_expect_eq(info->type, WEIGHT_Q6_K);
    cr_expect_null(weights_find(w, "Q6_"));
    cr_expect_not_null(weights_raw(w, weights_find(w, "F32")));
    cr_expect_null(weights_raw(w, info), "blocks cannot be used as they lie");
    weights_close(w);
}

Test(weights, rows_and_parts_of_blocks_decode_as_the_whole) {
    struct weights *w = open_fixture("every_type.gguf");
    struct err e = {0};
    for (size_t i = 0; i < weights_count(w); i++) {
        const struct weight_info *info = weights_at(w, i);
        int64_t width = info->n_elements / info->dims[0];
        float *whole = read_all(w, info->name), *part = mem_alloc((size_t)width * sizeof *part);
        for (int64_t row = 0; row < info->dims[0]; row++) {
            cr_assert_eq(weights_read_rows_f32(w, info, row, 1, part, &e), ERR_OK);
            cr_expect_eq(memcmp(part, whole + row * width, (size_t)width * 4), 0, "row %d of %s",
                         (int)row, info->name);
        }
        cr_expect_eq(weights_read_rows_f32(w, info, 1, info->dims[0], part, &e), ERR_FORMAT);
        cr_expect_eq(weights_read_rows_f32(w, info, -1, 1, part, &e), ERR_FORMAT);
        cr_expect_eq(weights_read_rows_f32(w, info, 1, INT64_MAX, part, &e), ERR_FORMAT);
        free(whole);
        free(part);
    }
    /* One dimension: rows are single elements, so a range cuts blocks. */
    struct stored_tensor flat = *(const struct stored_tensor *)weights_find(w, "Q4_1");
    float *whole = read_all(w, "Q4_1"), part[70];
    flat.info.n_dims = 1;
    flat.info.dims[0] = flat.info.n_elements;
    cr_assert_eq(weights_read_rows_f32(w, &flat.info, 5, 70, part, &e), ERR_OK);
    cr_expect_eq(memcmp(part, whole + 5, sizeof part), 0);
    free(whole);
    weights_close(w);
}

Test(weights, gguf_metadata_of_every_kind) {
    struct weights *w = open_fixture("every_type.gguf");
    static const struct {
        const char *key;
        int64_t value;
    } numbers[] = {{"test.u8", 200},        {"test.i8", -5},           {"test.u16", 60000},
                   {"test.i16", -30000},    {"test.u32", 4000000000},  {"test.i32", -2000000000},
                   {"test.u64", 1LL << 40}, {"test.i64", -(1LL << 40)}};
    int64_t number;
    double real;
    bool flag;
    const char *text;
    size_t n;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        cr_expect(weights_meta_int(w, numbers[i].key, &number), "%s", numbers[i].key);
        cr_expect_eq(number, numbers[i].value, "%s", numbers[i].key);
    }
    cr_expect(weights_meta_float(w, "test.f32", &real) && real == 0.5);
    cr_expect(weights_meta_float(w, "test.f64", &real) && real == 0.1);
    cr_expect(weights_meta_bool(w, "test.yes", &flag) && flag);
    cr_expect(weights_meta_text(w, "test.text", &text, &n) && n == 6 &&
              memcmp(text, "naïve", 6) == 0);
    cr_expect(weights_meta_text(w, "general.architecture", &text, &n) && n == 5);
    cr_expect(weights_meta_array_size(w, "test.texts", &n) && n == 3);
    cr_expect(weights_meta_array_text(w, "test.texts", 1, &text, &n) && n == 0);
    cr_expect(weights_meta_array_text(w, "test.texts", 2, &text, &n) && n == 7 &&
              memcmp(text, "Ġthree", 7) == 0);
    cr_expect_not(weights_meta_array_text(w, "test.texts", 3, &text, &n));
    cr_expect(weights_meta_array_int(w, "test.numbers", 1, &number) && number == -1);
    cr_expect_not(weights_meta_array_int(w, "test.numbers", 3, &number));
    cr_expect(weights_meta_array_size(w, "test.reals", &n) && n == 2);
    cr_expect_not(weights_meta_array_int(w, "test.reals", 0, &number));
    cr_expect_not(weights_meta_text(w, "test.u8", &text, &n), "a number is no text");
    cr_expect_not(weights_meta_int(w, "absent", &number));
    weights_close(w);
}

Test(weights, safetensors_types_shapes_and_metadata) {
    struct weights *w = open_fixture("plain.safetensors");
    cr_expect_eq(weights_format(w), WEIGHT_FORMAT_SAFETENSORS);
    cr_expect_eq(weights_count(w), 7);
    expect_values(w, "a.f32", (float[]){0, 1, 2, 3, 4, 5}, 6);
    expect_values(w, "b.f16", (float[]){0.5f, -1, 65504, 0x1p-24f}, 4);
    expect_values(w, "c.bf16", (float[]){1, -2.5f, 0x1.c4p127f}, 3);
    expect_values(w, "d.f64", (float[]){0.25f, -INFINITY}, 2);
    expect_values(w, "e.mask", (float[]){1, 0}, 2);
    expect_values(w, "f.ids", (float[]){0, 1, 2, 3}, 4);
    expect_values(w, "g.scalar", (float[]){7}, 1);
    cr_expect_eq(weights_find(w, "a.f32")->dims[0], 2);
    cr_expect_eq(weights_find(w, "g.scalar")->n_dims, 0);
    const char *text;
    size_t n;
    cr_expect(weights_meta_text(w, "format", &text, &n) && strcmp(text, "pt") == 0);
    weights_drop_pages(w);
    expect_values(w, "a.f32", (float[]){0, 1, 2, 3, 4, 5}, 6);
    weights_close(w);
}

Test(weights, blocks_of_fp8_are_scaled) {
    struct weights *w = open_fixture("fp8.safetensors");
    struct err e = {0};
    float *want = read_all(w, "expected"), part[14];
    cr_assert_eq(weights_take_scales(w, 2, 3, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(weights_count(w), 3, "the scales are no tensor any more");
    cr_expect_null(weights_find(w, "a.weight_scale_inv"));
    expect_values(w, "a.weight", want, 35);
    cr_assert_eq(weights_read_rows_f32(w, weights_find(w, "a.weight"), 1, 2, part, &e), ERR_OK);
    cr_expect_eq(memcmp(part, want + 7, sizeof part), 0);
    expect_values(w, "b.weight", (float[]){1.5f}, 1);
    free(want);
    weights_close(w);
}

Test(weights, scales_of_another_shape_are_refused) {
    struct weights *w = open_fixture("fp8.safetensors");
    struct err e = {0};
    cr_expect_eq(weights_take_scales(w, 128, 128, &e), ERR_FORMAT);
    cr_expect_not_null(strstr(e.message, "a.weight_scale_inv\" has no scale for each 128"), "%s",
                       e.message);
    weights_close(w);
    w = open_fixture("torch.bin");
    cr_expect_eq(weights_take_scales(w, 128, 128, &e), ERR_FORMAT);
    cr_expect_not_null(strstr(e.message, "\"j.e4m3\" is FP8 and has no"), "%s", e.message);
    weights_close(w);
}

Test(weights, shards_are_read_through_their_index) {
    struct weights *w = open_fixture("model.safetensors.index.json");
    cr_expect_eq(weights_count(w), 2);
    expect_values(w, "x", (float[]){1.5f, 1.5f, 1.5f, 1.5f}, 4);
    expect_values(w, "y", (float[]){-2, -2, -2}, 3);
    weights_close(w);
}

Test(weights, marian_int8_is_scaled_and_transposed_back) {
    struct weights *w = open_fixture("native.bin");
    cr_expect_eq(weights_format(w), WEIGHT_FORMAT_MARIAN);
    cr_expect_eq(weights_count(w), 3, "activation scales and texts are no weights");
    expect_values(w, "Wemb",
                  (float[]){-15, -12.5f, -10, -7.5f, -5, -2.5f, 0, 2.5f, 5, 7.5f, 10, 12.5f}, 12);
    expect_values(w, "decoder_l1_rnn_W",
                  (float[]){-15, -5, 5, -12.5f, -2.5f, 7.5f, -10, 0, 10, -7.5f, 2.5f, 12.5f}, 12);
    expect_values(w, "encoder_l1_ffn_b1", (float[]){1, 2, 3}, 3);
    float row[3];
    struct err e = {0};
    cr_assert_eq(weights_read_rows_f32(w, weights_find(w, "decoder_l1_rnn_W"), 2, 1, row, &e),
                 ERR_OK);
    cr_expect(row[0] == -10 && row[1] == 0 && row[2] == 10);
    const char *text;
    size_t n;
    cr_assert(weights_meta_text(w, "model.yml", &text, &n));
    cr_expect_eq(n, strlen("dim-emb: 4\ntype: transformer\n"), "the final zero is no text");
    weights_close(w);
}

Test(weights, large_transposed_matrices_are_read_in_tiles) {
    enum { R = 150, C = 3 };
    struct weights w = {0};
    signed char q[R * C];
    for (int i = 0; i < R * C; i++)
        q[i] = (signed char)(i * 7);
    struct stored_tensor t = {.info = {"t", WEIGHT_MARIAN_INT8, 2, {R, C}, R * C},
                              .data = (unsigned char *)q,
                              .multiplier = 2,
                              .transposed = true};
    float out[R * C];
    struct err e = {0};
    cr_assert_eq(weights_read_f32(&w, &t.info, out, &e), ERR_OK);
    for (int i = 0; i < R; i++)
        for (int j = 0; j < C; j++)
            cr_expect(out[i * C + j] == (float)q[j * R + i] / 2);
}

Test(weights, rows_are_read_in_any_order) {
    const float file[] = {0, 1, 2, 3, 4, 5};
    const int64_t order[] = {2, 0, 2}, outside[] = {1, 3};
    struct weights w = {0};
    struct stored_tensor t = {.info = {"q", WEIGHT_F32, 2, {3, 2}, 6},
                              .data = (const unsigned char *)file};
    float out[6];
    struct err e = {0};
    cr_assert_eq(weights_read_ordered_f32(&w, &t.info, order, 3, out, &e), ERR_OK);
    cr_expect(out[0] == 4 && out[1] == 5 && out[2] == 0 && out[3] == 1 && out[4] == 4);
    cr_expect_eq(weights_read_ordered_f32(&w, &t.info, outside, 2, out, &e), ERR_FORMAT);
}
