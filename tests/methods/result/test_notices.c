/* What a result says beside its numbers: read from its info, and kept when results are joined. */
#include "backend/base/mem.h"
#include "methods/result/join.h"
#include "tests/methods/result/info.h"

#include <criterion/criterion.h>

#include <stdlib.h>

static struct attribution *with_info(const char *info) {
    struct attribution *a = attribution_new(0);
    a->info = info_from(info);
    return a;
}

static void expect_notices(const char *info, const char *expected) {
    struct attribution *a = with_info(info);
    char *text = attribution_notices(a, " | ");
    if (expected)
        cr_expect_str_eq(text ? text : "(none)", expected, "%s", info);
    else
        cr_expect_null(text, "%s", info);
    free(text);
    attribution_release(a);
}

Test(notices, are_texts_of_a_list_and_anything_else_says_nothing) {
    expect_notices("{\"tinseq\": {\"notices\": [\"one\", \"two\"]}}", "one | two");
    expect_notices("{\"tinseq\": {\"notices\": [3, \"one\", null, {\"a\": \"b\"}]}}", "one");
    expect_notices("{\"tinseq\": {\"notices\": []}}", NULL);
    expect_notices("{\"tinseq\": {\"notices\": \"one\"}}", NULL);
    expect_notices("{\"tinseq\": []}", NULL);
    expect_notices("{}", NULL);
    expect_notices("[", NULL);
}

Test(notices, of_joined_results_are_kept_once_each) {
    struct attribution *a = with_info("{\"tinseq\": {\"notices\": [\"both\", \"first\"]}}"),
                       *b = with_info("{\"tinseq\": {\"notices\": [\"second\", \"both\"]}}");
    attribution_join_take(a, b);
    char *text = attribution_notices(a, " | ");
    cr_expect_str_eq(text, "both | first | second");
    free(text);
    attribution_release(a);
}
