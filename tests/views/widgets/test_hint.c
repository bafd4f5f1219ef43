#include "views/terminal/input.h"
#include "views/widgets/hint.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const struct command commands[] = {
    {.name = "RUN", .keys = "r F5"},
    {.name = "RANGE", .keys = "%"},
    {.name = "BRACE", .keys = "}"},
    {.name = "NONE", .keys = ""},
};

static void expect(const char *hint, bool typing, const char *expected) {
    char *text = hint_text(hint, commands, sizeof commands / sizeof *commands, typing);
    cr_expect_str_eq(text, expected);
    free(text);
}

Test(hint, names_become_first_keys) {
    expect("{RUN} runs it", false, "r runs it");
    expect("press {RUN}", false, "press r");
    expect("{BRACE}{RUN}", false, "}r");
    expect("", false, "");
}

Test(hint, while_one_types_characters_are_text) {
    expect("{RUN} runs it", true, "F5 runs it");
    expect("{RUN while typing} runs it", false, "F5 runs it");
    expect("{RANGE}", true, "%"); /* it has no other key */
}

Test(hint, what_is_no_name_stays) {
    expect("{\"n_steps\": 50} {} {RUNS} {run} {NONE} {", false,
           "{\"n_steps\": 50} {} {RUNS} {run} {NONE} {");
}

Test(hint, widgets_have_keys_of_their_own) {
    expect("{CHOOSE} keep  {CLOSE} back", true, "Enter keep  Esc back");
    cr_expect(widget_key(WIDGET_YES, 'y') && widget_key(WIDGET_YES, INPUT_ENTER));
    cr_expect(!widget_key(WIDGET_YES, 'n'));
}

Test(hint, a_format_stays_one) {
    char *text = hint_format("%d with {RANGE}", commands, 2, false, false);
    cr_expect_str_eq(text, "%d with %%");
    free(text);
}
