/* Runs the cases of the manifest of each tests/fixtures/inseq-folder and compares every number with
 * what Inseq saved. */
#ifndef TINSEQ_TESTS_METHODS_INSEQ_CASES_H
#define TINSEQ_TESTS_METHODS_INSEQ_CASES_H

/* All cases of one model of the manifests ("llama"), on the model at `path`. At least `at_least`
 * cases must be there. */
void inseq_cases_check(const char *model, const char *path, int at_least);

#endif
