#include "tests/backend/changed_plan.h"

#include "backend/model/model.h"

#include <criterion/criterion.h>

static void change(struct model *m, const struct changed_plan *as) {
    struct stack_plan *const plans[] = {&m->config.encoder, &m->config.decoder};
    for (enum model_stack i = STACK_ENCODER; i <= STACK_DECODER; i++) {
        struct stack *s = &m->parameters.stacks[i];
        plans[i]->norm_place = as->place;
        plans[i]->join = as->join;
        plans[i]->shared_norm = as->shared_norm;
        for (int64_t layer = 0; layer < s->n_layers; layer++)
            for (int part = 0; part < PLAN_PARTS && plans[i]->parts[part]; part++)
                s->blocks[layer].parts[part].after = s->blocks[layer].parts[part == 0].norm;
    }
}

struct model *changed_open(const char *folder, const struct changed_plan *as) {
    struct model *m;
    struct err e = {0};
    cr_assert_eq(model_open(&m, folder, NULL, NULL, &e), ERR_OK, "%s: %s", folder, e.message);
    if (as)
        change(m, as);
    return m;
}

/* A layer norm keeps a shift, of zeros. */
static void drop_shift(struct model *m, struct norm *norm) {
    struct err e;
    if (norm->bias)
        cr_assert_eq(m->tn->multiply(&norm->bias, m->scope, norm->bias, 0, &e), ERR_OK);
}

static void drop_biases(struct model *m, struct part_weights *w) {
    drop_shift(m, &w->norm);
    drop_shift(m, &w->after);
    struct weight *const maps[] = {&w->query,         &w->key, &w->value, &w->output,
                                   &w->gate,          &w->up,  &w->down,  &w->recurrent_input,
                                   &w->recurrent_gate};
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        maps[i]->bias = NULL;
}

void changed_drop_biases(struct model *m) {
    m->parameters.head.bias = NULL;
    for (enum model_stack i = STACK_ENCODER; i <= STACK_DECODER; i++) {
        struct stack *s = &m->parameters.stacks[i];
        for (int64_t layer = 0; layer < s->n_layers; layer++)
            for (int part = 0; part < PLAN_PARTS; part++)
                drop_biases(m, &s->blocks[layer].parts[part]);
    }
}

void changed_each(const char *const *folders, size_t n,
                  void (*check)(const char *folder, const struct changed_plan *as)) {
    for (size_t i = 0; i < n; i++)
        for (enum norm_place place = NORM_BEFORE; place <= NORM_BEFORE_BOTH; place++) {
            check(folders[i], &(struct changed_plan){place, JOIN_IN_TURN, false});
            if (place == NORM_BEFORE_BOTH) /* stands for nothing side by side */
                continue;
            check(folders[i], &(struct changed_plan){place, JOIN_SIDE_BY_SIDE, false});
            check(folders[i], &(struct changed_plan){place, JOIN_SIDE_BY_SIDE, true});
        }
}
