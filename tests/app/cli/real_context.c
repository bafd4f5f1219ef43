/* attribute-context on SmolLM2, as Inseq has it. */
#include "tests/app/cli/context_cases.h"

#include "backend/base/mem.h"
#include "backend/discovery.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(context, smollm2, .timeout = 200) {
    char *wrong = context_cases_check("smollm2", "smollm2", 3);
    cr_expect_str_empty(wrong, "%s", wrong);
    free(wrong);
}

/* In Inseq a lone blank stands before what is generated: "24 hours later". */
Test(context, no_lone_separator_stands_before_generation, .timeout = 200) {
    const char *const words[] = {"--input_context_text",
                                 "George was sick yesterday.",
                                 "--input_current_text",
                                 "His colleagues asked him to come",
                                 "--generation_kwargs",
                                 "{\"max_new_tokens\": 10}",
                                 "-fn",
                                 "contrast_prob_diff",
                                 NULL};
    struct err e = {0};
    cJSON *out = NULL;
    cr_assert_eq(context_command(&out, "smollm2", words, &e), ERR_OK, "%s", e.message);
    cr_expect_str_eq(cJSON_GetObjectItem(out, "output_current")->valuestring,
                     "to the hospital. He said he was too sick");
    const cJSON *cues = cJSON_GetObjectItem(out, "cci_scores"), *cue = cJSON_GetArrayItem(cues, 0);
    cr_assert_eq(cJSON_GetArraySize(cues), 1);
    cr_expect_str_eq(cJSON_GetObjectItem(cue, "contrast_token")->valuestring, "\xC4\xA0"
                                                                              "busy");
    cr_expect_float_eq(cJSON_GetObjectItem(cue, "cti_score")->valuedouble, 1.228, .01);
    cJSON_Delete(out);
}
