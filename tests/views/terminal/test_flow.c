#include "views/terminal/flow.h"

#include <criterion/criterion.h>

Test(flow, so_much_is_on_its_way_and_no_more) {
    struct flow f = {.answers = true};
    flow_sent(&f, FLOW_ASK - 1);
    cr_expect(!flow_wants_asking(&f));
    flow_sent(&f, 1);
    cr_assert(flow_wants_asking(&f));
    flow_asked(&f, 100);
    cr_expect(!flow_wants_asking(&f), "one question at a time");
    flow_sent(&f, FLOW_MOST - FLOW_ASK);
    cr_expect(flow_is_full(&f));
    flow_answered(&f);
    cr_expect(!flow_is_full(&f));
    cr_expect(flow_wants_asking(&f), "for what was sent since");
    flow_answered(&f); /* that nobody asked for */
    cr_expect_eq(f.shown, FLOW_ASK);
}

Test(flow, a_terminal_that_does_not_answer_is_given_up) {
    struct flow f = {0};
    flow_sent(&f, 10 * FLOW_MOST);
    cr_expect(!flow_wants_asking(&f) && !flow_is_full(&f), "it was never heard");
    f.answers = true;
    flow_asked(&f, 100);
    flow_sent(&f, FLOW_MOST);
    cr_expect(flow_is_full(&f));
    cr_expect(!flow_gives_up(&f, 100 + FLOW_PATIENCE - 1));
    cr_expect(flow_gives_up(&f, 100 + FLOW_PATIENCE));
    cr_expect(!flow_is_full(&f));
}
