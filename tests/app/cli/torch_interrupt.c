/* A command that is interrupted while nobody reads what it writes. */
#include "harness/term.h"

#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>

Test(interrupt, an_output_that_takes_nothing_does_not_keep_the_program) {
    char *program = mem_format("%s/tinseq", getenv("TINSEQ_BUILD")),
         *model = mem_format("%s/tiny/llama", getenv("TINSEQ_FIXTURES"));
    const char *argv[] = {program,
                          "attribute",
                          "-m",
                          model,
                          "-i",
                          "The city",
                          "-a",
                          "integrated_gradients",
                          "--attribution_kwargs",
                          "{\"n_steps\": 10000}",
                          NULL};
    struct term *t = term_spawn(24, 80, argv, NULL);
    cr_assert_not_null(t);
    cr_assert(term_expect_text(t, "attributing"), "its progress");
    cr_assert(term_stop_output(t));
    term_signal(t, SIGTERM);
    cr_expect_eq(term_wait_exit(t), 128 + SIGTERM);
    term_free(t);
    free(program);
    free(model);
}
