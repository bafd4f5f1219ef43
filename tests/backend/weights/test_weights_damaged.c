/* Files that are cut, contradict themselves or attack: an error that says what is wrong, never a
 * crash. */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/weights/store.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A copy of exactly n bytes, so that the address sanitizer sees a read of one byte more. */
static enum err_code open_copy(const void *data, size_t n, struct err *e) {
    unsigned char *copy = malloc(n ? n : 1);
    memcpy(copy, data, n);
    struct weights *w;
    enum err_code code = weights_open_bytes(&w, copy, n, e);
    if (code != ERR_OK) {
        cr_expect_null(w);
        cr_expect(e->message[0] != '\0' && e->code == code);
    }
    for (size_t i = 0; code == ERR_OK && i < weights_count(w); i++) {
        const struct weight_info *info = weights_at(w, i);
        float *values = malloc((size_t)info->n_elements * sizeof *values + 1);
        cr_expect_eq(weights_read_f32(w, info, values, e), ERR_OK);
        (void)!weights_read_ordered_f32(w, info, (const int64_t[]){0}, 1, values, e);
        free(values);
    }
    weights_close(w);
    free(copy);
    return code;
}

static void expect_refused(const char *fixture) {
    char *path = mem_format("%s/weights/%s", getenv("TINSEQ_FIXTURES"), fixture), *data;
    size_t n;
    struct err e = {0};
    cr_assert_eq(file_read(&data, &n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(open_copy(data, n, &e), ERR_OK, "%s", e.message);
    for (size_t cut = 0; cut < n; cut++) {
        enum err_code code = open_copy(data, cut, &e);
        /* A GGUF file may end in padding that no tensor needs. */
        cr_expect(code == ERR_FORMAT || code == ERR_UNSUPPORTED || cut + 32 > n,
                  "%s cut at %zu of %zu was accepted", fixture, cut, n);
    }
    free(data);
    free(path);
}

Test(weights_damaged, gguf_cut_at_every_byte_is_refused) {
    expect_refused("every_type.gguf");
}
Test(weights_damaged, safetensors_cut_at_every_byte_is_refused) {
    expect_refused("plain.safetensors");
}
Test(weights_damaged, marian_cut_at_every_byte_is_refused) {
    expect_refused("native.bin");
}

static void expect_header(const char *json, size_t n_data, enum err_code want, const char *part) {
    size_t n_json = strlen(json), n = 8 + n_json + n_data;
    unsigned char *file = mem_alloc(n);
    uint64_t length = n_json;
    memcpy(file, &length, 8);
    memcpy(file + 8, json, n_json);
    struct err e = {0};
    cr_expect_eq(open_copy(file, n, &e), want, "%s: %s", json, e.message);
    cr_expect(!part || strstr(e.message, part), "%s: %s", json, e.message);
    free(file);
}

Test(weights_damaged, safetensors_headers_that_lie) {
    expect_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, ERR_OK,
                  NULL);
    expect_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 7, ERR_FORMAT,
                  "tensor a");
    expect_header("{\"a\\u0000b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
                  ERR_FORMAT, "NUL");
    expect_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8, ERR_FORMAT,
                  "needs 12 bytes");
    expect_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8, ERR_FORMAT,
                  "tensor a");
    expect_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8,
                  ERR_FORMAT, "shape");
    expect_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,8]}}", 8,
                  ERR_FORMAT, "shape");
    expect_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1e15,1e15,1e15],\"data_offsets\":[0,8]}}",
                  8, ERR_FORMAT, "shape");
    expect_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1e15,4611],\"data_offsets\":[0,8]}}", 8,
                  ERR_FORMAT, "size");
    expect_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4,
                  ERR_UNSUPPORTED, "dimensions");
    expect_header("{\"a\":{\"dtype\":\"F8_E8M0\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2,
                  ERR_UNSUPPORTED, "F8_E8M0");
    expect_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{"
                  "\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}",
                  8, ERR_FORMAT, "overlap");
    expect_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{"
                  "\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
                  8, ERR_FORMAT, "two tensors");
    expect_header("{\"a\":7}", 8, ERR_FORMAT, "tensor a");
    expect_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 8, ERR_FORMAT, "tensor a");
    expect_header("{\"\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, ERR_FORMAT,
                  "name");
    expect_header("{]", 8, ERR_FORMAT, "JSON");
    struct text_buffer deep = {0};
    for (int i = 0; i < 100000; i++)
        text_buffer_puts(&deep, "{\"a\":");
    expect_header(deep.text, 8, ERR_FORMAT, "JSON");
    text_buffer_dispose(&deep);
}

Test(weights_damaged, header_lengths_beyond_the_file_are_refused) {
    struct err e = {0};
    unsigned char file[16] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, '{'};
    cr_expect_eq(open_copy(file, sizeof file, &e), ERR_FORMAT);
    memcpy(file, "\x10\0\0\0\0\0\0\0", 8);
    cr_expect_eq(open_copy(file, sizeof file, &e), ERR_FORMAT);
    cr_expect_not_null(strstr(e.message, "cut short"), "%s", e.message);
}

static void put32(struct text_buffer *b, uint32_t v) {
    text_buffer_add(b, (char *)&v, 4);
}
static void put64(struct text_buffer *b, uint64_t v) {
    text_buffer_add(b, (char *)&v, 8);
}

/* A GGUF file with one F32 tensor of the dims given, at an offset. */
static void expect_gguf(uint64_t d0, uint64_t d1, uint32_t type, uint64_t offset, size_t n_data,
                        enum err_code want, const char *part) {
    struct text_buffer b = {0};
    struct err e = {0};
    text_buffer_add(&b, "GGUF\3\0\0\0", 8);
    put64(&b, 1);
    put64(&b, 0);
    put64(&b, 1);
    text_buffer_add(&b, "t", 1);
    put32(&b, 2);
    put64(&b, d0);
    put64(&b, d1);
    put32(&b, type);
    put64(&b, offset);
    while (b.n % 32)
        text_buffer_add(&b, "", 1);
    for (size_t i = 0; i < n_data; i++)
        text_buffer_add(&b, "", 1);
    cr_expect_eq(open_copy(b.text, b.n, &e), want, "%s", e.message);
    cr_expect(!part || strstr(e.message, part), "%s", e.message);
    text_buffer_dispose(&b);
}

Test(weights_damaged, gguf_sizes_and_offsets_that_lie) {
    expect_gguf(2, 2, 0, 0, 16, ERR_OK, NULL);
    expect_gguf(2, 2, 0, 32, 48, ERR_OK, NULL);
    expect_gguf(2, 2, 0, 0, 15, ERR_FORMAT, "tensor t");
    expect_gguf(2, 2, 0, 4, 32, ERR_FORMAT, "aligned");
    expect_gguf(2, 2, 0, UINT64_MAX - 31, 32, ERR_FORMAT, "tensor t");
    expect_gguf(1ull << 62, 4, 0, 0, 16, ERR_FORMAT, "shape");
    expect_gguf(1ull << 63, 1, 0, 0, 16, ERR_FORMAT, NULL);
    expect_gguf(1ull << 61, 1, 0, 0, 16, ERR_FORMAT, "size");
    expect_gguf(0, 1ull << 60, 0, 0, 16, ERR_OK,
                NULL); /* any number of empty rows: nothing, at once */
    expect_gguf(33, 1, 2, 0, 36, ERR_FORMAT, "Q4_0");
    expect_gguf(256, 1, 15, 0, 84, ERR_UNSUPPORTED, "Q8_K");
    expect_gguf(256, 1, 12345, 0, 84, ERR_UNSUPPORTED, "12345");
}

Test(weights_damaged, gguf_counts_beyond_the_file_allocate_nothing) {
    struct text_buffer b = {0};
    struct err e = {0};
    text_buffer_add(&b, "GGUF\3\0\0\0", 8);
    put64(&b, 1ull << 60);
    put64(&b, 1ull << 60);
    cr_expect_eq(open_copy(b.text, b.n, &e), ERR_FORMAT);
    b.n = 8;
    put64(&b, 0);
    put64(&b, 1);
    put64(&b, 1);
    text_buffer_add(&b, "k", 1);
    put32(&b, 9); /* an array … */
    size_t here = b.n;
    put32(&b, 8);
    put64(&b, 1ull << 61); /* … of so many strings */
    cr_expect_eq(open_copy(b.text, b.n, &e), ERR_FORMAT);
    b.n = here;
    for (int i = 0; i < 2000; i++) { /* arrays in arrays */
        put32(&b, 9);
        put64(&b, 1);
    }
    cr_expect_eq(open_copy(b.text, b.n, &e), ERR_FORMAT);
    text_buffer_dispose(&b);
}

Test(weights_damaged, other_formats_are_named) {
    struct err e = {0};
    cr_expect_eq(open_copy("PK\3\4aaaaaaaaaaaaaaaa", 20, &e), ERR_FORMAT);
    cr_expect_not_null(strstr(e.message, "zip"));
    cr_expect_eq(open_copy("", 0, &e), ERR_FORMAT);
    cr_expect_eq(open_copy("just some text, no model", 24, &e), ERR_FORMAT);
    struct weights *w;
    cr_expect_eq(weights_open(&w, "/nowhere/model.gguf", &e), ERR_IO);
    cr_expect_eq(weights_open(&w, "/tmp", &e), ERR_IO);
}

Test(weights_damaged, shards_outside_the_folder_are_refused) {
    char folder[] = "/tmp/tinseq-index-XXXXXX";
    cr_assert_not_null(mkdtemp(folder));
    char *path = file_join(folder, "model.safetensors.index.json");
    static const char *const files[] = {
        "\"../x.safetensors\"",   "\"/etc/passwd\"", "\"..\"", "\"\"", "7",
        "\"missing.safetensors\""};
    struct err e = {0};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *json = mem_format("{\"weight_map\": {\"x\": %s}}", files[i]);
        struct weights *w;
        cr_assert_eq(file_write(path, json, strlen(json), &e), ERR_OK);
        cr_expect_neq(weights_open(&w, path, &e), ERR_OK);
        cr_expect_null(w);
        free(json);
    }
    cr_expect_not_null(strstr(e.message, "model.safetensors.index.json needs missing.safetensors"),
                       "%s", e.message);
    unlink(path);
    rmdir(folder);
    free(path);
}
