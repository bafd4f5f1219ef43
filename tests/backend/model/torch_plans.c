/* The insides of blocks in every order of parts and norms that a plan can state. */
#include "tests/backend/changed_plan.h"
#include "tests/backend/model/insides_checks.h"

#include <criterion/criterion.h>

static const char *const folders[] = {"tests/fixtures/tiny/llama", "tests/fixtures/tiny/gpt2",
                                      "tests/fixtures/tiny/marian"};

Test(plans, insides_add_up_in_every_order_of_parts_and_norms, .timeout = 300) {
    changed_each(folders, sizeof folders / sizeof *folders, insides_check_sums);
}
