/* The form of an opened file can be run again: whatever Inseq wrote into it becomes a request that
 * is right, under the names of this program. */
#include "app/files/result_file.h"
#include "app/form/fields.h"
#include "methods/request/attribute.h"
#include "methods/request/request_result.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

/* What make_inseq.py taught Inseq under names of its own, since Inseq's own function fails. */
static bool is_foreign(const struct attribution *a) {
    bool foreign = strncmp(a->info.function.id, "reference_", strlen("reference_")) == 0;
    for (size_t i = 0; i < a->info.step_scores.n; i++)
        foreign |= strncmp(a->info.step_scores.items[i], "reference_", strlen("reference_")) == 0;
    return foreign;
}

static struct attribution *load(const char *path) {
    struct attribution *a;
    struct err e = {0};
    cr_assert_eq(result_file_load(&a, path, &e), ERR_OK, "%s", e.message);
    return a;
}

/* Through the fields of the form and back. */
static enum err_code collect(struct attribute_request *out, const struct attribute_request *told,
                             struct err *e) {
    struct form_fields f;
    form_fields_init(&f);
    form_fields_fill(&f, "some model", told);
    enum err_code code = form_fields_collect(out, &f, e);
    form_fields_dispose(&f);
    return code ? code : attribute_check(out, e);
}

static void expect_kept(const char *path, const struct attribute_request *got,
                        const struct attribute_request *told) {
    char *was = request_text(told), *is = request_text(got);
    cr_expect_str_eq(got->method, told->method, "%s", path);
    cr_expect(!got->attributed_fn || strcmp(got->attributed_fn, told->attributed_fn) == 0,
              "%s: %s, not %s", path, is, was);
    cr_expect(!strstr(is, "_fn\","), "%s: %s", path, is);
    cr_expect(alignment_equal(&got->contrast_alignment, &told->contrast_alignment) &&
                  got->attribute_target == told->attribute_target &&
                  optional_equal(&got->attr_pos_start, &told->attr_pos_start) &&
                  optional_equal(&got->attr_pos_end, &told->attr_pos_end),
              "%s: %s, not %s", path, is, was);
    free(was);
    free(is);
}

/* True: it can be run again. */
static bool check(const char *path) {
    struct attribution *a = load(path);
    struct attribute_request told = request_of_result(a, 0), got = {0};
    struct err e = {0};
    const enum err_code code = collect(&got, &told, &e);
    cr_expect_eq(code, is_foreign(a) ? ERR_USAGE : ERR_OK, "%s: %s", path, e.message);
    if (code)
        goto out;
    expect_kept(path, &got, &told);
out:
    request_dispose(&got);
    request_dispose(&told);
    attribution_release(a);
    return !code;
}

Test(opened_files, of_inseq_become_requests_that_are_right) {
    glob_t found;
    size_t n_right = 0;
    cr_assert_eq(glob("tests/fixtures/inseq*/*.json.gz", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        n_right += check(found.gl_pathv[i]);
    cr_expect_geq(n_right, 50, "%zu", n_right);
    globfree(&found);
}
