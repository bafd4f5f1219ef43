#include "methods/declare/optional.h"

#include "backend/base/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool position_fits(int64_t value) {
    return value >= -MOST_POSITION && value <= MOST_POSITION;
}

bool position_parse(struct optional *out, const char *text) {
    char *end;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    const bool good =
        end > text && end[strspn(end, " ")] == '\0' && errno == 0 && position_fits(value);
    *out = (struct optional){good, good ? value : 0};
    return good;
}

bool position_read(struct optional *out, const struct json_value *v) {
    double number;
    *out = (struct optional){0};
    if (!json_number(&number, v) || !(number >= -MOST_POSITION && number <= MOST_POSITION))
        return false;
    *out = optional_of((int64_t)number);
    out->given = (double)out->value == number;
    return out->given;
}
