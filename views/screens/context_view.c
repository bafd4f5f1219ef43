#include "views/screens/context_view.h"

#include <stdlib.h>

void context_view_dispose(struct context_view *v) {
    for (size_t i = 0; i < v->n; i++)
        free(v->tokens[i].cues);
    free(v->tokens);
    free(v->documents);
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

static bool has_row(const struct context_part *p, bool target, int64_t index) {
    return p->given && p->target == target && index >= p->from && index < p->to;
}

size_t context_view_document(const struct context_view *v, bool target, int64_t index) {
    for (size_t i = 0; v && i < v->n_documents; i++)
        if (has_row(&v->documents[i].part, target, index))
            return v->documents[i].number;
    return 0;
}

/* What stands at the side of a context's row. */
static const char *part_mark(const struct context_view *v, bool target, int64_t index) {
    static const char *const numbers[] = {CONTEXT_PART, "¹", "²", "³", "⁴",
                                          "⁵",          "⁶", "⁷", "⁸", "⁹"};
    const size_t number = context_view_document(v, target, index),
                 before = context_view_document(v, target, index - 1);
    const bool begins = number && number != before && number < sizeof numbers / sizeof *numbers;
    return numbers[begins ? number : 0];
}

const char *context_view_mark(const struct context_view *v, int64_t column, bool target,
                              int64_t index) {
    bool within = false;
    for (size_t i = 0; v && i < CONTEXT_PARTS; i++)
        within |= has_row(&v->parts[i], target, index);
    if (!within)
        return NULL;
    if (is_cue(context_view_token(v, column), target, index))
        return CONTEXT_CUE;
    return part_mark(v, target, index);
}
