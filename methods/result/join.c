#include "methods/result/join.h"

#include "backend/base/mem.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static cJSON *notices_of(const cJSON *info) {
    return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(info, "tinseq"),
                                            "notices");
}

static bool holds(const cJSON *list, const char *text) {
    const cJSON *item;
    cJSON_ArrayForEach(item, list) if (cJSON_IsString(item) &&
                                       strcmp(item->valuestring, text) == 0) return true;
    return false;
}

/* What was told about both is kept once. */
static void add_notices(cJSON *to, const cJSON *from) {
    cJSON *list = notices_of(to);
    const cJSON *item;
    cJSON_ArrayForEach(item, notices_of(from)) if (cJSON_IsArray(list) && cJSON_IsString(item) &&
                                                   !holds(list, item->valuestring))
        cJSON_AddItemToArray(list, cJSON_CreateString(item->valuestring));
}

enum err_code attribution_join_take(struct attribution *a, struct attribution *b, struct err *e) {
    static const char *const lists[] = {"generated_texts", "input_texts"};
    cJSON *to = cJSON_Parse(a->info), *from = cJSON_Parse(b->info);
    enum err_code code =
        to && from ? ERR_OK : err_set(e, ERR_INTERNAL, "a result's info is not valid JSON");
    for (int i = 0; i < 2 && code == ERR_OK; i++) {
        cJSON *list = cJSON_GetObjectItemCaseSensitive(to, lists[i]),
              *more = cJSON_GetObjectItemCaseSensitive(from, lists[i]);
        while (cJSON_IsArray(list) && cJSON_IsArray(more) && more->child)
            cJSON_AddItemToArray(list, cJSON_DetachItemViaPointer(more, more->child));
    }
    if (code == ERR_OK)
        add_notices(to, from);
    cJSON *time = cJSON_GetObjectItemCaseSensitive(to, "exec_time");
    if (code == ERR_OK && cJSON_IsNumber(time))
        cJSON_SetNumberValue(
            time, time->valuedouble +
                      cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(from, "exec_time")));
    if (code == ERR_OK) {
        free(a->info);
        a->info = cJSON_PrintUnformatted(to);
        a->sequences =
            mem_resize(a->sequences, (a->n_sequences + b->n_sequences) * sizeof *a->sequences);
        for (size_t i = 0; i < b->n_sequences; i++)
            a->sequences[a->n_sequences++] = b->sequences[i];
        b->n_sequences = 0; /* its sequences now belong to a */
    }
    cJSON_Delete(to);
    cJSON_Delete(from);
    attribution_release(b);
    return code;
}
