#include "methods/result/attribution.h"

#include "backend/base/mem.h"

char *attribution_notices(const struct attribution *a, const char *between) {
    const struct info_texts *notices = &a->info.notices;
    struct text_buffer b = {0};
    for (size_t i = 0; i < notices->n && !notices->alone; i++)
        if (notices->items[i])
            text_buffer_format(&b, "%s%s", b.n ? between : "", notices->items[i]);
    return b.text;
}
