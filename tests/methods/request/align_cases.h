/* The contrasts that Inseq aligned by an encoder (tests/fixtures/encoder/cases.json,
 * make_encoder.py). */
#ifndef TINSEQ_TESTS_METHODS_ALIGN_CASES_H
#define TINSEQ_TESTS_METHODS_ALIGN_CASES_H

/* Runs the cases of a model (in the folder `path`) with one encoder, at `folder`: pairs must be
 * Inseq's, and the step scores that come of them. */
void align_cases_check(const char *model, const char *path, const char *encoder, const char *folder,
                       int at_least);

/* A models folder of the test's own, in which the encoder is called `name`; TINSEQ_MODELS names it
 * and no other place is looked in. */
char *align_cases_models(const char *name, const char *folder);

#endif
