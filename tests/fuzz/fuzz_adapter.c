/* What stands beside a checkpoint: adapter_config.json and the index of shards (JSON), an adapter's
 * tensors that are merged into a base, the names of wrapped models, the scales of FP8. */
#include "backend/adapter.h"
#include "backend/weights/store.h"
#include "tests/fuzz/as_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int fuzz_one(const uint8_t *data, size_t n);

static void must(bool condition) {
    if (!condition)
        abort();
}

static void check(enum err_code code, const struct err *e) {
    must(code == ERR_OK || (e->code == code && e->message[0] != '\0' && code != ERR_INTERNAL));
}

static void try_json(const uint8_t *data, size_t n) {
    struct adapter a;
    struct err e = {0};
    char **names, *base;
    size_t n_names;
    enum err_code code = adapter_read(&a, as_file(data, n), &e);
    check(code, &e);
    if (!code) {
        check(adapter_find_base(&base, &a, "/nowhere", &e), &e);
        free(base);
        adapter_dispose(&a);
    }
    check(index_read(&names, &n_names, data, n, "index", &e), &e);
    for (size_t i = 0; i < n_names; i++) {
        must(!strchr(names[i], '/') && strcmp(names[i], "..") != 0);
        free(names[i]);
    }
    free(names);
}

static void decode_all(const struct weights *w) {
    struct err e = {0};
    for (size_t i = 0; i < weights_count(w); i++) {
        const struct weight_info *info = weights_at(w, i);
        float *out = malloc((size_t)info->n_elements * sizeof *out + 1);
        check(weights_read_f32(w, info, out, &e), &e);
        must(weights_find(w, info->name) == info);
        free(out);
    }
}

static struct weights *open_bytes(const uint8_t *data, size_t n) {
    struct weights *w;
    struct err e = {0};
    return weights_open_bytes(&w, data, n, &e) == ERR_OK ? w : NULL;
}

static void try_merge(const uint8_t *data, size_t n, bool wrapped, bool transposed) {
    static struct adapter_alpha other[] = {{(char *)"b", 9}};
    const struct adapter a = {.alpha = 6, .transposed = transposed, .alphas = other, .n_alphas = 1};
    struct weights *base, *adapter = open_bytes(data, n);
    struct err e = {0};
    if (!adapter)
        return;
    must(weights_open(&base, "fixtures/weights/lora.base.safetensors", &e) == ERR_OK);
    enum err_code code = weights_merge(base, adapter, &a, wrapped, &e);
    check(code, &e);
    if (!code)
        decode_all(base);
    weights_close(base);
}

static void try_names(const uint8_t *data, size_t n) {
    struct weights *w = open_bytes(data, n);
    struct err e = {0};
    char *left_out = NULL;
    size_t n_left_out;
    if (!w)
        return;
    const size_t before = weights_count(w);
    enum err_code code = weights_take_scales(w, 2, 3, &e);
    check(code, &e);
    if (code)
        goto out;
    code = weights_unwrap(w, &left_out, &n_left_out, &e);
    check(code, &e);
    if (code)
        goto out;
    must(weights_count(w) + n_left_out <= before);
    decode_all(w);
out:
    free(left_out);
    weights_close(w);
}

int fuzz_one(const uint8_t *data, size_t n) {
    if (n > 0 && data[0] == '{') {
        try_json(data, n);
        return 0;
    }
    for (int i = 0; i < 4; i++)
        try_merge(data, n, i & 1, i & 2);
    try_names(data, n);
    return 0;
}
