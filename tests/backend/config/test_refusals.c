/* What the configurations of every tiny checkpoint may not say, by the rows of its family's
 * settings; and keys that no row names. */
#include "backend/architectures/families.h"
#include "backend/base/json_file.h"
#include "backend/base/mem.h"
#include "backend/settings/settings.h"
#include "tests/backend/tiny.h"
#include "tests/backend/tree.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct err error;

struct subject {
    const char *folder;
    struct model_files files;
    cJSON *json; /* its config.json */
};

/* false: it has no config.json. */
static bool open_subject(struct subject *s, const char *folder) {
    *s = (struct subject){.folder = folder};
    cr_assert_eq(model_locate(&s->files, folder, &error), ERR_OK, "%s", error.message);
    if (s->files.layout != LAYOUT_HUGGING_FACE) {
        model_files_dispose(&s->files);
        return false;
    }
    cr_assert_eq(json_read_object(&s->json, s->files.config, 1 << 20, &error), ERR_OK, "%s",
                 error.message);
    return true;
}

static void close_subject(struct subject *s) {
    model_files_dispose(&s->files);
    cJSON_Delete(s->json);
}

/* Reads the configuration with one key more, or with another value of it; `value` is taken. */
static enum err_code read_with(struct model_config *c, const struct subject *s, const char *key,
                               cJSON *value) {
    cJSON *changed = cJSON_Duplicate(s->json, true);
    cJSON_DeleteItemFromObjectCaseSensitive(changed, key);
    cJSON_AddItemToObject(changed, key, value);
    char *text = cJSON_Print(changed), *folder = tree_new(),
         *path = tree_write_bytes(folder, "config.json", text, strlen(text));
    struct model_files files = s->files;
    files.config = path;
    error = (struct err){0};
    const enum err_code code = model_config_read(c, &files, NULL, &error);
    tree_free(folder);
    free(path);
    free(text);
    cJSON_Delete(changed);
    return code;
}

/* A value that is not the only one; NULL: the row reads what there is. */
static cJSON *other_value(const struct setting *row, const struct model_config *c) {
    const char *like = (const char *)c + row->like;
    switch (row->kind) {
    case SETTING_ONLY_FLAG:
        return cJSON_CreateBool(!(row->like ? *(const bool *)like : row->value != 0));
    case SETTING_ONLY_NUMBER:
        return cJSON_CreateNumber((row->like ? (double)*(const int64_t *)like : row->value) + 1);
    case SETTING_ONLY_TEXT:
        return cJSON_CreateString("another");
    case SETTING_ONLY_EMPTY:
        return cJSON_CreateString("something");
    default:
        return NULL;
    }
}

/* Whether a class's own table has a row in the place of its base's. */
static bool is_replaced(const struct settings *own, const struct settings *table,
                        const struct setting *row) {
    bool replaced = false;
    for (size_t i = 0; i < own->n && own != table && row->key; i++)
        replaced |= own->rows[i].key && strcmp(own->rows[i].key, row->key) == 0;
    return replaced;
}

static int check_rows(const struct subject *s, const struct settings *own,
                      const struct settings *table) {
    struct model_config plain, other;
    int n = 0;
    cr_assert_eq(model_config_read(&plain, &s->files, NULL, &error), ERR_OK, "%s", error.message);
    for (size_t i = 0; i < table->n; i++) {
        const struct setting *row = &table->rows[i];
        const bool left_out = row->notice || is_replaced(own, table, row);
        cJSON *value = left_out ? NULL : other_value(row, &plain);
        if (!value)
            continue;
        cr_expect_eq(read_with(&other, s, row->key, value), ERR_UNSUPPORTED, "%s: %s", s->folder,
                     row->key);
        cr_expect(strstr(error.message, row->key), "%s: %s", s->folder, error.message);
        n++;
    }
    return n;
}

/* The rows of the class that a file names. */
static const struct settings *settings_of(const struct subject *s) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(s->json, "model_type");
    return family_find(LAYOUT_HUGGING_FACE, NULL, type->valuestring).class->settings;
}

Test(refusals, another_value_where_only_one_runs_is_an_error_that_names_the_key) {
    size_t n_folders;
    char **folders = tiny_folders(&n_folders);
    int n = 0;
    for (size_t i = 0; i < n_folders; i++) {
        struct subject s;
        if (!open_subject(&s, folders[i]))
            continue;
        const struct settings *own = settings_of(&s);
        n += check_rows(&s, own, own) + check_rows(&s, own, own->base);
        close_subject(&s);
    }
    cr_expect_geq(n, 36, "%d values", n);
    free(folders);
}

Test(refusals, a_key_that_no_row_names_is_a_notice_and_a_harmless_one_is_not) {
    static const char *const keys[] = {"colour_of_the_sky", "initializer_range"};
    size_t n_folders;
    char **folders = tiny_folders(&n_folders);
    for (size_t i = 0; i < n_folders; i++) {
        struct subject s;
        struct model_config c;
        if (!open_subject(&s, folders[i]))
            continue;
        for (int k = 0; k < 2; k++) {
            const enum err_code code = read_with(&c, &s, keys[k], cJSON_CreateNumber(1));
            cr_assert_eq(code, ERR_OK, "%s: %s", folders[i], error.message);
            cr_expect_eq(strstr(c.notice, keys[k]) != NULL, k == 0, "%s: %s", folders[i], c.notice);
            cr_expect_eq(*c.notice != '\0', k == 0, "%s: %s", folders[i], c.notice);
        }
        close_subject(&s);
    }
    free(folders);
}
