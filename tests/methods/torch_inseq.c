/* Every element equals Inseq's, on the tiny checkpoints: within 1e-4 of its column's largest. */
#include "tests/methods/inseq_cases.h"

#include <criterion/criterion.h>

Test(inseq, llama) {
    inseq_cases_check("llama", "tests/fixtures/tiny/llama", 16);
}
Test(inseq, gpt2) {
    inseq_cases_check("gpt2", "tests/fixtures/tiny/gpt2", 16);
}
Test(inseq, marian) {
    inseq_cases_check("marian", "tests/fixtures/tiny/marian", 20);
}
Test(inseq, marian_relu) {
    inseq_cases_check("marian-relu", "tests/fixtures/tiny/marian-relu", 4);
}
