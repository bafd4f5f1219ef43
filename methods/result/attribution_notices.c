#include "methods/result/attribution.h"

#include "backend/base/mem.h"

#include <cjson/cJSON.h>

char *attribution_notices(const struct attribution *a, const char *between) {
    struct text_buffer b = {0};
    cJSON *info = cJSON_Parse(a->info);
    const cJSON *item;
    cJSON_ArrayForEach(
        item, cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(info, "tinseq"),
                                               "notices")) if (cJSON_IsString(item))
        text_buffer_format(&b, "%s%s", b.n ? between : "", item->valuestring);
    cJSON_Delete(info);
    return b.text;
}
