/* Inseq's pairs with the packaged MiniLM. Skipped where `make models ALIGN=1` has not fetched
 * it. */
#include "backend/base/file.h"
#include "backend/discovery.h"
#include "tests/methods/request/align_cases.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void check(const char *model, const char *fixture, int at_least) {
    char *models = models_folder(), *folder = file_join(models, "minilm"),
         *path = fixture ? file_join(fixture, model) : file_join(models, model);
    if (file_exists(folder))
        align_cases_check(model, path, "minilm", folder, at_least);
    const bool skipped = !file_exists(folder);
    free(models);
    free(folder);
    free(path);
    if (skipped)
        cr_skip_test("minilm is not there: make models ALIGN=1 fetches it");
}

Test(align_minilm, pairs_are_those_of_inseq_for_marian) {
    check("marian", "tests/fixtures/tiny", 3);
}
Test(align_minilm, pairs_are_those_of_inseq_for_llama) {
    check("llama", "tests/fixtures/tiny", 3);
}
Test(align_minilm, pairs_are_those_of_inseq_for_gpt2) {
    check("gpt2", "tests/fixtures/tiny", 2);
}
Test(align_minilm, pairs_are_those_of_inseq_for_smollm2) {
    check("smollm2", NULL, 2);
}
