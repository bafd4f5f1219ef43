/* A forced text that SmolLM2 would not write is called so, in the result and to who watches; one
 * that it would is not. */
#include "backend/discovery.h"
#include "backend/model.h"
#include "methods/request/attribute.h"
#include "tests/methods/result/info.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void on_notice(void *user, const char *text) {
    strncat(user, text, 900 - strlen(user));
}

Test(foil, an_unlikely_forced_text_is_called_so) {
    static const struct {
        const char *generated, *method;
        bool unlikely;
    } cases[] = {{"The Eiffel Tower is in Paris zebra quux", "dummy", true},
                 {"The Eiffel Tower is in Paris zebra quux", "attention", true},
                 {"The Eiffel Tower is in Paris zebra quux", "saliency", true},
                 {"The Eiffel Tower is in Paris, France.", "saliency", false},
                 {"The Eiffel Tower is in Paris, France.", "dummy", false}};
    struct err e = {0};
    struct model *m = NULL;
    struct model_options options = {0};
    char *path = NULL;
    cr_assert_eq(model_resolve(&path, "smollm2", &e), ERR_OK, "%s", e.message);
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char told[1000] = "";
        struct attribute_request r = {.input_text = "The Eiffel Tower is in",
                                      .generated_text = cases[i].generated,
                                      .method = cases[i].method};
        const struct attribute_events events = {.user = told, .notice = on_notice};
        struct attribution *a = NULL;
        cr_assert_eq(attribute_run(&a, m, &r, &events, NULL, &e), ERR_OK, "%s", e.message);
        cr_expect_eq(strstr(told, "\"·zebra\" has probability") != NULL, cases[i].unlikely,
                     "%s: %s", cases[i].method, told);
        cr_expect_eq(strstr(info_of(a), "finds the forced text very unlikely") != NULL,
                     cases[i].unlikely, "%s: %s", cases[i].method, info_of(a));
        attribution_release(a);
    }
    model_free(m);
    free(path);
}
