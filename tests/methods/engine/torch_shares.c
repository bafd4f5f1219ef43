/* The shares of tokens in blocks in every order of parts and norms that a plan can state. */
#include "tests/methods/engine/share_checks.h"

#include <criterion/criterion.h>

static const char *const folders[] = {"tests/fixtures/tiny/llama", "tests/fixtures/tiny/gpt2",
                                      "tests/fixtures/tiny/marian"};

Test(shares, add_up_in_every_order_of_parts_and_norms, .timeout = 300) {
    changed_each(folders, sizeof folders / sizeof *folders, share_checks);
}
