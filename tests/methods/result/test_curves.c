/* Curves as they are kept with a result: what is written is read again, and nothing else is. */
#include "methods/result/curves.h"

#include "backend/base/mem.h"
#include "methods/result/join.h"
#include "tests/methods/result/info.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE                                                                                      \
    "{\"method\":\"saliency\",\"function\":\"logit\",\"columns\":4,\"random_orders\":5,"           \
    "\"verdict\":\"better than random by 0.500 (95 %: 0.250 to 0.750)\","                          \
    "\"removed_percent\":[0,50,100],"                                                              \
    "\"overall\":{\"value\":0.75,\"random\":0.25,\"difference\":0.5,\"interval\":[0.25,0.75],"     \
    "\"verdict\":\"better\"},"                                                                     \
    "\"comprehensiveness\":{\"value\":0.5,\"random\":0.25,\"difference\":0.25,\"interval\":null,"  \
    "\"verdict\":\"unknown\",\"curve\":[1,0.25,0],\"random_curve\":[1,0.5,0],"                     \
    "\"random_deviation\":[0,0.125,0]},"                                                           \
    "\"sufficiency\":{\"value\":-0.25,\"random\":0,\"difference\":-0.25,\"interval\":[-0.5,0.5],"  \
    "\"verdict\":\"no better\",\"curve\":[1,1.25,null],\"random_curve\":[1,0.5,0],"                \
    "\"random_deviation\":[0,0.125,0]}}"

Test(curves, what_is_written_is_read_again) {
    struct curves c;
    cr_assert(curves_read(&c, WHOLE));
    cr_expect_eq(c.n, 3);
    cr_expect_eq(c.overall.verdict, CURVES_BETTER);
    cr_expect_eq(c.sufficiency.curve[1], 1.25);
    cr_expect(isnan(c.sufficiency.curve[2]) && isnan(c.comprehensiveness.low));
    char *again = curves_json(&c);
    cr_expect_str_eq(again, WHOLE, "%s", again);
    free(again);
    curves_dispose(&c);
}

/* Every text with a piece of it missing or of another kind: nothing, or what is whole. */
Test(curves, what_is_no_picture_is_nothing) {
    static const char *const nothing[] = {"",
                                          "[1]",
                                          "{}",
                                          "{\"removed_percent\":[0]}",
                                          "{\"removed_percent\":[0,1]}",
                                          "{\"removed_percent\":[0,1],\"comprehensiveness\":3}"};
    struct curves c;
    cr_expect(!curves_read(&c, NULL));
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        cr_expect(!curves_read(&c, nothing[i]), "%s", nothing[i]);
        cr_expect(c.n == 0 && !c.method);
    }
    char *cut = mem_text(WHOLE);
    char *point = strstr(cut, ",null],\"random_curve\"");
    memset(point, ' ', 5); /* a point less */
    cr_expect(!curves_read(&c, cut));
    free(cut);
}

Test(curves, the_verdict_is_one_line) {
    struct curves c = {.n_random = 3, .overall = {.value = 1, .random = 3, .low = -3, .high = -1}};
    c.overall.verdict = CURVES_WORSE;
    char *text = curves_verdict_text(&c);
    cr_expect_str_eq(text, "worse than random by 2.000 (95 %: 1.000 to 3.000)");
    free(text);
    c.overall.verdict = CURVES_EVEN;
    c.overall.high = 12345678;
    text = curves_verdict_text(&c);
    cr_expect_str_eq(text, "no better than random: by -2.000 (95 %: -3.000 to 1.23e+07)");
    free(text);
    c.overall.verdict = CURVES_UNKNOWN;
    c.n_random = 1;
    text = curves_verdict_text(&c);
    cr_expect_str_eq(text, "no verdict: chance is known from two random orders on");
    free(text);
}

/* Each text keeps its own, in a joined result and alone again. */
Test(curves, stay_with_their_text) {
    struct attribution *a = attribution_new(1), *b = attribution_new(1), *c = attribution_new(1);
    b->info = info_from("{\"tinseq\":{\"faithfulness\":[{\"method\":\"m\"}]}}");
    attribution_join_take(a, b);
    attribution_join_take(a, c);
    cr_expect_str_eq(info_of(a), "{\"tinseq\":{\"faithfulness\":[null,{\"method\":\"m\"}]}}");
    for (size_t i = 0; i < 3; i++) {
        struct attribution one = attribution_part(a, i);
        char *text = result_info_text(&one.info);
        cr_expect_str_eq(text, i == 1 ? "{\"tinseq\":{\"faithfulness\":[{\"method\":\"m\"}]}}"
                                      : "{\"tinseq\":{\"faithfulness\":[null]}}");
        free(text);
        result_info_dispose(&one.info);
    }
    attribution_release(a);
}
