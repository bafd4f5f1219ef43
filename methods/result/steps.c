#include "methods/result/steps.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

static void dispose_tokens(struct step_tokens *t) {
    for (size_t i = 0; i < t->n; i++)
        token_list_dispose(&t->items[i]);
    free(t->items);
}

static void dispose_step(struct attribution_step *s) {
    free(s->class_name);
    scores_dispose(&s->source_attributions);
    scores_dispose(&s->target_attributions);
    named_scores_dispose(s->step_scores, s->n_step_scores);
    named_scores_dispose(s->sequence_scores, s->n_sequence_scores);
    dispose_tokens(&s->source);
    dispose_tokens(&s->prefix);
    dispose_tokens(&s->target);
}

void steps_init(struct attribution_steps *s, size_t n) {
    s->items = mem_alloc(n * sizeof *s->items);
    s->n = n;
}

void steps_dispose(struct attribution_steps *s) {
    for (size_t i = 0; i < s->n; i++)
        dispose_step(&s->items[i]);
    free(s->items);
    *s = (struct attribution_steps){0};
}

static struct step_tokens copy_tokens(const struct step_tokens *from) {
    struct step_tokens to = {.n = from->n};
    if (!from->items)
        return to;
    to.items = mem_alloc((from->n + 1) * sizeof *to.items);
    for (size_t i = 0; i < from->n; i++)
        token_list_append(&to.items[i], &from->items[i]);
    return to;
}

static bool copy_step(struct attribution_step *to, const struct attribution_step *from) {
    to->class_name = mem_text(from->class_name);
    to->source = copy_tokens(&from->source);
    to->prefix = copy_tokens(&from->prefix);
    to->target = copy_tokens(&from->target);
    bool good = scores_copy(&to->source_attributions, &from->source_attributions);
    good = scores_copy(&to->target_attributions, &from->target_attributions) && good;
    good = named_scores_copy(&to->step_scores, &to->n_step_scores, from->step_scores,
                             from->n_step_scores) &&
           good;
    return named_scores_copy(&to->sequence_scores, &to->n_sequence_scores, from->sequence_scores,
                             from->n_sequence_scores) &&
           good;
}

bool steps_copy(struct attribution_steps *to, const struct attribution_steps *from) {
    bool good = true;
    *to = (struct attribution_steps){0};
    if (!from->items)
        return true;
    steps_init(to, from->n);
    for (size_t i = 0; i < from->n && good; i++)
        good = copy_step(&to->items[i], &from->items[i]);
    if (!good)
        steps_dispose(to);
    return good;
}

void steps_append_take(struct attribution_steps *to, struct attribution_steps *from) {
    const size_t n = to->n + from->n;
    to->items = mem_resize(to->items, (n ? n : 1) * sizeof *to->items);
    if (from->n)
        memcpy(to->items + to->n, from->items, from->n * sizeof *to->items);
    to->n = n;
    free(from->items);
    *from = (struct attribution_steps){0};
}
