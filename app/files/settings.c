#include "app/files/settings.h"

#include "app/files/request.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <cjson/cJSON.h>
#include <libgen.h>
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

void settings_load(struct settings *s, const char *path) {
    char *data;
    size_t n;
    struct err e;
    *s = (struct settings){.path = mem_text(path),
                           .zoom = -1,
                           .scale = -1,
                           .range = -1,
                           .norm = -1,
                           .request = request_defaults()};
    if (!path || !file_exists(path) || file_read(&data, &n, path, MOST_BYTES, &e) != ERR_OK)
        return;
    cJSON *json = cJSON_ParseWithLength(data, n);
    for (size_t i = 0; i < COUNT(texts); i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, texts[i].name);
        if (cJSON_IsString(item))
            *(char **)((char *)s + texts[i].offset) = mem_text(item->valuestring);
    }
    for (size_t i = 0; i < COUNT(numbers); i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, numbers[i].name);
        if (cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 100)
            *(int *)((char *)s + numbers[i].offset) = item->valueint;
    }
    for (size_t i = 0; i < COUNT(flags); i++)
        *(bool *)((char *)s + flags[i].offset) =
            cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, flags[i].name));
    const cJSON *request = cJSON_GetObjectItemCaseSensitive(json, "form");
    if (cJSON_IsObject(request)) {
        request_from_json(&s->request, request);
        s->has_request = true;
    }
    cJSON_Delete(json);
    free(data);
}

enum err_code settings_save(const struct settings *s, struct err *e) {
    if (!s->path)
        return ERR_OK;
    cJSON *json = cJSON_CreateObject();
    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *text = *(char *const *)((const char *)s + texts[i].offset);
        if (text)
            cJSON_AddStringToObject(json, texts[i].name, text);
    }
    for (size_t i = 0; i < COUNT(numbers); i++) {
        int number = *(const int *)((const char *)s + numbers[i].offset);
        if (number >= 0)
            cJSON_AddNumberToObject(json, numbers[i].name, number);
    }
    for (size_t i = 0; i < COUNT(flags); i++)
        if (*(const bool *)((const char *)s + flags[i].offset))
            cJSON_AddTrueToObject(json, flags[i].name);
    if (s->has_request)
        cJSON_AddItemToObject(json, "form", request_to_json(&s->request));
    char *text = cJSON_Print(json), *folder = mem_text(s->path);
    enum err_code code = file_make_folders(dirname(folder), e);
    if (code == ERR_OK)
        code = file_write(s->path, text, strlen(text), e);
    free(folder);
    cJSON_free(text);
    cJSON_Delete(json);
    return code;
}

void settings_dispose(struct settings *s) {
    free(s->path);
    for (size_t i = 0; i < COUNT(texts); i++)
        free(*(char **)((char *)s + texts[i].offset));
    request_dispose(&s->request);
    *s = (struct settings){.request = request_defaults()};
}
