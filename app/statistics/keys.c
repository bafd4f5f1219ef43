#include "app/statistics/keys.h"

#include <string.h>

#define FIELD "field:"

static const struct stats_key keys[] = {
#define KEY(id, name, scope, numeric, summary) {name, summary, STATS_##scope, numeric},
#include "app/statistics/keys.def"
};

const struct stats_key *stats_key(enum stats_key_id id) {
    return &keys[id];
}

struct stats_by stats_by_read(const char *word) {
    struct stats_by out = {.id = STATS_FIELD, .field = word};
    if (strncmp(word, FIELD, strlen(FIELD)) == 0) {
        out.field += strlen(FIELD);
        return out;
    }
    for (size_t i = 0; i < STATS_KEYS; i++)
        if (strcmp(keys[i].name, word) == 0)
            return (struct stats_by){.id = (enum stats_key_id)i};
    return out;
}

const char *stats_by_name(const struct stats_by *by) {
    return by->id == STATS_FIELD ? by->field : keys[by->id].name;
}

enum stats_scope stats_by_scope(const struct stats_by *by) {
    return by->id == STATS_FIELD ? STATS_TEXT : keys[by->id].scope;
}
