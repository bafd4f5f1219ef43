/* What attribute-context asks on a terminal: which part of an output is its context. */
#include "harness/term.h"

#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>

/* "TTT O…": the tiny GPT-2's own. */
static struct term *asked(void) {
    char *program = mem_format("%s/tinseq", getenv("TINSEQ_BUILD")),
         *model = mem_format("%s/tiny/gpt2", getenv("TINSEQ_FIXTURES"));
    const char *argv[] = {program,
                          "attribute-context",
                          "-m",
                          model,
                          "--input_context_text",
                          "The city was small.",
                          "--input_current_text",
                          "They went there",
                          "--output_template",
                          "{context} {current}",
                          "--generation_kwargs",
                          "{\"max_new_tokens\": 8}",
                          NULL};
    struct term *t = term_spawn(24, 100, argv, NULL);
    cr_assert_not_null(t);
    free(program);
    free(model);
    cr_assert(term_expect_text(t, "Which part from its beginning is the context?"));
    return t;
}

Test(asked, again_until_the_output_begins_with_the_answer) {
    struct term *t = asked();
    term_send(t, "none of it\r", 11);
    cr_assert(term_expect_text(t, "The output does not begin with that."));
    term_send(t, "TTT\r", 4);
    cr_expect(term_expect_text(t, "Output context: TTT"));
    cr_expect_eq(term_wait_exit(t), 0);
    term_free(t);
}

/* Once: a person who reads is not waited for. */
Test(asked, an_interrupt_ends_the_question) {
    struct term *t = asked();
    term_signal(t, SIGINT);
    cr_expect_eq(term_wait_exit(t), 130);
    term_free(t);
}
