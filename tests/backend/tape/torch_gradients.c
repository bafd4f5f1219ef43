/* Every architecture's gradient against finite differences in float64. */
#include "tests/backend/tape/gradient_checks.h"

#include <criterion/criterion.h>

static const int32_t text[] = {5, 270, 31, 44, 290, 12, 77, 301, 9};
static const int32_t source[] = {4, 9, 17, 30, 52, 0}, target[] = {143, 7, 61, 80, 22, 90, 5, 0};

Test(gradients, llama) {
    gradient_checks("tests/fixtures/tiny/llama", NULL, 0, text, 9);
}
Test(gradients, gpt2) {
    gradient_checks("tests/fixtures/tiny/gpt2", NULL, 0, text, 9);
}
Test(gradients, marian) {
    gradient_checks("tests/fixtures/tiny/marian", source, 6, target, 8);
}
