#include "app/files/settings.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "methods/request/request.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (4 << 20)
#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct {
    const char *name;
    size_t offset;
} texts[] =
    {
        {"theme", offsetof(struct settings, theme)},
        {"diverging_map", offsetof(struct settings, diverging)},
        {"sequential_map", offsetof(struct settings, sequential)},
        {"model", offsetof(struct settings, model)},
},
  numbers[] =
      {
          {"cell_zoom", offsetof(struct settings, zoom)},
          {"scale", offsetof(struct settings, scale)},
          {"range", offsetof(struct settings, range)},
          {"normalise", offsetof(struct settings, norm)},
},
  flags[] = {
      {"no_numbers", offsetof(struct settings, no_numbers)},
      {"no_detail", offsetof(struct settings, no_detail)},
      {"no_mouse", offsetof(struct settings, no_mouse)},
      {"raw_tokens", offsetof(struct settings, raw_tokens)},
};

void settings_set(char **member, const char *text) {
    char *copy = mem_text(text);
    free(*member);
    *member = copy;
}

static void read_settings(struct settings *s, const struct json_value *json) {
    double number;
    for (size_t i = 0; i < COUNT(texts); i++) {
        const struct json_value *v = json_get(json, texts[i].name);
        if (v && v->type == JSON_STRING)
            mem_replace((char **)((char *)s + texts[i].offset), mem_text_n(v->text, v->n_text));
    }
    for (size_t i = 0; i < COUNT(numbers); i++)
        if (json_number(&number, json_get(json, numbers[i].name)) && number >= 0 && number < 100)
            *(int *)((char *)s + numbers[i].offset) = (int)number;
    for (size_t i = 0; i < COUNT(flags); i++) {
        const struct json_value *v = json_get(json, flags[i].name);
        *(bool *)((char *)s + flags[i].offset) = v && v->type == JSON_TRUE;
    }
    const struct json_value *form = json_get(json, "form");
    s->has_request = form && form->type == JSON_OBJECT;
    s->request = request_read(form);
}

enum err_code settings_load(struct settings *s, const char *path, struct err *e) {
    char *data;
    size_t n;
    struct err inner;
    *s =
        (struct settings){.path = mem_text(path), .zoom = -1, .scale = -1, .range = -1, .norm = -1};
    if (!path || !file_is_there(path))
        return ERR_OK;
    enum err_code code = file_read(&data, &n, path, MOST_BYTES, e);
    if (code)
        return code;
    struct json_document *d;
    code = json_parse(&d, data, n, &inner);
    if (code) {
        code = err_set(e, code, "%s: %s", path, inner.message);
        goto out;
    }
    read_settings(s, json_root(d));
    json_free(d);
out:
    free(data);
    return code;
}

/* What is kept, owned by the caller. */
static char *settings_text(const struct settings *s) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < COUNT(texts); i++)
        json_put_string(&b, texts[i].name, *(char *const *)((const char *)s + texts[i].offset));
    for (size_t i = 0; i < COUNT(numbers); i++) {
        int number = *(const int *)((const char *)s + numbers[i].offset);
        if (number >= 0)
            json_put_number(&b, numbers[i].name, number);
    }
    for (size_t i = 0; i < COUNT(flags); i++)
        if (*(const bool *)((const char *)s + flags[i].offset))
            json_put_flag(&b, flags[i].name, true);
    char *form = s->has_request ? request_text(&s->request) : NULL;
    if (form)
        json_put_value(&b, "form", form);
    free(form);
    char *flat = json_take_object(&b), *text = json_pretty(flat);
    free(flat);
    return text;
}

enum err_code settings_save(const struct settings *s, struct err *e) {
    if (!s->path)
        return ERR_OK;
    char *text = settings_text(s), *folder = file_folder(s->path);
    enum err_code code = file_make_folders(folder, e);
    if (code)
        goto out;
    code = file_write(s->path, text, strlen(text), e);
out:
    free(folder);
    free(text);
    return code;
}

void settings_dispose(struct settings *s) {
    free(s->path);
    for (size_t i = 0; i < COUNT(texts); i++)
        free(*(char **)((char *)s + texts[i].offset));
    request_dispose(&s->request);
    *s = (struct settings){0};
}
