#include "app/cli/evaluate_rationale.h"

#include "app/cli/output.h"
#include "app/files/plausibility_text.h"

#include <math.h>
#include <stdlib.h>

static enum err_code threshold_of(double *out, const struct cli_arguments *a, struct err *e) {
    const char *text = cli_text(a, CLI_OPT_RATIONALE_THRESHOLD);
    char *end;
    *out = NAN;
    if (!text)
        return ERR_OK;
    *out = strtod(text, &end);
    if (end == text || *end || !(*out > 0 && *out <= 1))
        return err_set(e, ERR_USAGE,
                       "--rationale_threshold takes a share of the highest score, above 0 and up "
                       "to 1, not \"%.40s\"",
                       text);
    return ERR_OK;
}

enum err_code evaluate_rationale_check(const struct cli_arguments *a, size_t n_texts,
                                       struct err *e) {
    const struct cli_value *marks = &a->values[CLI_OPT_RATIONALE];
    const char *file = cli_text(a, CLI_OPT_RATIONALE_FILE);
    double threshold;
    const bool later = cli_text(a, CLI_OPT_RATIONALE_COLUMN) && !marks->n;
    if (!marks->n && !later && cli_text(a, CLI_OPT_RATIONALE_THRESHOLD))
        return err_set(e, ERR_USAGE,
                       "--rationale_threshold is about --rationale, which is not given");
    if (marks->n && n_texts && marks->n != n_texts)
        return err_set(e, ERR_USAGE,
                       "%zu text%s, and %zu rationale%s: %s has one for each text, its marks "
                       "parted by \"|\"",
                       n_texts, n_texts == 1 ? "" : "s", marks->n, marks->n == 1 ? "" : "s",
                       file ? file : "--rationale");
    return threshold_of(&threshold, a, e);
}

enum err_code evaluate_rationale_fits(const struct cli_arguments *a, const struct attribution *r,
                                      size_t i_text, struct err *e) {
    const struct cli_value *marks = &a->values[CLI_OPT_RATIONALE];
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < r->n_sequences && marks->n && !code; i++) {
        struct rationale read;
        if (!marks->texts[i_text + i])
            continue;
        code = rationale_read(&read, &r->sequences[i], info_text_of(&r->info.input_texts, i),
                              marks->texts[i_text + i], "--rationale", e);
        rationale_dispose(&read);
    }
    return code;
}

/* Rows of merged tokens are spread on the tokens again. */
static enum err_code measure(struct plausibility *out, const struct evaluate_marked *m, size_t k,
                             const struct rationale *r, double threshold, struct err *e) {
    struct attribution_sequence reduced;
    enum err_code code = cli_aggregate(&reduced, &m->results[k]->sequences[m->i_sequence], m->a, e);
    if (code)
        return code;
    code = plausibility_measure(out, &reduced, r, threshold, e);
    attribution_sequence_dispose(&reduced);
    return code;
}

static enum err_code measure_all(struct plausibility *out, const struct evaluate_marked *m,
                                 const struct rationale *r, double threshold, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t k = 0; k < m->f->n_methods && !code; k++)
        code = measure(&out[k], m, k, r, threshold, e);
    return code;
}

static void tell(struct text_buffer *table, struct cJSON *evaluation,
                 const struct evaluate_marked *m, const struct plausibility_told *p) {
    const char **names = mem_alloc((p->n_methods + 1) * sizeof *names);
    for (size_t k = 0; k < p->n_methods; k++)
        names[k] = m->f->methods[k].name;
    plausibility_table(table, p, names);
    plausibility_json(evaluation, p);
    free(names);
}

enum err_code evaluate_rationale_add(struct text_buffer *table, struct cJSON *evaluation,
                                     const struct evaluate_marked *m, struct err *e) {
    const struct cli_value *marks = &m->a->values[CLI_OPT_RATIONALE];
    const struct attribution_sequence *s = &m->results[0]->sequences[m->i_sequence];
    const size_t n = m->f->n_methods;
    struct rationale r;
    double threshold;
    if (!marks->n || !marks->texts[m->i_text])
        return ERR_OK;
    struct plausibility *found = mem_alloc((n + 1) * sizeof *found);
    enum err_code code =
        rationale_read(&r, s, info_text_of(&m->results[0]->info.input_texts, m->i_sequence),
                       marks->texts[m->i_text], "--rationale", e);
    if (code)
        goto out;
    code = threshold_of(&threshold, m->a, e);
    if (code)
        goto out;
    code = measure_all(found, m, &r, threshold, e);
    if (code)
        goto out;
    tell(table, evaluation, m,
         &(struct plausibility_told){.rationale = &r,
                                     .tokens = s,
                                     .threshold = threshold,
                                     .methods = found,
                                     .n_methods = n});
out:
    for (size_t k = 0; k < n; k++)
        plausibility_dispose(&found[k]);
    free(found);
    rationale_dispose(&r);
    return code;
}
