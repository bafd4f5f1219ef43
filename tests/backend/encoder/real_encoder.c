/* The tokenizer of the packaged MiniLM. Skipped where `make models ALIGN=1` has not fetched it. */
#include "backend/base/file.h"
#include "backend/discovery.h"
#include "tests/backend/encoder/encoder_cases.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(encoder, minilm_cuts_texts_as_in_transformers) {
    char *models = models_folder(), *folder = file_join(models, "minilm");
    free(models);
    if (!file_exists(folder)) {
        free(folder);
        cr_skip_test("minilm is not there: make models ALIGN=1 fetches it");
    }
    encoder_cases_check_tokens("minilm", folder);
    free(folder);
}
