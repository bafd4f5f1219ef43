#include "app/jobs/documents_job.h"

#include "aggregators/aggregate.h"
#include "aggregators/unit_list.h"
#include "app/jobs/documents_given.h"
#include "backend/base/file.h"
#include "backend/base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_DOCUMENT ((size_t)16 << 20)

void documents_job_dispose(struct documents_job *d) {
    for (size_t i = 0; i < d->documents.n; i++) {
        free(d->names[i]);
        free(d->texts[i]);
    }
    for (size_t i = 0; i < d->n_examples; i++)
        citations_dispose(&d->examples[i]);
    free(d->names);
    free(d->texts);
    free(d->items);
    free(d->examples);
    document_layout_dispose(&d->layout);
    cite_given_dispose(&d->given);
    *d = (struct documents_job){0};
}

/* --- files -------------------------------------------------------------------------------- */

/* Without the line breaks at its end, which no one sees in an editor. */
static void take_end(char *text) {
    size_t n = strlen(text);
    while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        text[--n] = '\0';
}

static enum err_code read_document(char **out, const char *path, size_t number, struct err *e) {
    size_t n, at;
    struct err said;
    enum err_code code = file_read_named(out, &n, path, LARGEST_DOCUMENT, &said);
    if (code)
        return err_set(e, code, "document %zu: %s", number, said.message);
    if (memchr(*out, '\0', n))
        code = err_set(e, ERR_FORMAT, "document %zu: %.200s has a NUL byte at %zu", number, path,
                       strlen(*out));
    else if (!text_valid_utf8(*out, n, &at))
        code = err_set(e, ERR_FORMAT, "document %zu: %.200s is not UTF-8 at byte %zu", number, path,
                       at);
    if (!code)
        take_end(*out);
    return code;
}

/* Without its folders. */
static char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return mem_text(slash && slash[1] ? slash + 1 : path);
}

static enum err_code read_documents(struct documents_job *d, const struct names *paths,
                                    struct err *e) {
    enum err_code code = ERR_OK;
    d->names = mem_alloc(paths->n * sizeof *d->names);
    d->texts = mem_alloc(paths->n * sizeof *d->texts);
    d->items = mem_alloc(paths->n * sizeof *d->items);
    d->documents.items = d->items;
    for (size_t i = 0; i < paths->n && !code; i++) {
        d->documents.n++;
        d->names[i] = name_of(paths->items[i]);
        code = read_document(&d->texts[i], paths->items[i], i + 1, e);
        d->items[i] = (struct document){d->names[i], d->texts[i]};
    }
    return code;
}

/* --- what is asked for -------------------------------------------------------------------- */

/* Of documents alone. */
static enum err_code check_alone(const struct attribute_request *r, struct err *e) {
    const struct {
        bool given;
        const char *name;
    } of_documents[] = {{r->document_template, "--document_template"},
                        {r->citation_rule, "--citation_rule"},
                        {r->citation_most, "--citation_most"},
                        {r->citation_sensitivity, "--citation_sensitivity"},
                        {r->calibrate_on.n, "--calibrate_on"},
                        {r->citations, "--citations"},
                        {r->closed_book, "--closed_book"}};
    for (size_t i = 0; i < sizeof of_documents / sizeof *of_documents; i++)
        if (of_documents[i].given)
            return err_set(e, ERR_USAGE, "%s is of documents: give them with --document",
                           of_documents[i].name);
    if (r->input_template && strstr(r->input_template, "{document_"))
        return err_set(e, ERR_USAGE,
                       "--input_template has {document_1}: give documents with --document");
    return ERR_OK;
}

/* What is cited. */
static enum err_code read_rule(struct documents_job *d, const struct attribute_request *r,
                               struct err *e) {
    const char *sensitivity = r->citation_sensitivity;
    char *end = NULL;
    d->cite.rule_text = r->citation_rule ? r->citation_rule : CITE_RULE;
    d->cite.most = r->citation_most ? (size_t)r->citation_most : CITE_MOST;
    d->calibrate = sensitivity && strcmp(sensitivity, "calibrate") == 0;
    if (sensitivity && !d->calibrate)
        d->cite.sensitivity = strtod(sensitivity, &end);
    if (end &&
        (end == sensitivity || *end || !isfinite(d->cite.sensitivity) || d->cite.sensitivity < 0))
        return err_set(e, ERR_USAGE,
                       "--citation_sensitivity takes a number from 0, or calibrate, not \"%.40s\"",
                       sensitivity);
    return cite_rule_read(&d->cite.rule, d->cite.rule_text, e);
}

static enum err_code check_calibration(const struct documents_job *d,
                                       const struct attribute_request *r, struct err *e) {
    if (r->calibrate_on.n && !d->calibrate)
        return err_set(e, ERR_USAGE,
                       "--calibrate_on is for --citation_sensitivity calibrate: give that, too");
    if (d->calibrate && !r->calibrate_on.n && !r->citations)
        return err_set(e, ERR_USAGE,
                       "--citation_sensitivity calibrate needs citations to agree with: give "
                       "--citations, or files with --calibrate_on");
    return ERR_OK;
}

enum err_code documents_job_read(struct documents_job *d, struct context_request *r,
                                 struct err *e) {
    const struct attribute_request *how = &r->how;
    if (!how->documents.n)
        return check_alone(how, e);
    if (r->input_context)
        return err_set(e, ERR_USAGE,
                       "give either --document or --input_context_text: documents are the context");
    enum err_code code = read_rule(d, how, e);
    if (code)
        return code;
    code = check_calibration(d, how, e);
    if (code)
        return code;
    code = read_documents(d, &how->documents, e);
    if (code)
        return code;
    code = document_layout_make(&d->layout, &d->documents, how->document_template,
                                r->input_template, r->contextless_input, e);
    if (code)
        return code;
    document_layout_lend(r, &d->layout);
    code = documents_job_given(d, r, e);
    if (code)
        return code;
    return documents_job_examples(d, &how->calibrate_on, e);
}

/* --- what is cited ------------------------------------------------------------------------ */

static bool has_letter(const struct token *t) {
    bool any = false;
    for (size_t i = 0; i < t->n_bytes && !t->special; i++)
        any |= isalpha((unsigned char)t->bytes[i]) || (unsigned char)t->bytes[i] >= 0x80;
    return any;
}

/* What has no letter, as the number of a list's line, goes with the sentence behind it; at the end,
 * as a special token, with the one before. */
static void join_numbers(bool *begins, const struct token_list *answer) {
    bool any = false; /* a letter since the last sentence began */
    size_t last = 0;
    for (size_t i = 0; i < answer->n; i++) {
        if (begins[i] && i && !any)
            begins[i] = false;
        if (begins[i]) {
            last = i;
            any = false;
        }
        any |= has_letter(&answer->items[i]);
    }
    if (!any)
        begins[last] = false;
}

/* Where the answer's sentences begin, owned; its tokens alone decide. */
static enum err_code sentences(bool **out, const struct token_list *answer, struct err *e) {
    const struct unit *sentence = unit_find("sentence");
    const struct unit_call call = {.unit = sentence};
    struct unit_found found = {0};
    *out = mem_alloc((answer->n + 1) * sizeof **out);
    enum err_code code = sentence->begins(*out, &found, answer, &call, e);
    if (!code)
        join_numbers(*out, answer);
    return code;
}

static enum err_code calibrate(struct citations *own, const struct documents_job *d,
                               struct err *e) {
    const double found =
        d->n_examples ? cite_calibrate(d->examples, d->n_examples) : cite_calibrate(own, 1);
    if (isnan(found))
        return err_set(e, ERR_USAGE,
                       "--citation_sensitivity calibrate: there is no sensitive token, or no given "
                       "citation, to go by");
    own->calibrated = true;
    cite_by_sensitivity(own, found);
    return ERR_OK;
}

static enum err_code find(struct citations *out, const struct documents_job *d,
                          const struct context_result *r,
                          const struct attribution_sequence *reduced, struct err *e) {
    struct cite_request how = d->cite;
    bool *begins = NULL;
    enum err_code code = sentences(&begins, &r->current, e);
    if (code)
        goto out;
    how.documents = &d->documents;
    how.begins = begins;
    how.given = d->has_given ? &d->given : NULL;
    code = cite_documents(out, r, reduced, &how, e);
    if (!code && d->calibrate)
        code = calibrate(out, d, e);
out:
    free(begins);
    return code;
}

enum err_code documents_job_reduce(struct attribution_sequence *out,
                                   const struct context_result *result, struct err *e) {
    struct pipeline p = {0};
    pipeline_set(pipeline_append(&p, "default", NULL), "normalize", "false");
    enum err_code code = aggregate_sequence(out, &result->attribution->sequences[0], &p, NULL, e);
    pipeline_dispose(&p);
    return code;
}

static void tell(const struct attribute_events *events, const char *text) {
    if (events && events->notice)
        events->notice(events->user, text);
}

/* What a person should know of the answer's own citations. */
static void tell_marks(const struct documents_job *d, const struct context_result *r,
                       const struct attribute_events *events) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < r->n_marks; i++)
        if (r->marks[i].number < 1 || (uint64_t)r->marks[i].number > d->documents.n)
            text_buffer_format(&b, "%s[%lld]", b.n ? ", " : "", (long long)r->marks[i].number);
    char *which = text_buffer_take(&b),
         *text = mem_format("The answer cites documents that are not there, which are left out of "
                            "the comparison: %.200s.",
                            which);
    if (*which)
        tell(events, text);
    if (!r->n_marks)
        tell(events, "The answer has no citations as [1] to compare with.");
    free(which);
    free(text);
}

enum err_code documents_job_cite(struct citations *out, const struct documents_job *d,
                                 const struct context_request *r, struct context_result *result,
                                 const struct attribution_sequence *reduced,
                                 const struct attribute_events *events, struct err *e) {
    struct attribution *a = result->attribution;
    *out = (struct citations){0};
    if (!d->documents.n)
        return ERR_OK;
    enum err_code code = find(out, d, result, reduced, e);
    if (code)
        return code;
    if (r->take_marks)
        tell_marks(d, result, events);
    info_texts_put_take(&a->info.citations, 0, citations_json(out, &a->sequences[0]));
    return ERR_OK;
}
