#include "tests/app/cli/documents_cases.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/app/cli/context_cases.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_WORDS 40

bool document_files_write(struct document_files *out, const char *const *texts, size_t n) {
    struct err e;
    bool good = true;
    *out = (struct document_files){.folder = "/tmp/tinseq-documents-XXXXXX", .n = n};
    out->paths = mem_alloc(n * sizeof *out->paths);
    good = mkdtemp(out->folder) != NULL;
    for (size_t i = 0; i < n; i++) {
        out->paths[i] = mem_format("%s/%zu.txt", out->folder, i + 1);
        good = good && file_write(out->paths[i], texts[i], strlen(texts[i]), &e) == ERR_OK;
    }
    return good;
}

void document_files_remove(struct document_files *f) {
    for (size_t i = 0; i < f->n; i++) {
        (void)unlink(f->paths[i]);
        free(f->paths[i]);
    }
    (void)rmdir(f->folder);
    free(f->paths);
}

const cJSON *documents_cited(const cJSON *saved) {
    return cJSON_GetObjectItem(cJSON_GetObjectItem(cJSON_GetObjectItem(saved, "info"), "tinseq"),
                               "citations");
}

char *documents_marks(const cJSON *citations) {
    struct text_buffer b = {0};
    const cJSON *sentences = cJSON_GetObjectItem(citations, "sentences"), *sentence, *one;
    cJSON_ArrayForEach(sentence, sentences) {
        text_buffer_puts(&b, sentence == sentences->child ? "" : "|");
        cJSON_ArrayForEach(one, cJSON_GetObjectItem(sentence, "documents"))
            text_buffer_format(&b, "[%d]", cJSON_GetObjectItem(one, "document")->valueint);
    }
    return text_buffer_take(&b);
}

/* --- the fixtures ------------------------------------------------------------------------- */

/* The words of a command line; those from `owned` on are to be freed. */
struct words {
    const char *items[MOST_WORDS];
    size_t n, owned;
};

static void add(struct words *w, const char *a, const char *b) {
    w->items[w->n++] = a;
    w->items[w->n++] = b;
}

static void add_own(struct words *w, const char *name, const cJSON *value) {
    w->items[w->n++] = mem_format("--%s", name);
    w->items[w->n++] =
        cJSON_IsString(value) ? mem_text(value->valuestring) : cJSON_PrintUnformatted(value);
}

/* "1|2 3|": a line's form of lists of numbers. */
static cJSON *given_text(const cJSON *given) {
    struct text_buffer b = {0};
    const cJSON *sentence, *number;
    cJSON_ArrayForEach(sentence, given) {
        text_buffer_puts(&b, sentence == given->child ? "" : "|");
        cJSON_ArrayForEach(number, sentence) text_buffer_format(&b, "%d ", number->valueint);
    }
    cJSON *out = cJSON_CreateString(b.text);
    text_buffer_dispose(&b);
    return out;
}

static double number_of(const cJSON *object, const char *name) {
    const cJSON *v = cJSON_GetObjectItem(object, name);
    return cJSON_IsNumber(v) ? v->valuedouble : NAN;
}

/* A sentence's documents and their scores. */
static void compare_sentence(struct text_buffer *b, const cJSON *ours, const cJSON *theirs,
                             const char *name) {
    const cJSON *documents = cJSON_GetObjectItem(ours, "documents"), *pair;
    const cJSON *one = documents ? documents->child : NULL;
    if (cJSON_GetArraySize(documents) != cJSON_GetArraySize(theirs))
        text_buffer_format(b, "%s: %d documents, not %d\n", name, cJSON_GetArraySize(documents),
                           cJSON_GetArraySize(theirs));
    cJSON_ArrayForEach(pair, theirs) {
        const double score = pair->child->next->valuedouble;
        if (!one)
            return;
        if (number_of(one, "document") != pair->child->valuedouble ||
            !(fabs(number_of(one, "score") - score) <= 1e-3 * score + 1e-7))
            text_buffer_format(b, "%s: [%g] %g, not [%g] %g\n", name, number_of(one, "document"),
                               number_of(one, "score"), pair->child->valuedouble, score);
        one = one->next;
    }
}

static void compare(struct text_buffer *b, const cJSON *saved, const cJSON *cites,
                    const char *name) {
    const cJSON *ours = documents_cited(saved), *sentence,
                *sentences = cJSON_GetObjectItem(ours, "sentences"),
                *theirs = cJSON_GetObjectItem(cites, "sentences");
    const cJSON *one = sentences ? sentences->child : NULL;
    if (cJSON_GetArraySize(sentences) != cJSON_GetArraySize(theirs))
        text_buffer_format(b, "%s: %d sentences\n", name, cJSON_GetArraySize(sentences));
    for (sentence = theirs->child; sentence && one; sentence = sentence->next, one = one->next)
        compare_sentence(b, one, sentence, name);
    if (number_of(ours, "found") != number_of(cites, "found") ||
        number_of(ours, "both") != number_of(cites, "both"))
        text_buffer_format(b, "%s: %g of %g, not %g of %g\n", name, number_of(ours, "both"),
                           number_of(ours, "found"), number_of(cites, "both"),
                           number_of(cites, "found"));
}

static void check_rule(struct text_buffer *b, const cJSON *one, const cJSON *cites,
                       const struct document_files *files, const char *path) {
    struct words w = {.items = {"--document"}, .n = 1};
    const cJSON *rule = cJSON_GetObjectItem(cites, "rule"), *value;
    char *name =
        mem_format("%s %s", cJSON_GetObjectItem(one, "name")->valuestring, rule->valuestring);
    cJSON *given = given_text(cJSON_GetObjectItem(one, "given")), *saved = NULL;
    struct err e = {0};
    for (size_t i = 0; i < files->n; i++)
        w.items[w.n++] = files->paths[i];
    add(&w, "--citation_rule", rule->valuestring);
    add(&w, "--citations", given->valuestring);
    w.owned = w.n;
    add_own(&w, "citation_most", cJSON_GetObjectItem(cites, "most"));
    add_own(&w, "citation_sensitivity", cJSON_GetObjectItem(cites, "sensitivity"));
    cJSON_ArrayForEach(value, cJSON_GetObjectItem(one, "arguments"))
        add_own(&w, value->string, value);
    if (context_command(&saved, path, w.items, &e))
        text_buffer_format(b, "%s: %s\n", name, e.message);
    else
        compare(b, saved, cites, name);
    for (size_t i = w.owned; i < w.n; i++)
        free((char *)w.items[i]);
    cJSON_Delete(saved);
    cJSON_Delete(given);
    free(name);
}

static void check_case(struct text_buffer *b, const cJSON *one, const char *path) {
    const cJSON *documents = cJSON_GetObjectItem(one, "documents"), *item;
    const char *texts[8];
    struct document_files files;
    size_t n = 0;
    cJSON_ArrayForEach(item, documents) texts[n++] = item->valuestring;
    if (!document_files_write(&files, texts, n))
        text_buffer_puts(b, "no folder in /tmp\n");
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(one, "cites"))
        check_rule(b, one, item, &files, path);
    document_files_remove(&files);
}

char *documents_cases_check(const char *model, const char *path) {
    char *file = mem_format("%s/documents.json", getenv("TINSEQ_FIXTURES")), *text = NULL;
    struct text_buffer b = {0};
    struct err e;
    size_t n = 0, n_cases = 0;
    const cJSON *one;
    if (file_read(&text, &n, file, (size_t)16 << 20, &e))
        text_buffer_format(&b, "%s\n", e.message);
    cJSON *all = text ? cJSON_ParseWithLength(text, n) : NULL;
    cJSON_ArrayForEach(one, all) {
        if (strcmp(cJSON_GetObjectItem(one, "model")->valuestring, model) != 0)
            continue;
        check_case(&b, one, path);
        n_cases++;
    }
    if (!n_cases)
        text_buffer_format(&b, "no cases of %s\n", model);
    cJSON_Delete(all);
    free(text);
    free(file);
    return text_buffer_take(&b);
}
