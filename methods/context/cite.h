/*
 * Which documents an answer rests on (MIRAGE: Qi et al. 2024, sections 3.2 and 3.3; reference
 * implementation: Betswish/MIRAGE, mirage.py; docs/context.md says where it differs). At each
 * sensitive token of the answer those tokens of the context count whose score is large among the
 * context's; a document that has one of them is cited for it. A sentence cites what its tokens cite
 * that are sensitive enough, by the sum of the scores. No model takes part. Any thread.
 */
#ifndef TINSEQ_METHODS_CONTEXT_CITE_H
#define TINSEQ_METHODS_CONTEXT_CITE_H

#include "methods/context/context.h"

/* Which of a context's scores count, beside being positive. */
enum cite_kind {
    CITE_PERCENT,   /* at least max − value % of max − min: the paper's top-% */
    CITE_TOP,       /* at least the value-th largest: its top-k */
    CITE_DEVIATIONS /* at least mean + value standard deviations (n − 1): as cues are shown */
};
struct cite_rule {
    enum cite_kind kind;
    double value;
};
#define CITE_RULE "5%"
#define CITE_MOST 3
/* From "5%", "3" or "std:1". USAGE. */
enum err_code cite_rule_read(struct cite_rule *out, const char *text, struct err *e) ERR_CHECKED;

/* How documents are cited and compared, for a person: a text of several lines. */
extern const char citation_rules[];

/* The documents that are given for each sentence. */
struct cite_given {
    struct cite_numbers {
        size_t *items; /* from 0, ascending, once each; owned */
        size_t n;
    } * sentences;
    size_t n;
};
/* A sentence a line, or parted by "|": "1 3|2|" or "[1][3]". USAGE: no number, a number that none
 * of the documents has. */
enum err_code cite_given_read(struct cite_given *out, const char *text, size_t n_documents,
                              struct err *e) ERR_CHECKED;
void cite_given_dispose(struct cite_given *g);

/* Borrowed. */
struct cite_request {
    struct cite_rule rule;
    const char *rule_text;
    size_t most;        /* documents of a sentence; 0: all */
    double sensitivity; /* of tokens that count, at least; 0: all that were found */
    const struct documents *documents;
    const bool *begins;             /* [G] where the answer's sentences begin */
    const struct cite_given *given; /* NULL: none, or the marks that were taken from the answer */
};
/* `reduced`: the result's sequence, a score per token and column. The closed book of the result is
 * copied. USAGE: not as many given sentences as there are. */
enum err_code cite_documents(struct citations *out, const struct context_result *r,
                             const struct attribution_sequence *reduced,
                             const struct cite_request *how, struct err *e) ERR_CHECKED;

/* Tokens of at least this sensitivity count from now on: sentences and quality anew. */
void cite_by_sensitivity(struct citations *c, double sensitivity);
/* The sensitivity of a token of theirs by which n answers agree best with what is given for them;
 * the highest of several. The paper's calibrated threshold. NaN: nothing is given, or sensitive.
 * They are left by it. */
double cite_calibrate(struct citations *all, size_t n);

#endif
