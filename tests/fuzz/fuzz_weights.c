/* GGUF, safetensors, torch.save's files and Marian binaries: open, look at everything, decode
 * everything. */
#include "backend/weights/pickle.h"
#include "backend/weights/store.h"
#include "tests/fuzz/allocated.h"

#include <stdint.h>
#include <stdlib.h>

int fuzz_one(const uint8_t *data, size_t n);

volatile uint64_t fuzz_sink; /* keeps reads whose values no one needs */

static void must(bool condition) {
    if (!condition)
        abort();
}

static uint64_t sum_of(const char *text, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (unsigned char)text[i];
    return sum;
}

static uint64_t look_at_meta(const struct weights *w, const char *key) {
    uint64_t sum = 0;
    const char *text;
    size_t n = 0;
    int64_t number;
    double real;
    bool flag;
    if (weights_meta_text(w, key, &text, &n))
        sum += sum_of(text, n);
    sum += weights_meta_int(w, key, &number) + weights_meta_float(w, key, &real) +
           weights_meta_bool(w, key, &flag);
    if (weights_meta_array_size(w, key, &n))
        for (size_t i = 0; i <= n && i < 100000; i++) {
            size_t length;
            if (weights_meta_array_text(w, key, i, &text, &length))
                sum += sum_of(text, length);
            else
                sum += weights_meta_array_int(w, key, i, &number);
        }
    return sum;
}

static void decode(const struct weights *w, const struct weight_info *info, size_t n_file) {
    struct err e = {0};
    /* The densest form stores 256 elements in 50 bytes, so that a file cannot make its reader
     * allocate much more than itself. */
    must(info->n_elements >= 0 && (uint64_t)info->n_elements <= (uint64_t)n_file * 6);
    float *out = malloc((size_t)info->n_elements * sizeof *out + 1);
    must(weights_read_f32(w, info, out, &e) == ERR_OK);
    (void)!weights_read_ordered_f32(w, info, (const int64_t[]){0}, 1, out, &e);
    (void)weights_raw(w, info);
    must(weights_find(w, info->name) == info);
    free(out);
}

int fuzz_one(const uint8_t *data, size_t n) {
    struct weights *w;
    struct err e = {0};
    fuzz_allocated = 0;
    enum err_code code = weights_open_bytes(&w, data, n, &e);
    /* No reader asks for more for each byte than that of pickles; a list's first room is the rest.
     */
    must(fuzz_allocated <= n * PICKLE_MEMORY + (1u << 16));
    must((code == ERR_OK) == (w != NULL));
    must(code == ERR_OK || (e.code == code && e.message[0] != '\0' && code != ERR_INTERNAL));
    if (!w)
        return 0;
    for (size_t i = 0; i < weights_count(w); i++)
        decode(w, weights_at(w, i), n);
    for (size_t i = 0; i < w->n_meta; i++)
        fuzz_sink += look_at_meta(w, w->meta[i].key);
    weights_close(w);
    return 0;
}
