#include "views/screens/context_view.h"

#include <stdlib.h>

void context_view_dispose(struct context_view *v) {
    for (size_t i = 0; i < v->n; i++)
        free(v->tokens[i].cues);
    free(v->tokens);
    *v = (struct context_view){0};
}

const struct context_token *context_view_token(const struct context_view *v, int64_t column) {
    for (size_t i = 0; v && i < v->n; i++)
        if (v->tokens[i].column == column)
            return &v->tokens[i];
    return NULL;
}

int64_t context_view_step(const struct context_view *v, int64_t column, int direction) {
    if (!v || v->n == 0)
        return -1;
    if (direction > 0) {
        for (size_t i = 0; i < v->n; i++)
            if (v->tokens[i].column > column)
                return v->tokens[i].column;
        return v->tokens[0].column;
    }
    for (size_t i = v->n; i-- > 0;)
        if (v->tokens[i].column < column)
            return v->tokens[i].column;
    return v->tokens[v->n - 1].column;
}

int64_t context_view_first(const struct context_view *v) {
    int64_t column = -1;
    for (size_t i = 0; v && i < v->n && column < 0; i++)
        if (v->tokens[i].rank == 1)
            column = v->tokens[i].column;
    return column;
}

static bool is_cue(const struct context_token *t, bool target, int64_t index) {
    for (size_t i = 0; t && i < t->n_cues; i++)
        if (t->cues[i].target == target && t->cues[i].index == index)
            return true;
    return false;
}

const char *context_view_mark(const struct context_view *v, int64_t column, bool target,
                              int64_t index) {
    bool within = false;
    for (size_t i = 0; v && i < CONTEXT_PARTS; i++) {
        const struct context_part *p = &v->parts[i];
        within |= p->given && p->target == target && index >= p->from && index < p->to;
    }
    if (!within)
        return NULL;
    return is_cue(context_view_token(v, column), target, index) ? CONTEXT_CUE : CONTEXT_PART;
}
