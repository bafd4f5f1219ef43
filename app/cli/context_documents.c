#include "app/cli/context_documents.h"

#include "aggregators/unit_list.h"
#include "app/cli/documents_given.h"
#include "backend/base/file.h"
#include "backend/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_DOCUMENT ((size_t)16 << 20)

void cli_documents_dispose(struct cli_documents *d) {
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
    *d = (struct cli_documents){0};
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

static enum err_code read_documents(struct cli_documents *d, const struct cli_value *paths,
                                    struct err *e) {
    enum err_code code = ERR_OK;
    d->names = mem_alloc(paths->n * sizeof *d->names);
    d->texts = mem_alloc(paths->n * sizeof *d->texts);
    d->items = mem_alloc(paths->n * sizeof *d->items);
    d->documents.items = d->items;
    for (size_t i = 0; i < paths->n && !code; i++) {
        d->documents.n++;
        d->names[i] = name_of(paths->texts[i]);
        code = read_document(&d->texts[i], paths->texts[i], i + 1, e);
        d->items[i] = (struct document){d->names[i], d->texts[i]};
    }
    return code;
}

/* --- options ------------------------------------------------------------------------------ */

/* Of documents alone. */
static enum err_code check_alone(const struct cli_arguments *a, struct err *e) {
    static const struct {
        enum cli_option_id id;
        const char *name;
    } of_documents[] = {{CLI_OPT_DOCUMENT_TEMPLATE, "--document_template"},
                        {CLI_OPT_CITATION_RULE, "--citation_rule"},
                        {CLI_OPT_CITATION_MOST, "--citation_most"},
                        {CLI_OPT_CITATION_SENSITIVITY, "--citation_sensitivity"},
                        {CLI_OPT_CALIBRATE_ON, "--calibrate_on"},
                        {CLI_OPT_CITATIONS, "--citations"},
                        {CLI_OPT_CLOSED_BOOK, "--closed_book"}};
    const char *template = cli_text(a, CLI_OPT_INPUT_TEMPLATE);
    for (size_t i = 0; i < sizeof of_documents / sizeof *of_documents; i++)
        if (a->values[of_documents[i].id].given)
            return err_set(e, ERR_USAGE, "%s is of documents: give them with --document",
                           of_documents[i].name);
    if (template && strstr(template, "{document_1}"))
        return err_set(e, ERR_USAGE,
                       "--input_template has {document_1}: give documents with --document");
    return ERR_OK;
}

/* What is cited; and how it is compared. */
static enum err_code read_rule(struct cli_documents *d, const struct cli_arguments *a,
                               struct err *e) {
    const char *rule = cli_text(a, CLI_OPT_CITATION_RULE),
               *sensitivity = cli_text(a, CLI_OPT_CITATION_SENSITIVITY);
    const int64_t most = cli_integer(a, CLI_OPT_CITATION_MOST, CITE_MOST);
    char *end = NULL;
    d->cite.rule_text = rule ? rule : CITE_RULE;
    d->cite.most = (size_t)most;
    d->calibrate = sensitivity && strcmp(sensitivity, "calibrate") == 0;
    if (most < 0)
        return err_set(e, ERR_USAGE, "--citation_most takes a number from 0 (all)");
    if (sensitivity && !d->calibrate)
        d->cite.sensitivity = strtod(sensitivity, &end);
    if (end &&
        (end == sensitivity || *end || !isfinite(d->cite.sensitivity) || d->cite.sensitivity < 0))
        return err_set(e, ERR_USAGE,
                       "--citation_sensitivity takes a number from 0, or calibrate, not \"%.40s\"",
                       sensitivity);
    return cite_rule_read(&d->cite.rule, d->cite.rule_text, e);
}

static enum err_code check_calibration(const struct cli_documents *d, const struct cli_arguments *a,
                                       struct err *e) {
    const bool files = a->values[CLI_OPT_CALIBRATE_ON].given,
               given = cli_text(a, CLI_OPT_CITATIONS) != NULL;
    if (files && !d->calibrate)
        return err_set(e, ERR_USAGE,
                       "--calibrate_on is for --citation_sensitivity calibrate: give that, too");
    if (d->calibrate && !files && !given)
        return err_set(e, ERR_USAGE,
                       "--citation_sensitivity calibrate needs citations to agree with: give "
                       "--citations, or files with --calibrate_on");
    return ERR_OK;
}

enum err_code cli_documents_read(struct cli_documents *d, struct context_request *r,
                                 const struct cli_arguments *a, struct err *e) {
    if (!a->values[CLI_OPT_DOCUMENT].given)
        return check_alone(a, e);
    if (r->input_context)
        return err_set(e, ERR_USAGE,
                       "give either --document or --input_context_text: documents are the context");
    enum err_code code = read_rule(d, a, e);
    if (code)
        return code;
    code = check_calibration(d, a, e);
    if (code)
        return code;
    code = read_documents(d, &a->values[CLI_OPT_DOCUMENT], e);
    if (code)
        return code;
    code = document_layout_make(&d->layout, &d->documents, cli_text(a, CLI_OPT_DOCUMENT_TEMPLATE),
                                r->input_template, r->contextless_input, e);
    if (code)
        return code;
    document_layout_lend(r, &d->layout);
    r->closed_book = cli_flag(a, CLI_OPT_CLOSED_BOOK);
    code = cli_documents_given(d, r, a, e);
    if (code)
        return code;
    return cli_documents_examples(d, a, e);
}

/* --- what is cited ------------------------------------------------------------------------ */

/* Where the answer's sentences begin, owned; its tokens alone decide. */
static enum err_code sentences(bool **out, const struct token_list *answer, struct err *e) {
    const struct unit *sentence = unit_find("sentence");
    const struct unit_call call = {.unit = sentence};
    struct unit_found found = {0};
    *out = mem_alloc((answer->n + 1) * sizeof **out);
    return sentence->begins(*out, &found, answer, &call, e);
}

static enum err_code calibrate(struct citations *own, const struct cli_documents *d,
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

enum err_code cli_documents_cite(struct citations *out, const struct cli_documents *d,
                                 const struct context_result *r,
                                 const struct attribution_sequence *reduced, struct err *e) {
    struct cite_request how = d->cite;
    bool *begins = NULL;
    *out = (struct citations){0};
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

char *cli_documents_notice(const struct cli_documents *d, const struct context_request *r,
                           const struct context_result *result) {
    struct text_buffer b = {0};
    if (!r->take_marks)
        return NULL;
    if (!result->n_marks)
        return mem_text("The answer has no citations as [1] to compare with.");
    for (size_t i = 0; i < result->n_marks; i++)
        if (result->marks[i].number < 1 || (uint64_t)result->marks[i].number > d->documents.n)
            text_buffer_format(&b, "%s[%lld]", b.n ? ", " : "", (long long)result->marks[i].number);
    if (!b.n)
        return NULL;
    char *which = text_buffer_take(&b),
         *out = mem_format("The answer cites documents that are not there, which are left out of "
                           "the comparison: %.200s.",
                           which);
    free(which);
    return out;
}
