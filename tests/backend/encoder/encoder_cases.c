#include "tests/backend/encoder/encoder_cases.h"

#include "backend/base/file.h"
#include "backend/tokenizers/wordpiece.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

cJSON *encoder_cases(void) {
    struct err e = {0};
    char *text;
    size_t n;
    cr_assert_eq(file_read(&text, &n, "tests/fixtures/encoder/cases.json", 1 << 20, &e), ERR_OK,
                 "%s", e.message);
    cJSON *json = cJSON_ParseWithLength(text, n);
    cr_assert_not_null(json);
    free(text);
    return json;
}

const cJSON *encoder_case(const cJSON *cases, const char *encoder) {
    const cJSON *c;
    cJSON_ArrayForEach(
        c, cJSON_GetObjectItem(cases,
                               "encoders")) if (strcmp(cJSON_GetObjectItem(c, "name")->valuestring,
                                                       encoder) == 0) return c;
    cr_assert_fail("there are no cases of %s", encoder);
    return NULL;
}

void encoder_cases_check_tokens(const char *encoder, const char *folder) {
    cJSON *cases = encoder_cases();
    const cJSON *c;
    struct wordpiece w;
    struct err e = {0};
    int n_texts = 0;
    cr_assert_eq(wordpiece_open(&w, folder, &e), ERR_OK, "%s", e.message);
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(encoder_case(cases, encoder), "texts")) {
        const char *text = cJSON_GetObjectItem(c, "text")->valuestring;
        const cJSON *want = cJSON_GetObjectItem(c, "ids");
        struct piece_ids got = {0};
        wordpiece_encode(&w, text, strlen(text), &got);
        cr_expect_eq((int)got.n, cJSON_GetArraySize(want),
                     "%s: \"%s\": %d pieces, Transformers has %d", encoder, text, (int)got.n,
                     cJSON_GetArraySize(want));
        for (int i = 0; i < (int)got.n && i < cJSON_GetArraySize(want); i++)
            cr_expect_eq(got.items[i], cJSON_GetArrayItem(want, i)->valueint,
                         "%s: \"%s\": piece %d is %d, not %d", encoder, text, i, got.items[i],
                         cJSON_GetArrayItem(want, i)->valueint);
        free(got.items);
        n_texts++;
    }
    cr_expect_geq(n_texts, 20);
    wordpiece_dispose(&w);
    cJSON_Delete(cases);
}
