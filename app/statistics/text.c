#include "app/statistics/text.h"

bool stats_uses_scope(const struct stats_spec *spec, enum stats_scope scope) {
    bool uses = false;
    for (size_t i = 0; i < spec->n_by; i++)
        uses |= stats_by_scope(&spec->by[i]) == scope;
    for (size_t i = 0; i < spec->n_filters; i++)
        uses |= stats_by_scope(&spec->filters[i].by) == scope;
    return uses;
}

bool stats_uses_key(const struct stats_spec *spec, enum stats_key_id id) {
    bool uses = false;
    for (size_t i = 0; i < spec->n_by; i++)
        uses |= spec->by[i].id == id;
    for (size_t i = 0; i < spec->n_filters; i++)
        uses |= spec->filters[i].by.id == id;
    return uses;
}
