#include "methods/context/cite.h"

#include "backend/base/mem.h"
#include "methods/context/cite_count.h"
#include "methods/context/documents.h"
#include "methods/result/context_rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char citation_rules[] =
    "Documents of attribute-context, and what a sentence of the answer cites (MIRAGE):\n\n"
    "--document FILE ...          numbered from 1; where they stand says --input_template by\n"
    "                             {context}, or by {document_1}, {document_2} and so on\n"
    "--context_sensitivity_...    which tokens of the answer the documents change\n"
    "--citation_sensitivity X     those that count: changed by X or more; calibrate: the X that\n"
    "                             agrees best with given citations (or those in files of\n"
    "                             --calibrate_on, which -o saved)\n"
    "--citation_rule 5%           tokens of the documents that count for one of these: the top\n"
    "                             5 % of the range of scores; 3: the three largest; std:1: one\n"
    "                             standard deviation above the mean. None below zero does\n"
    "--citation_most 3            a sentence cites documents that have one, by their sum\n\n"
    "--citations compares with given ones, and tells precision, recall and F1 over pairs of a\n"
    "sentence and a document, and how many pairs are alike:\n\n"
    "\"1 3|2|\"                     a part between | for each sentence; none is none\n"
    "FILE                         a line for each sentence\n"
    "marks                        the answer's own, as [1] or [1, 2], which are taken out of it\n\n"
    "--closed_book tells the answer without the documents, and where it would have differed.\n";

/* --- which scores count -------------------------------------------------------------------- */

enum err_code cite_rule_read(struct cite_rule *out, const char *text, struct err *e) {
    static const char of_std[] = "std:";
    const bool deviations = strncmp(text, of_std, strlen(of_std)) == 0;
    const char *number = deviations ? text + strlen(of_std) : text;
    char *end;
    *out = (struct cite_rule){.value = strtod(number, &end)};
    const bool percent = !deviations && end != number && strcmp(end, "%") == 0,
               good = end != number && isfinite(out->value) && (percent || !*end);
    out->kind = deviations ? CITE_DEVIATIONS : CITE_TOP;
    if (percent)
        out->kind = CITE_PERCENT;
    if (good && out->kind == CITE_PERCENT && out->value >= 0 && out->value <= 100)
        return ERR_OK;
    if (good && out->kind == CITE_TOP && out->value >= 1 && out->value == floor(out->value))
        return ERR_OK;
    if (good && out->kind == CITE_DEVIATIONS)
        return ERR_OK;
    return err_set(e, ERR_USAGE,
                   "--citation_rule \"%.40s\": it is a share as 5%%, a number of tokens as 3, or "
                   "deviations above the mean as std:1",
                   text);
}

static int rising(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The least score that counts among n; NaN is none. +infinity where nothing can. */
static double threshold_of(const struct cite_rule *rule, const float *scores, size_t n) {
    float *sorted = mem_alloc((n + 1) * sizeof *sorted);
    size_t m = 0;
    double out = INFINITY;
    for (size_t i = 0; i < n; i++)
        if (!isnan(scores[i]))
            sorted[m++] = scores[i];
    qsort(sorted, m, sizeof *sorted, rising);
    if (m && rule->kind == CITE_PERCENT)
        out =
            (double)sorted[m - 1] - rule->value / 100 * ((double)sorted[m - 1] - (double)sorted[0]);
    else if (m && rule->kind == CITE_TOP)
        out = rule->value < (double)m ? (double)sorted[m - (size_t)rule->value] : (double)sorted[0];
    else if (m)
        out = context_threshold(scores, n, rule->value);
    free(sorted);
    return out;
}

/* --- the documents of a token -------------------------------------------------------------- */

static const struct scores *scores_of(const struct context_result *r,
                                      const struct attribution_sequence *reduced) {
    return r->input_on_target ? &reduced->target_attributions : &reduced->source_attributions;
}

/* The context's scores in a column [n], owned. */
static float *column_of(const struct scores *s, const struct context_span *context, int64_t g) {
    const int64_t n = context->to - context->from;
    float *out = mem_alloc((size_t)(n + 1) * sizeof *out);
    for (int64_t i = 0; i < n; i++)
        out[i] = s->data ? s->data[(context->from + i) * s->dims[1] + g] : NAN;
    return out;
}

static void find_token(struct cited_token *out, const struct context_result *r,
                       const struct scores *scores, const struct cite_rule *rule) {
    const struct context_span *context = &r->input_context_tokens;
    const size_t n = (size_t)(context->to - context->from);
    float *column = column_of(scores, context, out->column);
    const double least = threshold_of(rule, column, n);
    out->rows = mem_alloc((n + 1) * sizeof *out->rows);
    for (size_t d = 0; d < r->n_documents; d++)
        for (int64_t i = r->documents[d].from; i < r->documents[d].to; i++) {
            const double score = (double)column[i - context->from];
            if (!(score >= least && score > 0))
                continue;
            out->rows[out->n_rows++] = i;
            citation_add(&out->list, d, score, 1);
        }
    citation_sort(&out->list);
    free(column);
}

static void find_tokens(struct citations *out, const struct context_result *r,
                        const struct attribution_sequence *reduced, const struct cite_rule *rule) {
    out->n_tokens = r->n_cues;
    out->tokens = mem_alloc(r->n_cues * sizeof *out->tokens);
    for (size_t i = 0; i < r->n_cues; i++) {
        out->tokens[i].column = r->cues[i].column;
        out->tokens[i].sensitivity = fabs(r->cues[i].score);
        find_token(&out->tokens[i], r, scores_of(r, reduced), rule);
    }
}

/* --- what is cited, and where --------------------------------------------------------------- */

static void find_documents(struct citations *out, const struct context_result *r,
                           const struct documents *documents) {
    out->n_documents = r->n_documents;
    out->documents = mem_alloc(r->n_documents * sizeof *out->documents);
    for (size_t i = 0; i < r->n_documents; i++)
        out->documents[i] = (struct cited_document){mem_text(documents->items[i].name),
                                                    r->documents[i].from, r->documents[i].to};
}

static void find_sentences(struct citations *out, const bool *begins, size_t n_columns) {
    out->sentences = mem_alloc((n_columns + 1) * sizeof *out->sentences);
    for (size_t g = 0; g < n_columns; g++) {
        if (begins[g] || !out->n_sentences)
            out->sentences[out->n_sentences++].from = (int64_t)g;
        out->sentences[out->n_sentences - 1].to = (int64_t)g + 1;
    }
}

static void take_given(struct citations *out, const struct cite_given *given) {
    for (size_t i = 0; i < out->n_sentences; i++) {
        struct cited_sentence *s = &out->sentences[i];
        s->has_given = true;
        s->n_given = given->sentences[i].n;
        s->given = mem_copy(given->sentences[i].items, s->n_given * sizeof *s->given);
    }
}

/* Those that the answer had itself; of documents that there are not nothing can be found. */
static void take_marks(struct citations *out, const struct context_result *r) {
    struct cite_given given = {mem_alloc(out->n_sentences * sizeof *given.sentences),
                               out->n_sentences};
    for (size_t k = 0; k < r->n_marks; k++)
        for (size_t i = 0; i < out->n_sentences; i++)
            if (r->marks[k].column >= out->sentences[i].from &&
                r->marks[k].column < out->sentences[i].to && r->marks[k].number >= 1 &&
                (uint64_t)r->marks[k].number <= out->n_documents)
                cite_numbers_add(&given.sentences[i], (size_t)r->marks[k].number - 1);
    take_given(out, &given);
    cite_given_dispose(&given);
}

static void copy_closed_book(struct closed_book *out, const struct closed_book *from) {
    *out = *from;
    out->answer = mem_text(from->answer);
    out->tokens = mem_copy(from->tokens, from->n_tokens * sizeof *out->tokens);
    for (size_t i = 0; i < out->n_tokens; i++) {
        out->tokens[i].piece = mem_text(from->tokens[i].piece);
        out->tokens[i].text = mem_text(from->tokens[i].text);
    }
}

enum err_code cite_documents(struct citations *out, const struct context_result *r,
                             const struct attribution_sequence *reduced,
                             const struct cite_request *how, struct err *e) {
    *out = (struct citations){.on_target = r->input_on_target,
                              .rule = mem_text(how->rule_text),
                              .most = (int64_t)how->most};
    find_documents(out, r, how->documents);
    find_sentences(out, how->begins, r->current.n);
    if (how->given && how->given->n != out->n_sentences) {
        const size_t n = out->n_sentences;
        citations_dispose(out);
        return err_set(e, ERR_USAGE,
                       "--citations has %zu sentence%s, and the answer %zu: one line, or part "
                       "between |, for each",
                       how->given->n, how->given->n == 1 ? "" : "s", n);
    }
    find_tokens(out, r, reduced, &how->rule);
    if (how->given)
        take_given(out, how->given);
    else if (r->n_marks)
        take_marks(out, r);
    copy_closed_book(&out->closed_book, &r->closed_book);
    cite_by_sensitivity(out, how->sensitivity);
    return ERR_OK;
}
