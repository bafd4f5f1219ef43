/* What an answer cites on SmolLM2: docs/context.md's three documents and a citation each. */
#include "tests/app/cli/context_cases.h"
#include "tests/app/cli/documents_cases.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(documents, cite_as_mirages_rule_does, .timeout = 200) {
    char *wrong = documents_cases_check("smollm2", "smollm2");
    cr_expect_str_empty(wrong, "%s", wrong);
    free(wrong);
}

Test(documents, three_and_a_citation_each, .timeout = 200) {
    static const char *const texts[] = {"Mira works as a baker in Lisbon.",
                                        "Jonas plays the cello in Vienna.",
                                        "Aiko studies whales in Sydney."};
    static const double sensitivity[] = {11.339, 9.950, 8.998}, score[] = {.003, .953, .118};
    struct document_files files;
    cr_assert(document_files_write(&files, texts, 3));
    const char *const words[] = {"--document",
                                 files.paths[0],
                                 files.paths[1],
                                 files.paths[2],
                                 "--input_template",
                                 "{context}Question: {current}\nAnswer:",
                                 "--input_current_text",
                                 "Where do they live?",
                                 "--output_current_text",
                                 "Mira lives in Lisbon. Jonas lives in Vienna. Aiko lives in "
                                 "Sydney.",
                                 "-fn",
                                 "contrast_prob_diff",
                                 "--citations",
                                 "1|2|3",
                                 "--closed_book",
                                 NULL};
    struct err e = {0};
    cJSON *out = NULL;
    cr_assert_eq(context_command(&out, "smollm2", words, &e), ERR_OK, "%s", e.message);
    const cJSON *c = documents_cited(out), *token;
    char *marks = documents_marks(c);
    size_t i = 0;
    cr_expect_str_eq(marks, "[1]|[2]|[3]");
    cr_expect_eq(cJSON_GetObjectItem(c, "f1")->valuedouble, 1);
    cr_assert_eq(cJSON_GetArraySize(cJSON_GetObjectItem(c, "tokens")), 3);
    cJSON_ArrayForEach(token, cJSON_GetObjectItem(c, "tokens")) {
        const cJSON *first = cJSON_GetObjectItem(token, "documents")->child;
        cr_expect_float_eq(cJSON_GetObjectItem(token, "sensitivity")->valuedouble, sensitivity[i],
                           .01);
        cr_expect_float_eq(cJSON_GetObjectItem(first, "score")->valuedouble, score[i], .01);
        i++;
    }
    free(marks);
    document_files_remove(&files);
    cJSON_Delete(out);
}
