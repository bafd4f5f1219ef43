/* torch.save's files against what torch reads from them (tests/fixtures/make_weights.py), and those
 * that lie or attack. */
#include "backend/base/mem.h"
#include "backend/weights/store.h"
#include "tests/backend/weights/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool same(float a, float b) {
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* The expected numbers lie in the order of the names, which is the file's. */
static void expect_all(const struct weights *w) {
    size_t n, at = 0;
    char *expected = read_fixture("torch.expected.f32", &n);
    const float *want = (const float *)(void *)expected;
    struct err e = {0};
    cr_assert_eq(weights_format(w), WEIGHT_FORMAT_PYTORCH);
    cr_assert_eq(weights_count(w), 20);
    for (size_t i = 0; i < weights_count(w); i++) {
        const struct weight_info *info = weights_at(w, i);
        float *got = mem_alloc((size_t)info->n_elements * sizeof *got);
        cr_assert_eq(weights_read_f32(w, info, got, &e), ERR_OK, "%s", e.message);
        cr_assert((at + (size_t)info->n_elements) * 4 <= n);
        for (int64_t k = 0; k < info->n_elements; k++, at++)
            cr_expect(same(got[k], want[at]), "%s[%d] is %g, not %g", info->name, (int)k,
                      (double)got[k], (double)want[at]);
        free(got);
    }
    cr_expect_eq(at * 4, n);
    free(expected);
}

Test(pytorch, both_forms_of_torch_save_read_as_torch_reads_them) {
    static const char *const files[] = {"torch.bin", "torch.old.bin"};
    for (size_t i = 0; i < 2; i++) {
        struct weights *w = open_fixture(files[i]);
        expect_all(w);
        cr_expect_eq(weights_find(w, "c.transposed")->dims[0], 6);
        cr_expect_eq(weights_find(w, "s.scalar")->n_dims, 0);
        cr_expect_null(weights_raw(w, weights_find(w, "c.transposed")), "its rows lie apart");
        cr_expect_eq(weights_raw(w, weights_find(w, "b.tied")),
                     weights_raw(w, weights_find(w, "a.table")));
        weights_close(w);
    }
}

Test(pytorch, tensors_of_the_zip_form_are_used_where_they_lie) {
    struct weights *w = open_fixture("torch.bin");
    const float *table = weights_raw(w, weights_find(w, "a.table"));
    cr_assert_not_null(table);
    cr_expect(table[0] == 0 && table[23] == 23);
    weights_close(w);
}

Test(pytorch, rows_of_views_are_those_of_the_whole) {
    struct weights *w = open_fixture("torch.bin");
    struct err e = {0};
    float row[4], part[3];
    cr_assert_eq(weights_read_rows_f32(w, weights_find(w, "c.transposed"), 2, 1, row, &e), ERR_OK);
    cr_expect(row[0] == 2 && row[1] == 8 && row[2] == 14 && row[3] == 20);
    cr_assert_eq(weights_read_rows_f32(w, weights_find(w, "d.part"), 1, 1, part, &e), ERR_OK);
    cr_expect(part[0] == 14 && part[1] == 15 && part[2] == 16);
    weights_close(w);
}

Test(pytorch, shards_are_read_through_their_index) {
    struct weights *w = open_fixture("pytorch_model.bin.index.json");
    struct err e = {0};
    float x[4], y[3];
    cr_expect_eq(weights_count(w), 2);
    cr_assert_eq(weights_read_f32(w, weights_find(w, "x"), x, &e), ERR_OK);
    cr_assert_eq(weights_read_f32(w, weights_find(w, "y"), y, &e), ERR_OK);
    cr_expect(x[3] == 1.5f && y[2] == -2);
    weights_close(w);
}

/* --- what is refused --------------------------------------------------------------------- */

/* A copy of exactly n bytes, so that the address sanitizer sees a read of one byte more. */
static enum err_code open_copy(const void *data, size_t n, struct err *e) {
    unsigned char *copy = malloc(n ? n : 1);
    memcpy(copy, data, n);
    struct weights *w;
    enum err_code code = weights_open_bytes(&w, copy, n, e);
    weights_close(w);
    free(copy);
    return code;
}

Test(pytorch, files_cut_at_every_byte_are_refused) {
    static const char *const files[] = {"torch.bin", "torch.old.bin"};
    struct err e = {0};
    for (size_t i = 0; i < 2; i++) {
        size_t n;
        char *data = read_fixture(files[i], &n);
        cr_assert_eq(open_copy(data, n, &e), ERR_OK, "%s", e.message);
        for (size_t cut = 0; cut < n; cut++)
            cr_expect_neq(open_copy(data, cut, &e), ERR_OK, "%s cut at %zu", files[i], cut);
        free(data);
    }
}

#define BEFORE                                                                                     \
    "\x80\2\x8a\nl\xfc\x9c\x46\xf9\x20j\xa8P\x19.\x80\2M\xe9\3.\x80\2}X\15\0\0\0little_"           \
    "endian\x88s."

/* The older form with this pickle in place of the weights'. */
static void expect_pickle(const char *pickle, size_t n, enum err_code want, const char *part) {
    struct text_buffer b = {0};
    struct err e = {0};
    text_buffer_add(&b, BEFORE, sizeof BEFORE - 1);
    text_buffer_add(&b, pickle, n);
    cr_expect_eq(open_copy(b.text, b.n, &e), want, "%s", e.message);
    cr_expect(strstr(e.message, part), "%s", e.message);
    text_buffer_dispose(&b);
}
#define PICKLE(text, want, part) expect_pickle(text, sizeof(text) - 1, want, part)

Test(pytorch, a_pickle_that_calls_anything_is_refused_by_name) {
    PICKLE("\x80\2cposix\nsystem\nX\2\0\0\0id\x85R.", ERR_UNSUPPORTED,
           "calls posix.system: refused, a checkpoint never runs code");
    PICKLE("\x80\4\x8c\5posix\x8c\6system\x93)R.", ERR_UNSUPPORTED, "calls posix.system: refused");
    PICKLE("(iposix\nsystem\n.", ERR_UNSUPPORTED, "calls posix.system: refused");
    PICKLE("\x80\2cnumpy.core.multiarray\n_reconstruct\n.", ERR_UNSUPPORTED,
           "calls numpy.core.multiarray._reconstruct: refused");
    PICKLE("\x80\2c__builtin__\neval\n0}.", ERR_UNSUPPORTED, "calls __builtin__.eval: refused");
    PICKLE("\x80\2ctorch._utils\n_rebuild_tensor_v2\n0b.", ERR_FORMAT, "needs more values");
}

#define TENSOR(numel, offset, size, stride)                                                        \
    "\x80\2}X\1\0\0\0tctorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storagectorch\nFloatStorage\n" \
    "X\1\0\0\0"                                                                                    \
    "0X\3\0\0\0cpuK" numel "NtQK" offset size stride "\x89)tRs."
#define STORAGE                                                                                    \
    "\x80\2]X\1\0\0\0"                                                                             \
    "0a.\4\0\0\0\0\0\0\0"                                                                          \
    "0123456789abcdef"

Test(pytorch, views_that_lie_are_refused) {
    PICKLE(TENSOR("\4", "\0", "K\2K\2\x86", "K\2K\1\x86") STORAGE "no more", ERR_OK, "");
    PICKLE(TENSOR("\4", "\1", "K\2K\2\x86", "K\2K\1\x86") STORAGE, ERR_FORMAT,
           "tensor t leaves its storage");
    PICKLE(TENSOR("\4", "\0", "K\2K\2\x86", "K\3K\1\x86") STORAGE, ERR_FORMAT,
           "tensor t leaves its storage");
    PICKLE(TENSOR("\4", "\0", "K\3K\2\x86", "K\0K\1\x86") STORAGE, ERR_UNSUPPORTED,
           "tensor t repeats elements of its storage");
    PICKLE(TENSOR("\4", "\0", "K\2K\2\x86", "K\1\x85") STORAGE, ERR_FORMAT, "shape or stride");
    PICKLE(TENSOR("\4", "\0", "J\377\377\377\377\x85", "K\1\x85") STORAGE, ERR_FORMAT,
           "shape or stride");
    PICKLE(TENSOR("\4", "\21", "K\1\x85", "K\1\x85") STORAGE, ERR_FORMAT, "no place in a storage");
    PICKLE(TENSOR("\4", "\0", "\x8a\7\377\377\377\377\377\377\17\x85", "K\1\x85") STORAGE,
           ERR_FORMAT, "leaves its storage");
    PICKLE(TENSOR("\5", "\0", "K\2\x85", "K\1\x85") STORAGE, ERR_FORMAT, "storage 1 of 1");
    PICKLE(TENSOR("\4", "\0", "K\2\x85", "K\1\x85") "\x80\2].", ERR_FORMAT,
           "a storage is not there");
}

Test(pytorch, what_is_no_dict_of_tensors_is_refused) {
    PICKLE("\x80\2].", ERR_UNSUPPORTED, "no dict of named tensors");
    PICKLE("\x80\2}K\1K\2s.", ERR_UNSUPPORTED, "no dict of named tensors");
    PICKLE("\x80\2}X\5\0\0\0epochK\2s.\x80\2].", ERR_UNSUPPORTED, "entry epoch is no tensor");
    PICKLE("\x80\2}X\1\0\0\0t}s.\x80\2].", ERR_UNSUPPORTED, "entry t is no tensor");
}

Test(pytorch, a_memo_that_goes_in_circles_or_beyond_is_harmless) {
    /* A list that holds itself, under a name of the dict. */
    PICKLE("\x80\2}X\1\0\0\0t]q\0h\0as.\x80\2].", ERR_UNSUPPORTED, "entry t is no tensor");
    PICKLE("\x80\2}r\377\377\377\177.", ERR_FORMAT, "a memo's index");
    PICKLE("\x80\2h\7.", ERR_FORMAT, "a memo's index");
    PICKLE("\x80\2}R.", ERR_FORMAT, "needs more values");
    PICKLE("\x80\2t.", ERR_FORMAT, "needs a mark");
    PICKLE("\x80\2\x8f.", ERR_UNSUPPORTED, "opcode 0x8F");
    PICKLE("\x80\2X\377\377\377\377.", ERR_FORMAT, "cut short");
}
