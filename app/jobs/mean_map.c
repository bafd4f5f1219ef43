#include "app/jobs/mean_map.h"

#include "aggregators/aggregate.h"
#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CELL ((int64_t)1 << 16) /* numbers behind a row and column */

/* Sums of numbers by cell; a cell without any is NaN in the mean. */
struct sums {
    double *sum;
    uint32_t *count;
    struct scores shape; /* without data; n_dims 0: nothing was added */
};

struct role {
    char *label;
    double place;      /* Σ of where its tokens stand, from 0 to 1 */
    size_t n;          /* tokens */
    struct sums cells; /* [1, MEAN_MAP_STEPS, …] */
};

struct named_sums {
    char *name;
    struct sums steps;
};

struct mean_map {
    size_t n; /* texts */
    bool has_tail;
    int n_tail; /* dims behind [rows, G] */
    int64_t tail[SCORES_MAX_DIMS];
    enum attribution_class class;
    char *class_name;
    struct result_info info; /* the first text's */
    int64_t most_steps, cut; /* of texts; texts that have more than are kept */

    /* Place by place, while all are alike: */
    bool by_place;
    struct attribution_sequence place; /* without scores: the tokens, "[3]" where they differ */
    struct sums source, target;

    struct role *roles;
    size_t n_roles;
    struct named_sums *scores;
    size_t n_scores;
};

/* --- sums --- */

static void sums_dispose(struct sums *s) {
    free(s->sum);
    free(s->count);
    *s = (struct sums){0};
}

static int64_t count_of(const struct scores *shape) {
    int64_t n = 1;
    for (int i = 0; i < shape->n_dims; i++)
        n *= shape->dims[i];
    return n;
}

static void sums_init(struct sums *s, int n_dims, const int64_t *dims) {
    s->shape.n_dims = n_dims;
    memcpy(s->shape.dims, dims, (size_t)n_dims * sizeof *dims);
    const size_t n = (size_t)count_of(&s->shape);
    s->sum = mem_alloc((n + 1) * sizeof *s->sum);
    s->count = mem_alloc((n + 1) * sizeof *s->count);
}

static void sums_add(struct sums *s, int64_t at, const float *values, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (isfinite(values[i])) {
            s->sum[at + i] += (double)values[i];
            s->count[at + i]++;
        }
}

static float mean_at(const struct sums *s, int64_t i) {
    return s->count[i] ? (float)(s->sum[i] / s->count[i]) : NAN;
}

/* --- making and freeing --- */

struct mean_map *mean_map_new(bool by_role) {
    struct mean_map *m = mem_alloc(sizeof *m);
    m->by_place = !by_role;
    return m;
}

void mean_map_free(struct mean_map *m) {
    if (!m)
        return;
    for (size_t i = 0; i < m->n_roles; i++) {
        free(m->roles[i].label);
        sums_dispose(&m->roles[i].cells);
    }
    for (size_t i = 0; i < m->n_scores; i++) {
        free(m->scores[i].name);
        sums_dispose(&m->scores[i].steps);
    }
    sums_dispose(&m->source);
    sums_dispose(&m->target);
    attribution_sequence_dispose(&m->place);
    result_info_dispose(&m->info);
    free(m->class_name);
    free(m->roles);
    free(m->scores);
    free(m);
}

size_t mean_map_count(const struct mean_map *m) {
    return m->n;
}

/* --- adding --- */

static const struct scores *any_scores(const struct attribution_sequence *s) {
    return s->source_attributions.data ? &s->source_attributions : &s->target_attributions;
}

/* Dims behind [rows, G] are those of the texts before. */
static enum err_code check_tail(struct mean_map *m, const struct scores *s, struct err *e) {
    const size_t n = s->n_dims >= 2 ? (size_t)(s->n_dims - 2) : 0;
    if (!s->data || s->n_dims < 2)
        return err_set(e, ERR_SHAPE, "it has no scores of tokens");
    if (m->has_tail && (m->n_tail != (int)n || memcmp(m->tail, s->dims + 2, n * sizeof *m->tail)))
        return err_set(e, ERR_SHAPE, "its layers and heads are not those of the rows before");
    int64_t cell = 1;
    for (size_t i = 0; i < n; i++)
        if (__builtin_mul_overflow(cell, s->dims[2 + i], &cell) || cell > MOST_CELL)
            return err_set(e, ERR_SHAPE, "it has more layers and heads than can be averaged");
    m->has_tail = true;
    m->n_tail = (int)n;
    memcpy(m->tail, s->dims + 2, n * sizeof *m->tail);
    return ERR_OK;
}

static int64_t cell_of(const struct mean_map *m) {
    int64_t n = 1;
    for (int i = 0; i < m->n_tail; i++)
        n *= m->tail[i];
    return n;
}

static struct role *role_of(struct mean_map *m, const char *label) {
    int64_t dims[SCORES_MAX_DIMS] = {1, MEAN_MAP_STEPS};
    for (size_t i = 0; i < m->n_roles; i++)
        if (strcmp(m->roles[i].label, label) == 0)
            return &m->roles[i];
    memcpy(dims + 2, m->tail, (size_t)m->n_tail * sizeof *dims);
    m->roles = mem_resize(m->roles, (m->n_roles + 1) * sizeof *m->roles);
    m->roles[m->n_roles] = (struct role){.label = mem_text(label)};
    sums_init(&m->roles[m->n_roles].cells, 2 + m->n_tail, dims);
    return &m->roles[m->n_roles++];
}

static void add_side(struct mean_map *m, const struct scores *s, bool target,
                     const struct row_roles *roles) {
    const int64_t cell = cell_of(m), columns = s->data ? s->dims[1] : 0,
                  kept = columns < MEAN_MAP_STEPS ? columns : MEAN_MAP_STEPS;
    for (int64_t row = 0; columns && row < s->dims[0]; row++) {
        struct role *to = role_of(m, row_role(roles, target, (size_t)row));
        sums_add(&to->cells, 0, s->data + row * columns * cell, kept * cell);
        to->place += target + (double)row / (double)s->dims[0];
        to->n++;
    }
}

static void add_scores(struct mean_map *m, const struct named_scores *from) {
    static const int64_t dims[1] = {MEAN_MAP_STEPS};
    size_t i = 0;
    while (i < m->n_scores && strcmp(m->scores[i].name, from->name) != 0)
        i++;
    if (i == m->n_scores) {
        m->scores = mem_resize(m->scores, (i + 1) * sizeof *m->scores);
        m->scores[m->n_scores++] = (struct named_sums){.name = mem_text(from->name)};
        sums_init(&m->scores[i].steps, 1, dims);
    }
    const int64_t n = scores_count(&from->scores);
    sums_add(&m->scores[i].steps, 0, from->scores.data, n < MEAN_MAP_STEPS ? n : MEAN_MAP_STEPS);
}

/* --- place by place --- */

static bool same_shape(const struct sums *s, const struct scores *scores) {
    if (!scores->data)
        return s->shape.n_dims == 0;
    return s->shape.n_dims == scores->n_dims &&
           memcmp(s->shape.dims, scores->dims, (size_t)scores->n_dims * sizeof *scores->dims) == 0;
}

static bool is_alike(const struct mean_map *m, const struct attribution_sequence *s) {
    const struct attribution_sequence *p = &m->place;
    return p->source.n == s->source.n && p->target.n == s->target.n &&
           p->attr_pos_start == s->attr_pos_start && p->attr_pos_end == s->attr_pos_end &&
           same_shape(&m->source, &s->source_attributions) &&
           same_shape(&m->target, &s->target_attributions);
}

/* Places where the texts do not have the same token lose its name. */
static void see_tokens(struct token_list *names, const struct token_list *own) {
    struct token_list out = {0};
    bool differs = false;
    for (size_t i = 0; i < own->n; i++)
        differs |= strcmp(names->items[i].piece, own->items[i].piece) != 0;
    for (size_t i = 0; differs && i < own->n; i++) {
        const struct token *t = &names->items[i];
        char *place = mem_format("[%zu]", i + 1);
        if (strcmp(t->piece, own->items[i].piece) == 0)
            token_list_add(&out, t->id, t->special, t->piece, t->bytes, t->n_bytes);
        else
            token_list_add(&out, -1, false, place, place, strlen(place));
        free(place);
    }
    if (!differs)
        return;
    token_list_dispose(names);
    *names = out;
}

static void add_array(struct sums *s, const struct scores *scores) {
    if (!scores->data)
        return;
    if (s->shape.n_dims == 0)
        sums_init(s, scores->n_dims, scores->dims);
    sums_add(s, 0, scores->data, scores_count(scores));
}

static void add_places(struct mean_map *m, const struct attribution_sequence *s) {
    m->by_place = m->by_place && (m->n == 0 || is_alike(m, s));
    if (!m->by_place)
        return;
    if (m->n == 0)
        (void)attribution_sequence_copy(&m->place, s, false);
    see_tokens(&m->place.source, &s->source);
    see_tokens(&m->place.target, &s->target);
    add_array(&m->source, &s->source_attributions);
    add_array(&m->target, &s->target_attributions);
}

/* --- a text --- */

static void add(struct mean_map *m, const struct attribution *a,
                const struct attribution_sequence *s, const struct row_roles *roles) {
    const int64_t steps = attribution_steps(s);
    add_places(m, s);
    add_side(m, &s->source_attributions, false, roles);
    add_side(m, &s->target_attributions, true, roles);
    for (size_t i = 0; i < s->n_step_scores; i++)
        add_scores(m, &s->step_scores[i]);
    if (m->n++ == 0) {
        m->class = s->class;
        m->class_name = mem_text(s->class_name);
        m->info = result_info_copy(&a->info);
    }
    m->most_steps = steps > m->most_steps ? steps : m->most_steps;
    m->cut += steps > MEAN_MAP_STEPS;
}

/* [rows, G, L, width] becomes [rows, G, L]. */
static enum err_code reduce_width(struct attribution_sequence *out,
                                  const struct attribution_sequence *s, struct err *e) {
    struct pipeline p = {0};
    pipeline_append(&p, "scores", NULL);
    enum err_code code = aggregate_sequence(out, s, &p, NULL, e);
    pipeline_dispose(&p);
    if (code)
        return code;
    out->class = ATTRIBUTION_MULTI_DIMENSIONAL;
    mem_replace(&out->class_name, mem_text("MultiDimensionalFeatureAttributionSequenceOutput"));
    return ERR_OK;
}

/* What is averaged of a text: layers and heads stay, all else is as show() has it. */
static enum err_code reduce(struct attribution_sequence *out, const struct attribution_sequence *s,
                            struct err *e) {
    const int dims = any_scores(s)->n_dims;
    if (s->class == ATTRIBUTION_GRANULAR && dims == 4)
        return reduce_width(out, s, e);
    if (s->class != ATTRIBUTION_MULTI_DIMENSIONAL || dims == 2)
        return aggregate_default(out, s, e);
    return attribution_sequence_copy(out, s, true) ? ERR_OK
                                                   : err_set(e, ERR_NOMEM, "no memory for a row");
}

enum err_code mean_map_add(struct mean_map *m, const struct attribution *a,
                           const struct row_roles *roles, struct err *e) {
    struct attribution_sequence s;
    enum err_code code = reduce(&s, a->sequences, e);
    if (code)
        return code;
    code = check_tail(m, any_scores(&s), e);
    if (!code)
        add(m, a, &s, roles);
    attribution_sequence_dispose(&s);
    return code;
}

/* --- the mean --- */

static void fill(struct scores *out, const struct sums *s) {
    if (s->shape.n_dims == 0 || !scores_init(out, s->shape.n_dims, s->shape.dims, NAN))
        return;
    for (int64_t i = 0; i < scores_count(out); i++)
        out->data[i] = mean_at(s, i);
}

/* With a blank behind it, so that it is a word of its own in running text. */
static void name_token(struct token_list *list, const char *text) {
    char *word = mem_format("%s ", text);
    token_list_add(list, -1, false, word, word, strlen(word));
    free(word);
}

static int64_t steps_of(const struct mean_map *m) {
    return m->most_steps < MEAN_MAP_STEPS ? m->most_steps : MEAN_MAP_STEPS;
}

static int by_place(const void *a, const void *b) {
    const struct role *x = *(const struct role *const *)a, *y = *(const struct role *const *)b;
    const double p = x->place / (double)x->n, q = y->place / (double)y->n;
    return (p > q) - (p < q);
}

static bool has_number(const struct role *r) {
    const int64_t n = count_of(&r->cells.shape);
    for (int64_t i = 0; i < n; i++)
        if (r->cells.count[i])
            return true;
    return false;
}

/* Those that have a number, as they stand in the texts on average; owned by the caller. */
static const struct role **ordered_roles(size_t *n, const struct mean_map *m) {
    const struct role **roles = mem_alloc((m->n_roles + 1) * sizeof *roles);
    *n = 0;
    for (size_t i = 0; i < m->n_roles; i++)
        if (has_number(&m->roles[i]))
            roles[(*n)++] = &m->roles[i];
    if (*n)
        qsort(roles, *n, sizeof *roles, by_place);
    return roles;
}

/* Rows are roles, columns steps. */
static void fill_roles(struct attribution_sequence *s, const struct mean_map *m) {
    const int64_t steps = steps_of(m), cell = cell_of(m);
    size_t n;
    const struct role **roles = ordered_roles(&n, m);
    int64_t dims[SCORES_MAX_DIMS] = {(int64_t)n, steps};
    memcpy(dims + 2, m->tail, (size_t)m->n_tail * sizeof *dims);
    for (size_t i = 0; i < n; i++)
        name_token(&s->source, roles[i]->label);
    for (int64_t g = 0; g < steps; g++) {
        char *name = mem_format("step %lld", (long long)g + 1);
        name_token(&s->target, name);
        free(name);
    }
    s->attr_pos_end = steps;
    const bool room = scores_init(&s->source_attributions, 2 + m->n_tail, dims, NAN);
    for (size_t i = 0; i < n && room; i++)
        for (int64_t k = 0; k < steps * cell; k++)
            s->source_attributions.data[(int64_t)i * steps * cell + k] =
                mean_at(&roles[i]->cells, k);
    free(roles);
}

static void fill_places(struct attribution_sequence *s, const struct mean_map *m) {
    token_list_append(&s->source, &m->place.source);
    token_list_append(&s->target, &m->place.target);
    s->attr_pos_start = m->place.attr_pos_start;
    s->attr_pos_end = m->place.attr_pos_end;
    fill(&s->source_attributions, &m->source);
    fill(&s->target_attributions, &m->target);
}

static void fill_scores(struct attribution_sequence *s, const struct mean_map *m) {
    for (size_t i = 0; i < m->n_scores; i++) {
        struct scores *to = attribution_add_step_scores(s, m->scores[i].name);
        for (int64_t g = 0; to && g < scores_count(to) && g < MEAN_MAP_STEPS; g++)
            to->data[g] = mean_at(&m->scores[i].steps, g);
    }
}

/* What the texts have in common, and what was averaged. */
static void tell(struct result_info *to, const struct mean_map *m, const char *what) {
    const char *how = m->by_place ? "place by place: all have as many tokens"
                                  : "by role: each number is the mean over all tokens of one";
    to->method = mem_text(m->info.method);
    to->function.id = mem_text(m->info.function.id);
    to->function.suffixed = m->info.function.suffixed;
    to->model_name = mem_text(m->info.model_name);
    to->model_class = mem_text(m->info.model_class);
    to->tokenizer_class = mem_text(m->info.tokenizer_class);
    char *notice = mem_format("the mean of %s, %s", what, how);
    info_texts_add(&to->notices, notice);
    free(notice);
    if (!m->cut)
        return;
    notice = mem_format("%lld texts have more than %d steps: %s", (long long)m->cut, MEAN_MAP_STEPS,
                        m->by_place ? "step scores of those beyond are left out"
                                    : "those beyond are left out");
    info_texts_add(&to->notices, notice);
    free(notice);
}

struct attribution *mean_map_result(const struct mean_map *m, const char *what) {
    if (!m->n)
        return NULL;
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = a->sequences;
    s->class = m->class;
    s->class_name = mem_text(m->class_name);
    if (m->by_place)
        fill_places(s, m);
    else
        fill_roles(s, m);
    fill_scores(s, m);
    s->n_done = attribution_steps(s);
    tell(&a->info, m, what);
    return a;
}
