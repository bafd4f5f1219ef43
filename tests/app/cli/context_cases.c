#include "tests/app/cli/context_cases.h"

#include "app/cli/subcommands.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_WORDS 64

/* NULL: there is none. */
static cJSON *read_json(const char *path) {
    char *text = NULL;
    size_t n;
    struct err e;
    if (file_read(&text, &n, path, (size_t)64 << 20, &e))
        return NULL;
    cJSON *json = cJSON_ParseWithLength(text, n);
    free(text);
    return json;
}

enum err_code context_command(cJSON **out, const char *model, const char *const *words,
                              struct err *e) {
    char path[] = "/tmp/tinseq-context-XXXXXX.json";
    const int file = mkstemps(path, 5);
    char *argv[MOST_WORDS] = {"-m", (char *)model, "-q", "--save_path", path};
    int n = 5;
    struct cli_arguments a;
    *out = NULL;
    if (file < 0)
        return err_set(e, ERR_IO, "no file in /tmp");
    (void)close(file);
    for (size_t i = 0; words[i]; i++)
        argv[n++] = (char *)words[i];
    enum err_code code = cli_parse(&a, CLI_CONTEXT, n, argv, e);
    if (code)
        goto out;
    code = cli_subcommand_find("attribute-context")->run(&a, e);
    cli_arguments_dispose(&a);
    if (!code)
        *out = read_json(path);
out:
    (void)unlink(path);
    return code;
}

/* An argument of Inseq's as words of the command line, which are owned. */
static void add_words(const char **words, size_t *n, const cJSON *value) {
    const cJSON *item = cJSON_IsArray(value) ? value->child : value;
    words[(*n)++] = mem_format("--%s", value->string);
    for (; item; item = cJSON_IsArray(value) ? item->next : NULL)
        words[(*n)++] =
            cJSON_IsString(item) ? mem_text(item->valuestring) : cJSON_PrintUnformatted(item);
}

static double largest(const cJSON *list) {
    const cJSON *item;
    double out = 0;
    cJSON_ArrayForEach(item, list) out = fmax(out, fabs(cJSON_GetNumberValue(item)));
    return out;
}

/* The same but for how many blanks there are. */
static bool same_text(const cJSON *ours, const cJSON *theirs) {
    const char *a = cJSON_GetStringValue(ours), *b = cJSON_GetStringValue(theirs);
    if (!a || !b)
        return cJSON_Compare(ours, theirs, true);
    while (*a || *b) {
        a += strspn(a, " ");
        b += strspn(b, " ");
        if (*a != *b)
            return false;
        a += *a != '\0';
        b += *b != '\0';
    }
    return true;
}

static void compare(struct text_buffer *b, const cJSON *ours, const cJSON *theirs, double within,
                    const char *where);

static void compare_lists(struct text_buffer *b, const cJSON *ours, const cJSON *theirs,
                          const char *where) {
    const double within = cJSON_IsNumber(theirs->child) ? 3e-5 * largest(theirs) + 1e-9 : 0;
    const int n = cJSON_GetArraySize(ours), m = cJSON_GetArraySize(theirs);
    if (n != m)
        text_buffer_format(b, "%s: %d and %d\n", where, n, m);
    for (int i = 0; i < n && i < m; i++)
        compare(b, cJSON_GetArrayItem(ours, i), cJSON_GetArrayItem(theirs, i), within, where);
}

static void compare_objects(struct text_buffer *b, const cJSON *ours, const cJSON *theirs,
                            const char *where) {
    const cJSON *item;
    cJSON_ArrayForEach(item, theirs) {
        char *inner = mem_format("%s/%s", where, item->string);
        const double number = cJSON_IsNumber(item) ? fabs(item->valuedouble) : 0;
        compare(b, cJSON_GetObjectItemCaseSensitive(ours, item->string), item, 3e-5 * number + 1e-7,
                inner);
        free(inner);
    }
}

/* Numbers within 3e-5 of the list's largest, all else the same. */
static void compare(struct text_buffer *b, const cJSON *ours, const cJSON *theirs, double within,
                    const char *where) {
    if (!ours || (cJSON_IsNumber(theirs) && !cJSON_IsNumber(ours)))
        text_buffer_format(b, "%s is missing\n", where);
    else if (cJSON_IsNumber(theirs) && !(fabs(ours->valuedouble - theirs->valuedouble) <= within))
        text_buffer_format(b, "%s: %g and %g\n", where, ours->valuedouble, theirs->valuedouble);
    else if (cJSON_IsArray(theirs))
        compare_lists(b, ours, theirs, where);
    else if (cJSON_IsObject(theirs))
        compare_objects(b, ours, theirs, where);
    else if (!cJSON_IsNumber(theirs) && !same_text(ours, theirs))
        text_buffer_format(b, "%s: %s and %s\n", where,
                           cJSON_IsString(ours) ? ours->valuestring : "?",
                           cJSON_IsString(theirs) ? theirs->valuestring : "null");
}

static void check_case(struct text_buffer *b, const cJSON *one, const char *path) {
    const char *words[MOST_WORDS] = {NULL}, *name = cJSON_GetObjectItem(one, "name")->valuestring;
    size_t n = 0;
    struct err e = {0};
    const cJSON *value;
    cJSON *ours = NULL;
    cJSON_ArrayForEach(value, cJSON_GetObjectItem(one, "arguments")) add_words(words, &n, value);
    if (context_command(&ours, path, words, &e))
        text_buffer_format(b, "%s: %s\n", name, e.message);
    else
        compare(b, ours, cJSON_GetObjectItem(one, "output"), 0, name);
    cJSON_Delete(ours);
    for (size_t i = 0; i < n; i++)
        free((char *)words[i]);
}

char *context_cases_check(const char *model, const char *path, int at_least) {
    char *file = mem_format("%s/context.json", getenv("TINSEQ_FIXTURES"));
    cJSON *all = read_json(file);
    struct text_buffer b = {0};
    const cJSON *one;
    int n = 0;
    cJSON_ArrayForEach(one, all) {
        if (strcmp(cJSON_GetObjectItem(one, "model")->valuestring, model) != 0)
            continue;
        check_case(&b, one, path);
        n++;
    }
    if (n < at_least)
        text_buffer_format(&b, "%d cases of %s\n", n, model);
    cJSON_Delete(all);
    free(file);
    return text_buffer_take(&b);
}
