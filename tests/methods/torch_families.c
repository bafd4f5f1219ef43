/*
 * Every family's tiny checkpoints (tests/backend/tiny.h) through the same checks: a new one takes
 * part in all of them. That each tensor of each is needed is checked in the same way by
 * tests/backend/architectures/torch_names.c, what their configurations refuse by
 * tests/backend/config/test_refusals.c.
 */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/request/attribute.h"
#include "tests/backend/model/insides_checks.h"
#include "tests/backend/model/reference_checks.h"
#include "tests/backend/tape/gradient_checks.h"
#include "tests/backend/tape/site_checks.h"
#include "tests/backend/tiny.h"
#include "tests/methods/engine/share_checks.h"
#include "tests/methods/family_axioms.h"
#include "tests/methods/inseq_cases.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 100

struct checkpoint {
    char folder[300], name[64];
};

static bool has_reference(const char *format, const char *name) {
    char *path = mem_format(format, name);
    const bool has = file_exists(path);
    free(path);
    return has;
}

/* All, or those for which there is a file of this name. */
static struct criterion_test_params checkpoints(const char *reference) {
    static struct checkpoint all[MOST];
    size_t n, n_taken = 0;
    char **folders = tiny_folders(&n);
    for (size_t i = 0; i < n; i++) {
        struct checkpoint *to = &all[n_taken];
        snprintf(to->folder, sizeof to->folder, "%s", folders[i]);
        snprintf(to->name, sizeof to->name, "%s", strrchr(folders[i], '/') + 1);
        if (!reference || has_reference(reference, to->name))
            n_taken++;
    }
    free(folders);
    return cr_make_param_array(struct checkpoint, all, n_taken);
}

#define EACH(check, reference)                                                                     \
    ParameterizedTestParameters(families, check) {                                                 \
        return checkpoints(reference);                                                             \
    }                                                                                              \
    ParameterizedTest(struct checkpoint *c, families, check, .timeout = 300)

#define TRANSFORMERS "tests/fixtures/models/%s.safetensors"

EACH(logits_states_and_attention_are_those_of_transformers, TRANSFORMERS) {
    reference_check_forward(c->name);
}
EACH(generated_texts_are_those_of_transformers, TRANSFORMERS) {
    reference_check_generation(c->name);
}
EACH(a_cache_equals_the_whole_forward, NULL) {
    reference_check_cache(c->name);
}

/* The texts that suit a checkpoint; it is closed again. */
static struct tiny_text text_of(const struct checkpoint *c) {
    struct model *m;
    struct err e = {0};
    cr_assert_eq(model_open(&m, c->folder, NULL, NULL, &e), ERR_OK, "%s", e.message);
    const struct tiny_text text = tiny_text_of(model_config(m));
    model_free(m);
    return text;
}

EACH(gradients_are_differences, NULL) {
    const struct tiny_text t = text_of(c);
    gradient_checks(c->folder, t.n_source ? t.source : NULL, t.n_source, t.target, t.n_target);
}
EACH(outputs_in_the_middle_can_be_given_and_differentiated, NULL) {
    const struct tiny_text t = text_of(c);
    site_checks(c->folder, t.n_source ? t.source : NULL, t.n_source, t.target, t.n_target);
}
EACH(insides_add_up_to_the_next_state, NULL) {
    insides_check_sums(c->folder, NULL);
}
EACH(shares_add_up_to_the_blocks_output, NULL) {
    share_checks(c->folder, NULL);
}
EACH(every_method_runs_or_has_no_meaning, NULL) {
    family_axioms_methods(c->folder, c->name);
}
EACH(sums_are_what_the_function_changes, NULL) {
    family_axioms_sums(c->folder);
}
EACH(what_a_model_has_not_is_refused, NULL) {
    insides_check_refusals(c->folder);
}

/* Every element of saliency, attention and all other methods that there are references of, within
 * 1e-4 of its column's largest. The student, which Inseq cannot open, has a reference of its
 * own. */
EACH(scores_are_those_of_inseq, NULL) {
    static const struct {
        const char *name;
        int at_least;
    } known[] = {{"llama", 16}, {"gpt2", 16}, {"marian", 20}};
    int at_least = has_reference("tests/fixtures/%s-internals.json", c->name) ? 0 : 4;
    if (has_reference("tests/fixtures/families/%s/tensors.txt", c->name))
        at_least = has_reference("tests/fixtures/inseq-families/%s.manifest.json", c->name);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(c->name, known[i].name) == 0)
            at_least = known[i].at_least;
    inseq_cases_check(c->name, c->folder, at_least);
}
