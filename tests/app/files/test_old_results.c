/* Files of older releases of Inseq, and every way that each of them writes one
 * (tests/fixtures/make_old_results.py). */
#include "app/files/export_file.h"
#include "app/files/result_file.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "methods/result/join.h"
#include "views/export/result_json.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static char *fixture(const char *release, const char *ending) {
    return mem_format("%s/results/old/%s%s", getenv("TINSEQ_FIXTURES"), release, ending);
}

static struct attribution *load(const char *release, const char *ending) {
    struct attribution *a;
    struct err e = {0};
    char *path = fixture(release, ending);
    cr_assert_eq(result_file_load(&a, path, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(a->info.notices.n, 0, "%s", path);
    free(path);
    return a;
}

/* As it stands in the file, which may be packed. */
static char *text_of(const char *release, const char *ending) {
    char *path = fixture(release, ending), *text = mem_alloc(1 << 16);
    gzFile file = gzopen(path, "rb");
    cr_assert(file && gzread(file, text, (1 << 16) - 1) > 0, "%s", path);
    gzclose(file);
    free(path);
    return text;
}

static void expect_written(const struct attribution *a, const struct export_how *how,
                           const char *want, const char *name) {
    struct text_buffer b = {0};
    result_json_write(&b, a, how);
    size_t same = 0;
    while (want[same] && want[same] == b.text[same])
        same++;
    cr_expect_str_eq(b.text, want, "%s differs at byte %zu: %.60s", name, same, b.text + same);
    text_buffer_dispose(&b);
}

Test(old_results, each_release_and_way_of_writing_is_the_same_result) {
    static const char *const releases[] = {"0.4.0", "0.5.0", "0.6.0", "0.7.1"},
                             *const endings[] = {".json", ".lists.json", ".primitives.json",
                                                 ".json.gz"};
    char *want = text_of("0.7.1", ".json");
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++) {
            struct attribution *a = load(releases[i], endings[k]);
            expect_written(a, NULL, want, endings[k]);
            attribution_release(a);
        }
    free(want);
}

Test(old_results, split_sequences_are_joined) {
    static const char *const releases[] = {"0.4.0", "0.5.0", "0.6.0", "0.7.1"};
    char *want = text_of("0.7.1", ".json");
    for (int i = 0; i < 4; i++) {
        struct attribution *a = load(releases[i], ".split_0.json");
        attribution_join_take(a, load(releases[i], ".split_1.json"));
        expect_written(a, NULL, want, releases[i]);
        attribution_release(a);
    }
    free(want);
}

Test(old_results, step_attributions_are_read_and_written_in_every_way) {
    static const char *const sources[][2] = {{"0.7.1", ".steps.json"},
                                             {"0.7.1", ".steps.lists.json"},
                                             {"0.7.1", ".steps.json.gz"},
                                             {"0.4.0", ".steps.json"},
                                             {"0.4.0", ".steps.lists.json"},
                                             {"0.4.0", ".steps.json.gz"},
                                             {"0.4.0", ".steps.primitives.json"},
                                             {"0.7.1", ".steps.primitives.json"}};
    char *packed = text_of("0.7.1", ".steps.json.gz"),
         *lists = text_of("0.7.1", ".steps.lists.json"),
         *primitives = text_of("0.7.1", ".steps.primitives.json");
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct attribution *a = load(sources[i][0], sources[i][1]);
        cr_assert_eq(a->steps.n, 2);
        cr_expect_eq(a->steps.items[1].prefix.items[0].n, 2);
        expect_written(a, NULL, packed, sources[i][1]);
        expect_written(a, &(struct export_how){.lists = true}, lists, sources[i][1]);
        expect_written(a, &(struct export_how){.primitives = true}, primitives, sources[i][1]);
        attribution_release(a);
    }
    free(packed);
    free(lists);
    free(primitives);
}

Test(old_results, steps_are_copied_and_joined) {
    struct attribution *a = load("0.7.1", ".steps.json"), *b = load("0.7.1", ".json"),
                       *c = attribution_new(0);
    cr_assert(steps_copy(&c->steps, &a->steps));
    attribution_join_take(a, c);
    cr_expect_eq(a->steps.n, 4);
    cr_expect_eq(a->steps.items[3].source_attributions.dims[2], 40);
    attribution_join_take(a, b);
    cr_expect_null(a->steps.items);
    cr_expect_eq(a->info.notices.n, 1); /* that they are left out */
    attribution_release(a);
}

static enum err_code parse_with(const char *target, struct err *e) {
    struct attribution *a;
    char *text = mem_format("{\"sequence_attributions\": [{\"attr_pos_start\": 0, \"source\": [], "
                            "\"target\": [{\"id\": 1, \"token\": \"a\"}, {\"id\": 2, \"token\": "
                            "\"b\"}], \"target_attributions\": %s}]}",
                            target);
    const enum err_code code = result_file_parse(&a, text, strlen(text), e);
    attribution_release(a);
    free(text);
    return code;
}

Test(old_results, arrays_that_are_none_are_told) {
    static const char *const cases[][2] = {
        {"[[1, 2], [3]]", "uneven lists"},
        {"[[1, 2], [3, \"4\"]]", "no number"},
        {"[[[[[[1]]]]]]", "more than 5 lists"},
        {"{\"__ndarray__\": \"b65:\", \"dtype\": \"float32\", \"shape\": [2, 2]}",
         "neither \"b64:\""},
        {"{\"__ndarray__\": \"b64:AAAA\", \"dtype\": \"float32\", \"shape\": [2, 2]}",
         "shape and data disagree"},
        {"{\"__ndarray__\": \"b64.gz:AAAA\", \"dtype\": \"float32\", \"shape\": [2, 2]}",
         "damaged"},
        {"{\"__ndarray__\": \"b64:AAAA\", \"dtype\": \"object\", \"shape\": [2, 2]}",
         "none of float32"},
        {"{\"__ndarray__\": \"b64:AAAA\", \"dtype\": \"float64\", \"shape\": [2, -2]}",
         "impossible dimension"},
        {"{\"__ndarray__\": \"b64:AAAA\", \"dtype\": \"float32\", \"shape\": [4294967296, "
         "4294967296]}",
         "impossible dimension"},
        {"{\"Corder\": false, \"__ndarray__\": [[1, 2], [3, 4]], \"dtype\": \"float32\"}",
         "Fortran"},
        {"{\"shape\": []}", "no array"}};
    struct err e = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(parse_with(cases[i][0], &e), ERR_FORMAT, "%s", cases[i][0]);
        cr_expect(strstr(e.message, cases[i][1]), "%s, not %s", e.message, cases[i][1]);
    }
    cr_expect_eq(parse_with("[[NaN, 2], [3, -Infinity]]", &e), ERR_OK, "%s", e.message);
    cr_expect_eq(parse_with("{\"__ndarray__\": \"b64:AQAAAAAAAAACAAAAAAAAAA==\", \"dtype\": "
                            "\"int64\", \"shape\": [1, 2]}",
                            &e),
                 ERR_OK, "%s", e.message);
}
