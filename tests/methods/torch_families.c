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

#define MOST 200

struct checkpoint {
    char folder[300], name[64];
};

static bool has_reference(const char *format, const char *name) {
    char *path = mem_format(format, name);
    const bool has = file_exists(path);
    free(path);
    return has;
}

/* All, or those whose names begin with $TINSEQ_FAMILY. */
ParameterizedTestParameters(families, a_tiny_checkpoint_passes_every_check) {
    static struct checkpoint all[MOST];
    const char *only = getenv("TINSEQ_FAMILY");
    size_t n, n_taken = 0;
    char **folders = tiny_folders(&n);
    for (size_t i = 0; i < n; i++) {
        struct checkpoint *to = &all[n_taken];
        snprintf(to->folder, sizeof to->folder, "%s", folders[i]);
        snprintf(to->name, sizeof to->name, "%s", strrchr(folders[i], '/') + 1);
        if (!only || strncmp(to->name, only, strlen(only)) == 0)
            n_taken++;
    }
    free(folders);
    return cr_make_param_array(struct checkpoint, all, n_taken);
}

#define TRANSFORMERS "tests/fixtures/models/%s.safetensors"

static void logits_states_and_attention_are_those_of_transformers(const struct checkpoint *c) {
    reference_check_forward(c->name);
}
static void outputs_of_layers_are_those_of_transformers(const struct checkpoint *c) {
    reference_check_outputs(c->name);
}
static void generated_texts_are_those_of_transformers(const struct checkpoint *c) {
    reference_check_generation(c->name);
}
static void a_cache_equals_the_whole_forward(const struct checkpoint *c) {
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

static void gradients_are_differences(const struct checkpoint *c) {
    const struct tiny_text t = text_of(c);
    gradient_checks(c->folder, t.n_source ? t.source : NULL, t.n_source, t.target, t.n_target);
}
static void outputs_in_the_middle_can_be_given_and_differentiated(const struct checkpoint *c) {
    const struct tiny_text t = text_of(c);
    site_checks(c->folder, t.n_source ? t.source : NULL, t.n_source, t.target, t.n_target);
}
static void insides_add_up_to_the_next_state(const struct checkpoint *c) {
    insides_check_sums(c->folder, NULL);
}
static void shares_add_up_to_the_blocks_output(const struct checkpoint *c) {
    share_checks(c->folder, NULL);
}
static void every_method_runs_or_has_no_meaning(const struct checkpoint *c) {
    family_axioms_methods(c->folder, c->name);
}
static void sums_are_what_the_function_changes(const struct checkpoint *c) {
    family_axioms_sums(c->folder);
}
static void what_a_model_has_not_is_refused(const struct checkpoint *c) {
    insides_check_refusals(c->folder);
}

/* Every element of saliency, attention and all other methods that there are references of, within
 * 1e-4 of its column's largest. The student, which Inseq cannot open, has a reference of its
 * own. */
static void scores_are_those_of_inseq(const struct checkpoint *c) {
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

/* What every checkpoint goes through, in one process: each opens libtorch, which takes longer than
 * a check. */
static const struct {
    void (*run)(const struct checkpoint *c);
    const char *reference; /* it is run where there is this file; NULL: always */
} checks[] = {
    {logits_states_and_attention_are_those_of_transformers, TRANSFORMERS},
    {outputs_of_layers_are_those_of_transformers, TRANSFORMERS},
    {generated_texts_are_those_of_transformers, TRANSFORMERS},
    {a_cache_equals_the_whole_forward, NULL},
    {gradients_are_differences, NULL},
    {outputs_in_the_middle_can_be_given_and_differentiated, NULL},
    {insides_add_up_to_the_next_state, NULL},
    {shares_add_up_to_the_blocks_output, NULL},
    {every_method_runs_or_has_no_meaning, NULL},
    {sums_are_what_the_function_changes, NULL},
    {what_a_model_has_not_is_refused, NULL},
    {scores_are_those_of_inseq, NULL},
};

ParameterizedTest(struct checkpoint *c, families, a_tiny_checkpoint_passes_every_check,
                  .timeout = 300) {
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (!checks[i].reference || has_reference(checks[i].reference, c->name))
            checks[i].run(c);
}
