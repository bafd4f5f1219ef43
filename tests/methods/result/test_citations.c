/* Citations as they are kept with a result: what is written is read again, and nothing else is. */
#include "methods/result/citations.h"

#include "backend/base/mem.h"
#include "methods/result/join.h"
#include "tests/methods/result/info.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE                                                                                      \
    "{\"of\":[0,12,9,12],\"side\":\"target\",\"rule\":\"5%\",\"most\":3,\"sensitivity\":0.5,"      \
    "\"calibrated\":true,"                                                                         \
    "\"documents\":[{\"name\":\"a\",\"from\":1,\"to\":4},{\"name\":\"b\",\"from\":4,\"to\":9}],"   \
    "\"sentences\":[{\"from\":0,\"to\":2,\"documents\":[{\"document\":2,\"score\":1.5,"            \
    "\"tokens\":2}],\"left_out\":1,\"given\":[1,2]},"                                              \
    "{\"from\":2,\"to\":3,\"documents\":[],\"left_out\":0,\"given\":null}],"                       \
    "\"tokens\":[{\"column\":1,\"sensitivity\":2.5,\"counts\":true,\"documents\":["                \
    "{\"document\":2,\"score\":1.5,\"tokens\":2}],\"rows\":[5,8]}],"                               \
    "\"found\":1,\"given\":2,\"both\":1,\"pairs\":2,\"alike\":1,\"precision\":1,\"recall\":0.5,"   \
    "\"f1\":0.666666666666667,\"agreement\":0.5,"                                                  \
    "\"closed_book\":{\"answer\":\"No.\",\"tokens\":[{\"piece\":\"No\",\"text\":\"No\","           \
    "\"probability\":0.25,\"same\":false},{},{}]}}"

/* Three columns behind nine rows. */
static const struct attribution_sequence of = {
    .target = {NULL, 12}, .attr_pos_start = 9, .attr_pos_end = 12};

Test(citations, what_is_written_is_read_again) {
    struct citations c;
    cr_assert(citations_read(&c, WHOLE, &of));
    cr_expect_eq(c.n_documents, 2);
    cr_expect_eq(c.sentences[0].list.items[0].document, 1);
    cr_expect(!c.sentences[1].has_given);
    char *again = citations_json(&c, &of);
    cr_expect_eq(strncmp(again, WHOLE, 500), 0, "%s", again);
    struct citations second;
    cr_assert(citations_read(&second, again, &of));
    char *third = citations_json(&second, &of);
    cr_expect_str_eq(third, again);
    free(again);
    free(third);
    citations_dispose(&second);
    citations_dispose(&c);
}

/* A file may say anything: documents that are not there are left out, and nothing is negative. */
Test(citations, what_is_none_is_nothing) {
    static const char *const nothing[] = {"", "[1]", "{}",
                                          "{\"documents\":[],\"sentences\":[],\"tokens\":[]}",
                                          "{\"documents\":[1],\"sentences\":[]}"};
    struct citations c;
    cr_expect(!citations_read(&c, NULL, NULL));
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        cr_expect(!citations_read(&c, nothing[i], NULL), "%s", nothing[i]);
    cr_assert(citations_read(
        &c,
        "{\"documents\":[7],\"sentences\":[{\"from\":-4,\"documents\":[{\"document\":2},"
        "{\"document\":0},{\"document\":1}],\"given\":[9,1,\"x\"]},null],\"tokens\":[\"x\","
        "{\"rows\":[-1,3,1e9,{}]}],\"closed_book\":7}",
        NULL));
    cr_expect_eq(c.sentences[0].from, 0);
    cr_expect_eq(c.sentences[0].list.n, 1);
    cr_expect_eq(c.sentences[0].n_given, 1);
    cr_expect_eq(c.tokens[1].n_rows, 1);
    cr_expect(!c.closed_book.given && !c.quality.known);
    citations_dispose(&c);
}

/* Joined tokens are others, and places beyond the tokens are none. */
Test(citations, are_of_their_tokens_alone) {
    const struct attribution_sequence joined = {
        .target = {NULL, 8}, .attr_pos_start = 5, .attr_pos_end = 8};
    static const struct {
        const char *from, *to;
    } wrong[] = {{"\"to\":9}", "\"to\":99}"},
                 {"\"from\":2,\"to\":3", "\"from\":2,\"to\":4"},
                 {"\"column\":1", "\"column\":3"},
                 {"[5,8]", "[5,12]"},
                 {",{},{}]", "]"}};
    struct citations c;
    cr_expect(!citations_read(&c, WHOLE, &joined));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *at = strstr(WHOLE, wrong[i].from);
        cr_assert_not_null(at, "%s", wrong[i].from);
        char *text = mem_format("%.*s%s%s", (int)(at - WHOLE), WHOLE, wrong[i].to,
                                at + strlen(wrong[i].from));
        cr_expect(!citations_read(&c, text, &of), "%s", wrong[i].to);
        cr_expect(!c.documents);
        cr_expect(citations_read(&c, text, NULL));
        citations_dispose(&c);
        free(text);
    }
}

Test(citations, stay_with_their_text) {
    struct attribution *a = attribution_new(1), *b = attribution_new(1);
    b->info = info_from("{\"tinseq\":{\"citations\":[{\"most\":3}]}}");
    attribution_join_take(a, b);
    cr_expect_str_eq(info_of(a), "{\"tinseq\":{\"citations\":[null,{\"most\":3}]}}");
    struct attribution one = attribution_part(a, 1);
    char *text = result_info_text(&one.info);
    cr_expect_str_eq(text, "{\"tinseq\":{\"citations\":[{\"most\":3}]}}");
    free(text);
    result_info_dispose(&one.info);
    attribution_release(a);
}
