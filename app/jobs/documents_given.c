#include "app/jobs/documents_given.h"

#include "backend/base/file.h"
#include "backend/base/json.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST_FILE ((size_t)256 << 20)

/* Numbers and what may be between them; else it is the name of a file. */
static bool is_list(const char *text) {
    return text[strspn(text, "0123456789 ,;|[]")] == '\0';
}

static enum err_code read_file(struct documents_job *d, const char *path, struct err *e) {
    char *text = NULL;
    size_t n;
    enum err_code code = file_read_named(&text, &n, path, LARGEST_FILE, e);
    if (code)
        return code;
    if (memchr(text, '\0', n))
        code = err_set(e, ERR_FORMAT, "--citations: %.200s has a NUL byte", path);
    else
        code = cite_given_read(&d->given, text, d->documents.n, e);
    free(text);
    return code;
}

enum err_code documents_job_given(struct documents_job *d, struct context_request *r,
                                  struct err *e) {
    const char *given = r->how.citations;
    if (!given)
        return ERR_OK;
    r->take_marks = strcmp(given, "marks") == 0;
    d->has_given = !r->take_marks;
    if (r->take_marks)
        return ERR_OK;
    return is_list(given) ? cite_given_read(&d->given, given, d->documents.n, e)
                          : read_file(d, given, e);
}

/* --- to calibrate on ---------------------------------------------------------------------- */

static bool read_example(struct citations *out, const char *text, size_t n) {
    struct json_document *json;
    struct err ignored;
    if (json_parse(&json, text, n, &ignored))
        return false;
    const struct json_value *kept =
        json_get(json_get(json_get(json_root(json), "info"), "tinseq"), "citations");
    struct text_buffer b = {0};
    if (kept)
        json_write_flat(&b, kept);
    const bool good = b.text && citations_read(out, b.text, NULL);
    text_buffer_dispose(&b);
    json_free(json);
    return good;
}

static enum err_code add_example(struct documents_job *d, const char *path, struct err *e) {
    char *text = NULL;
    size_t n;
    enum err_code code = file_read_named(&text, &n, path, LARGEST_FILE, e);
    if (code)
        return code;
    struct citations *one = &d->examples[d->n_examples];
    if (!read_example(one, text, n))
        code = err_set(e, ERR_FORMAT,
                       "--calibrate_on: %.200s is no file that attribute-context --document saved",
                       path);
    else
        d->n_examples++;
    if (!code && !one->quality.known)
        code = err_set(e, ERR_USAGE, "--calibrate_on: %.200s was saved without --citations", path);
    free(text);
    return code;
}

enum err_code documents_job_examples(struct documents_job *d, const struct names *paths,
                                     struct err *e) {
    enum err_code code = ERR_OK;
    d->examples = mem_alloc(paths->n * sizeof *d->examples);
    for (size_t i = 0; i < paths->n && !code; i++)
        code = add_example(d, paths->items[i], e);
    return code;
}
