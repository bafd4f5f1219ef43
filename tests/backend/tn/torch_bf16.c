/*
 * Products with bfloat16 weights: by the loops of every instruction set this processor has, against
 * sums in double; the same bits however they are shared; and models whose weights are rounded to
 * bfloat16 or stored as it.
 */
#include "backend/model.h"
#include "backend/tn.h"
#include "backend/weights.h"
#include "backend/weights/quantization.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct world {
    const struct tn_api *tn;
    tn_scope *scope;
};

static void world_open(struct world *w) {
    struct err e = {0};
    w->tn = tn_load(&e);
    cr_assert_not_null(w->tn, "%s", e.message);
    w->tn->set_threads(2, false);
    w->scope = w->tn->scope_open();
}

static void world_close(struct world *w) {
    w->tn->limit_bf16(3);
    w->tn->set_fused(true);
    w->tn->scope_close(w->scope);
    cr_expect_eq(w->tn->live_handles(), 0);
}

static double next_random(void) {
    static uint64_t state = 7;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / (double)(1ull << 53) * 2 - 1;
}

static float *random_numbers(int64_t n) {
    float *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)next_random();
    return x;
}

static float narrow(float x) {
    uint16_t half;
    round_to_bf16(&half, &x, 1);
    const uint32_t bits = (uint32_t)half << 16;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static tn_tensor *wrapped(const struct world *w, float *data, int64_t rows, int64_t columns) {
    tn_tensor *t;
    struct err e;
    cr_assert_eq(w->tn->wrap(&t, w->scope, data, TN_FLOAT32, (int64_t[]){rows, columns},
                             columns ? 2 : 1, &e),
                 ERR_OK);
    return t;
}

static tn_tensor *halved(const struct world *w, float *data, int64_t rows, int64_t columns) {
    tn_tensor *t = wrapped(w, data, rows, columns);
    struct err e;
    cr_assert_eq(w->tn->move(&t, w->scope, t, TN_BFLOAT16, TN_CPU, &e), ERR_OK);
    cr_assert_eq(w->tn->bytes(t), 2 * rows * columns);
    return t;
}

/* --- products ---------------------------------------------------------------------------- */

/* What a product is made with: x [rows, n_in], m [n_out, n_in] or, transposed, [n_in, n_out] as
 * columns of a wider matrix. */
struct factors {
    int64_t rows, n_in, n_out;
    bool transposed, extras;
    float *x, *m, *bias, *residual;
};
enum { SPARE = 6, FIRST = 3 }; /* columns around those of a transposed matrix */

static struct factors factors_new(int64_t rows, int64_t n_in, int64_t n_out, int way) {
    const bool transposed = way & 1;
    return (struct factors){rows,
                            n_in,
                            n_out,
                            transposed,
                            (way & 2) != 0,
                            random_numbers(rows * n_in),
                            random_numbers(n_in * (n_out + (transposed ? SPARE : 0))),
                            random_numbers(n_out),
                            random_numbers(rows * n_out)};
}

static void factors_free(struct factors *f) {
    free(f->x);
    free(f->m);
    free(f->bias);
    free(f->residual);
}

static float weight_at(const struct factors *f, int64_t i, int64_t o) {
    return narrow(f->transposed ? f->m[i * (f->n_out + SPARE) + FIRST + o] : f->m[o * f->n_in + i]);
}

static tn_tensor *matrix_of(const struct world *w, const struct factors *f) {
    struct err e;
    if (!f->transposed)
        return halved(w, f->m, f->n_out, f->n_in);
    tn_tensor *t = halved(w, f->m, f->n_in, f->n_out + SPARE);
    cr_assert_eq(w->tn->columns(&t, w->scope, t, FIRST, f->n_out, &e), ERR_OK);
    return t;
}

/* out [rows, n_out] */
static void multiply(const struct world *w, const struct factors *f, float *out) {
    struct err e = {0};
    tn_tensor *y;
    cr_assert_eq(w->tn->linear(&y, w->scope, wrapped(w, f->x, f->rows, f->n_in), matrix_of(w, f),
                               f->extras ? wrapped(w, f->bias, f->n_out, 0) : NULL,
                               f->extras ? wrapped(w, f->residual, f->rows, f->n_out) : NULL,
                               f->transposed, &e),
                 ERR_OK, "%s", e.message);
    cr_assert_eq(w->tn->read(y, out, TN_FLOAT32, &e), ERR_OK);
}

static void check_forward(const struct world *w, int64_t rows, int64_t n_in, int64_t n_out, int way,
                          const char *where) {
    struct factors f = factors_new(rows, n_in, n_out, way);
    float *out = random_numbers(rows * n_out);
    multiply(w, &f, out);
    double worst = 0;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t o = 0; o < n_out; o++) {
            double sum = f.extras ? (double)f.bias[o] + f.residual[r * n_out + o] : 0;
            for (int64_t i = 0; i < n_in; i++)
                sum += (double)narrow(f.x[r * n_in + i]) * weight_at(&f, i, o);
            const double difference = fabs(sum - out[r * n_out + o]);
            worst = difference <= worst ? worst : difference;
        }
    cr_expect(worst <= 3e-5, "%s, %d rows, %d to %d, way %d: differs by %g", where, (int)rows,
              (int)n_in, (int)n_out, way, worst);
    factors_free(&f);
    free(out);
}

/* dy [rows, n_out] → dx [rows, n_in], on its own or added. */
static void check_derivative(const struct world *w, int64_t rows, int64_t n_in, int64_t n_out,
                             int way, const char *where) {
    struct factors f = factors_new(rows, n_in, n_out, way);
    float *dx = random_numbers(rows * n_in),
          *before = malloc((size_t)(rows * n_in) * sizeof *before);
    struct err e = {0};
    memcpy(before, dx, (size_t)(rows * n_in) * sizeof *dx);
    tn_tensor *into = f.extras ? wrapped(w, dx, rows, n_in) : NULL, *out = NULL;
    cr_assert_eq(w->tn->linear_vjp(&out, w->scope, wrapped(w, f.residual, rows, n_out),
                                   matrix_of(w, &f), f.transposed, into, &e),
                 ERR_OK, "%s", e.message);
    cr_assert_eq(w->tn->read(into ? into : out, dx, TN_FLOAT32, &e), ERR_OK);
    double worst = 0;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < n_in; i++) {
            double sum = into ? before[r * n_in + i] : 0;
            for (int64_t o = 0; o < n_out; o++)
                sum += (double)narrow(f.residual[r * n_out + o]) * weight_at(&f, i, o);
            const double difference = fabs(sum - dx[r * n_in + i]);
            worst = difference <= worst ? worst : difference;
        }
    cr_expect(worst <= 3e-5, "derivative, %s, %d rows, %d to %d, way %d: differs by %g", where,
              (int)rows, (int)n_in, (int)n_out, way, worst);
    factors_free(&f);
    free(before);
    free(dx);
}

static void check_shapes(const struct world *w, const char *where) {
    static const int64_t shapes[][3] = {{1, 203, 301}, {3, 203, 301}, {8, 515, 70},
                                        {9, 5, 3},     {11, 64, 48},  {31, 203, 301},
                                        {40, 258, 16}, {500, 33, 17}, {2, 1, 1}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int way = 0; way < 4; way++) {
            check_forward(w, shapes[i][0], shapes[i][1], shapes[i][2], way, where);
            check_derivative(w, shapes[i][0], shapes[i][1], shapes[i][2], way, where);
        }
}

Test(bf16, products_are_sums_of_rounded_factors_on_every_instruction_set) {
    static const char *const names[] = {"any processor", "AVX2", "AVX-512",
                                        "AVX-512 with bfloat16"};
    struct world w;
    world_open(&w);
    for (int level = 0; level < 4; level++)
        if (w.tn->limit_bf16(level) == level)
            check_shapes(&w, names[level]);
    w.tn->set_fused(false);
    check_shapes(&w, "libtorch's own");
    world_close(&w);
}

Test(bf16, products_have_the_same_bits_however_threads_share_them) {
    struct world w;
    world_open(&w);
    for (int way = 0; way < 4; way++) {
        struct factors f = factors_new(67, 300, 100, way);
        float *one = random_numbers(67 * 100), *many = random_numbers(67 * 100);
        w.tn->set_threads(1, false);
        multiply(&w, &f, one);
        for (int n = 2; n < 24; n += 3) {
            w.tn->set_threads(n, false);
            multiply(&w, &f, many);
            cr_expect_eq(memcmp(one, many, 67 * 100 * sizeof *one), 0, "%d threads, way %d", n,
                         way);
        }
        factors_free(&f);
        free(one);
        free(many);
    }
    world_close(&w);
}

/* Numbers between two of bfloat16's, ties among them, the largest, infinities and what is no
 * number: as libtorch rounds them. */
Test(bf16, rounding_is_to_nearest_and_ties_to_even) {
    float x[] = {1,       -2.5f,   1.00390625f, 1.01171875f, 1.0039063f, 0.99999994f,
                 3.0e38f, 3.4e38f, -3.4e38f,    1e-30f,      INFINITY,   -INFINITY,
                 0,       -0.0f,   NAN,         0.1f};
    enum { N = sizeof x / sizeof *x };
    float one = 1, theirs[N], ours[N];
    struct world w;
    struct err e;
    tn_tensor *t;
    world_open(&w);
    cr_assert_eq(w.tn->read(halved(&w, x, N, 1), theirs, TN_FLOAT32, &e), ERR_OK);
    for (int i = 0; i < N; i++)
        cr_expect(narrow(x[i]) == theirs[i] ||
                      (isnan(x[i]) && isnan(narrow(x[i])) && isnan(theirs[i])),
                  "%g becomes %g, not %g", x[i], narrow(x[i]), theirs[i]);
    for (int level = 0; level < 4; level++) {
        w.tn->limit_bf16(level);
        cr_assert_eq(w.tn->linear(&t, w.scope, wrapped(&w, x, N, 1), halved(&w, &one, 1, 1), NULL,
                                  NULL, false, &e),
                     ERR_OK);
        cr_assert_eq(w.tn->read(t, ours, TN_FLOAT32, &e), ERR_OK);
        for (int i = 0; i < N; i++)
            cr_expect(ours[i] == theirs[i] || (isnan(x[i]) && isnan(ours[i])),
                      "level %d: %g becomes %g, not %g", level, x[i], ours[i], theirs[i]);
    }
    world_close(&w);
}

Test(bf16, tables_are_looked_up_as_float32_and_other_activations_refused) {
    float *table = random_numbers(5 * 4), got[8];
    int64_t rows[] = {4, 1};
    struct world w;
    struct err e = {0};
    tn_tensor *index, *x, *y;
    world_open(&w);
    cr_assert_eq(w.tn->wrap(&index, w.scope, rows, TN_INT64, (int64_t[]){2}, 1, &e), ERR_OK);
    cr_assert_eq(w.tn->gather(&x, w.scope, halved(&w, table, 5, 4), index, &e), ERR_OK);
    cr_expect_eq(w.tn->bytes(x), (int64_t)sizeof got);
    cr_assert_eq(w.tn->read(x, got, TN_FLOAT32, &e), ERR_OK);
    for (int i = 0; i < 8; i++)
        cr_expect_eq(got[i], narrow(table[rows[i / 4] * 4 + i % 4]));
    cr_assert_eq(w.tn->move(&x, w.scope, x, TN_FLOAT64, TN_CPU, &e), ERR_OK);
    cr_expect_eq(w.tn->linear(&y, w.scope, x, halved(&w, table, 5, 4), NULL, NULL, false, &e),
                 ERR_SHAPE);
    cr_expect_null(y);
    free(table);
    world_close(&w);
}

/* --- models ------------------------------------------------------------------------------ */

enum { N_TARGET = 8 };
static const int32_t source_ids[] = {4, 9, 17, 30, 52, 0},
                     decoder_ids[N_TARGET] = {143, 7, 61, 80, 22, 90, 5, 0};
static const int32_t text_ids[N_TARGET] = {5, 270, 31, 44, 290, 12, 77, 301};

static float *logits_of(const char *path, enum model_dtype dtype, int64_t *n,
                        int64_t *weight_bytes) {
    const struct model_options options = {.dtype = dtype};
    struct model *m;
    struct forward *f;
    struct err e = {0};
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    const bool two = model_config(m)->encoder_decoder;
    const struct forward_input in = {.n_batch = 1,
                                     .source_ids = two ? source_ids : NULL,
                                     .n_source = two ? 6 : 0,
                                     .target_ids = two ? decoder_ids : text_ids,
                                     .n_target = N_TARGET};
    cr_assert_eq(model_forward(&f, m, &in, NULL, &e), ERR_OK, "%s", e.message);
    *n = N_TARGET * model_config(m)->n_vocab;
    float *logits = malloc((size_t)*n * sizeof *logits);
    struct position at[N_TARGET] = {0};
    for (int i = 0; i < N_TARGET; i++)
        at[i].row = i;
    cr_assert_eq(forward_logits(f, at, N_TARGET, logits, &e), ERR_OK);
    cr_expect_str_eq(model_dtype_name(m), dtype == MODEL_BFLOAT16 ? "bfloat16" : "float32");
    cr_expect_eq(model_bfloat16_slow(m),
                 dtype == MODEL_BFLOAT16 && !tn_load(&e)->multiplies_bf16(TN_CPU));
    *weight_bytes = model_weight_bytes(m);
    forward_free(f);
    model_free(m);
    cr_expect_eq(tn_load(&e)->live_handles(), 0);
    return logits;
}

static void check_model(const char *path) {
    int64_t n, exact_bytes, half_bytes;
    float *exact = logits_of(path, MODEL_FLOAT32, &n, &exact_bytes),
          *half = logits_of(path, MODEL_BFLOAT16, &n, &half_bytes);
    double largest = 0, worst = 0;
    for (int64_t i = 0; i < n; i++) {
        const double difference = fabs((double)exact[i] - half[i]);
        largest = fmax(largest, fabs(exact[i]));
        worst = difference <= worst ? worst : difference;
    }
    cr_expect(worst > 0 && worst <= 0.03 * largest, "%s: logits differ by %g of %g", path, worst,
              largest);
    cr_expect(half_bytes < 0.6 * (double)exact_bytes, "%s: %lld bytes, %lld in float32", path,
              (long long)half_bytes, (long long)exact_bytes);
    free(exact);
    free(half);
}

Test(bf16, logits_of_a_llama_are_close_to_float32) {
    check_model("tests/fixtures/tiny/llama");
}
Test(bf16, logits_of_a_gpt2_are_close_to_float32) {
    check_model("tests/fixtures/tiny/gpt2");
}
Test(bf16, logits_of_a_marian_model_are_close_to_float32) {
    check_model("tests/fixtures/tiny/marian");
}

static bool is_matrix(const struct weight_info *t) {
    return t->n_dims == 2 && t->dims[0] > 1;
}

/* A float32 safetensors file again, its matrices as bfloat16. */
static void write_halved(const char *from, const char *to) {
    struct weights *w;
    struct err e = {0};
    cr_assert_eq(weights_open(&w, from, &e), ERR_OK, "%s", e.message);
    char *header;
    size_t n_header, at = 0;
    FILE *text = open_memstream(&header, &n_header), *out = fopen(to, "wb");
    cr_assert(text && out);
    for (size_t i = 0; i < weights_count(w); i++) {
        const struct weight_info *t = weights_at(w, i);
        const size_t bytes = (size_t)t->n_elements * (is_matrix(t) ? 2 : 4);
        fprintf(text, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[%lld", i ? "," : "{", t->name,
                is_matrix(t) ? "BF16" : "F32", (long long)t->dims[0]);
        for (int d = 1; d < t->n_dims; d++)
            fprintf(text, ",%lld", (long long)t->dims[d]);
        fprintf(text, "],\"data_offsets\":[%zu,%zu]}", at, at + bytes);
        at += bytes;
    }
    fputs("}", text);
    while (ftell(text) % 8)
        fputc(' ', text);
    fclose(text);
    const uint64_t length = n_header;
    fwrite(&length, sizeof length, 1, out);
    fwrite(header, 1, n_header, out);
    for (size_t i = 0; i < weights_count(w); i++) {
        const struct weight_info *t = weights_at(w, i);
        float *values = malloc((size_t)t->n_elements * sizeof *values);
        uint16_t *halves = malloc((size_t)t->n_elements * sizeof *halves);
        cr_assert_eq(weights_read_f32(w, t, values, &e), ERR_OK);
        round_to_bf16(halves, values, (size_t)t->n_elements);
        fwrite(is_matrix(t) ? (void *)halves : (void *)values, is_matrix(t) ? 2 : 4,
               (size_t)t->n_elements, out);
        free(values);
        free(halves);
    }
    cr_assert_eq(fclose(out), 0);
    free(header);
    weights_close(w);
}

/* The folder `from` again, its weights halved; returns where, for the caller to remove. */
static char *halved_checkpoint(const char *from) {
    char *folder = strdup("/tmp/tinseq-bf16-XXXXXX"), old[512], new[512];
    cr_assert_not_null(mkdtemp(folder));
    DIR *d = opendir(from);
    for (struct dirent *f; (f = readdir(d));) {
        snprintf(old, sizeof old, "%s/%s", from, f->d_name);
        snprintf(new, sizeof new, "%s/%s", folder, f->d_name);
        char *real = realpath(old, NULL);
        if (strcmp(f->d_name, "model.safetensors") == 0)
            write_halved(old, new);
        else if (f->d_name[0] != '.')
            cr_assert_eq(symlink(real, new), 0);
        free(real);
    }
    closedir(d);
    return folder;
}

static void remove_folder(char *folder) {
    char path[512];
    DIR *d = opendir(folder);
    for (struct dirent *f; (f = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
        unlink(path);
    }
    closedir(d);
    cr_expect_eq(rmdir(folder), 0);
    free(folder);
}

/* Positions are no factors: they are widened from the file, hence the architectures without a table
 * of them. */
Test(bf16, checkpoint_that_stores_it_gives_the_same_bits_as_one_that_is_rounded) {
    static const char *const paths[] = {"tests/fixtures/tiny/llama", "tests/fixtures/tiny/marian"};
    for (int i = 0; i < 2; i++) {
        int64_t n, bytes, mapped_bytes;
        char *folder = halved_checkpoint(paths[i]);
        float *rounded = logits_of(paths[i], MODEL_BFLOAT16, &n, &bytes),
              *mapped = logits_of(folder, MODEL_BFLOAT16, &n, &mapped_bytes);
        cr_expect_eq(memcmp(rounded, mapped, (size_t)n * sizeof *rounded), 0, "%s", paths[i]);
        cr_expect_eq(bytes, mapped_bytes);
        free(rounded);
        free(mapped);
        remove_folder(folder);
    }
}
