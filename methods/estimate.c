#include "methods/estimate.h"

#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/method.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Attention's products are small, at about two thirds of the others' rate; walking backwards there
 * are five where there were two. */
#define ATTENTION_WEIGHT 1.5
#define ATTENTION_BACKWARDS 2.5
/* Of the rate of products of 64 rows: large products are faster, and what is between small ones
 * takes its time. */
#define SLOWEST_SHARE 0.5
#define FASTEST_SHARE 2.0
/* A part of a run that is done tells of the rest, within so much; early parts are slower. */
#define REST_FASTER 0.6
#define REST_SLOWER 1.4
/* A worst case that is hardly more needs no word. */
#define WORTH_A_WORST 1.5
/* Of the memory that is free, a run should leave a little to others. */
#define SHARE_OF_AVAILABLE 0.9

static double most(double a, double b) {
    return a > b ? a : b;
}

/* --- operations --- */

/* Numbers that one row is multiplied by in a feed-forward layer, on average over the stack's: of
 * experts only those that are chosen compute. */
static double feed_forward_products(const struct model_config *m, const struct stack_plan *plan,
                                    const struct stack_sizes *s) {
    const struct expert_sizes *x = &m->experts;
    const double d = (double)m->n_width, n = (double)(s->n_layers > 0 ? s->n_layers : 1),
                 mixed = (double)layer_count(&plan->mixed, s->n_layers) / n,
                 experts = d * (double)(x->n + 3 * (x->n_used * x->n_ffn + x->n_shared_ffn));
    return (1 - mixed) * (plan->gated ? 3 : 2) * d * (double)s->n_ffn + mixed * experts;
}

/* Keys that one row of a decoder attends to, on average over rows and layers. */
static double mean_keys(const struct model_config *m, double n_target) {
    const double all = n_target / 2, n = (double)(m->n_layers > 0 ? m->n_layers : 1),
                 window = (double)m->n_window,
                 local = window > 0 && window < n_target
                             ? (double)layer_count(&m->decoder.local, m->n_layers) / n
                             : 0;
    return (1 - local) * all + local * window * (1 - window / (2 * most(n_target, 1)));
}

/* Multiplications and additions of one row through one decoder or encoder layer, but for
 * attention's own. */
static double layer_operations(const struct model_config *m, bool encoder) {
    const struct stack_plan *plan = encoder ? &m->encoder : &m->decoder;
    const struct stack_sizes *s = encoder ? &m->encoder_sizes : &m->decoder_sizes;
    const double d = (double)m->n_width, heads = (double)(s->n_heads * s->n_head_width),
                 kv = (double)(s->n_kv_heads * s->n_head_width);
    const double products[] = {[PART_NONE] = 0,
                               [PART_ATTENTION] = 2 * d * heads + 2 * d * kv,
                               [PART_RECURRENCE] = 2 * d * d,
                               [PART_CROSS_ATTENTION] = 2 * d * heads,
                               [PART_FEED_FORWARD] = feed_forward_products(m, plan, s)};
    double sum = 0;
    for (int i = 0; i < PLAN_PARTS; i++)
        sum += products[plan->parts[i]];
    return 2 * sum;
}

/* Of one row through the maps before a stack's first block and before the head. */
static double outer_operations(const struct model_config *m, bool encoder) {
    const struct stack_plan *plan = encoder ? &m->encoder : &m->decoder;
    const int n = plan->embedding_map + (plan->head_map != HEAD_MAP_NONE);
    return n * 2 * (double)m->n_width * (double)model_config_embedding_width(m);
}

/* The encoder's rows also make the cross-attentions' keys and values. */
static double source_row_operations(const struct cost_input *in, double attention_weight) {
    const struct model_config *m = in->config;
    const struct stack_sizes *s = &m->encoder_sizes;
    const double heads = (double)(s->n_heads * s->n_head_width),
                 keys = (double)(m->n_width * m->n_heads * m->n_head_width),
                 attention = attention_weight * 4 * (double)in->n_source * heads;
    return (double)m->encoder_sizes.n_layers * (layer_operations(m, true) + attention) +
           (double)m->n_layers * 4 * keys + outer_operations(m, true);
}

static double target_row_operations(const struct cost_input *in, double attention_weight) {
    const struct model_config *m = in->config;
    bool attends = plan_has(&m->decoder, PART_ATTENTION);
    double width = (double)(m->n_heads * m->n_head_width),
           self = attends ? 4 * width * mean_keys(m, (double)in->n_target) : 0;
    return (double)m->n_layers * (layer_operations(m, false) +
                                  attention_weight * (self + 4 * width * (double)in->n_source)) +
           outer_operations(m, false);
}

static double operations(const struct cost *c, const struct cost_input *in) {
    const double forwards = ATTENTION_WEIGHT, backwards = ATTENTION_WEIGHT * ATTENTION_BACKWARDS,
                 vocabulary = 2 * (double)in->config->n_vocab *
                              (double)model_config_embedding_width(in->config);
    return c->source_rows * source_row_operations(in, forwards) +
           c->source_gradients * source_row_operations(in, backwards) +
           c->target_rows * target_row_operations(in, forwards) +
           c->target_gradients * target_row_operations(in, backwards) +
           (c->logits + c->logit_gradients) * vocabulary + c->operations;
}

/* --- one method --- */

/* Where a method says nothing: a gradient of every column, or every token taken away once. */
static void cost_of_family(struct cost *c, const struct cost_input *in, enum method_family family) {
    double passes = family == FAMILY_PERTURBATION ? (double)cost_rows(in) : 1;
    cost_forwards(c, in, passes, passes * (double)in->n_steps);
    if (family == FAMILY_GRADIENT)
        cost_gradients(c, in, 1);
    cost_forward_bytes(c, in, cost_batch(in, passes, family == FAMILY_GRADIENT),
                       family == FAMILY_GRADIENT);
    if (family == FAMILY_GRADIENT)
        cost_gradient_bytes(c, in, (double)in->n_steps);
    const int64_t cells[] = {[FAMILY_GRADIENT] = model_config_embedding_width(in->config),
                             [FAMILY_INTERNALS] = in->config->n_layers,
                             [FAMILY_PERTURBATION] = 1,
                             [FAMILY_NONE] = 1};
    cost_result_bytes(c, in, cells[family]);
}

static struct cost cost_of_run(const struct method *m, const struct cost_input *in) {
    struct cost c = {0};
    if (m->cost)
        m->cost(&c, in);
    else
        cost_of_family(&c, in, m->decl.family);
    c.least = c.least > 0 ? c.least : 1;
    c.most = most(c.most, c.most > 0 ? c.least : 1);
    c.worst = most(c.worst, c.most);
    const double runs = 1 + (double)in->n_other_runs;
    double *const all[] = {
        &c.passes,           &c.source_rows, &c.target_rows,     &c.source_gradients,
        &c.target_gradients, &c.logits,      &c.logit_gradients, &c.bytes};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *all[i] *= runs;
    return c;
}

/* Of the steps from `first` on those that one run serves, as methods/engine/apart.h runs them. */
static struct cost_input run_from(const struct cost_input *in, int64_t first) {
    struct cost_input run = *in;
    const int64_t n_prefix = in->n_target - in->n_steps + 1 + first;
    run.n_steps = model_config_steps_alike(in->config, n_prefix, in->n_steps - first);
    run.n_target = n_prefix + run.n_steps - 1;
    return run;
}

static void add_run(struct cost *c, const struct cost *run) {
    c->passes += run->passes;
    c->source_rows += run->source_rows;
    c->target_rows += run->target_rows;
    c->source_gradients += run->source_gradients;
    c->target_gradients += run->target_gradients;
    c->logits += run->logits;
    c->logit_gradients += run->logit_gradients;
    c->operations += run->operations;
    c->bytes = most(c->bytes, run->bytes);
}

/* Of all runs, one after another, beside the result that theirs are put together in. */
static struct cost cost_of(const struct method *m, const struct cost_input *in, int64_t *n_runs) {
    const struct cost whole = cost_of_run(m, in);
    struct cost c = {.least = whole.least, .most = whole.most, .worst = whole.worst};
    struct cost_input run = run_from(in, 0);
    *n_runs = 1;
    if (run.n_steps >= in->n_steps)
        return whole;
    *n_runs = 0;
    for (int64_t first = 0; first < in->n_steps; first += run.n_steps) {
        ++*n_runs;
        run = run_from(in, first);
        const struct cost own = cost_of_run(m, &run);
        add_run(&c, &own);
    }
    c.bytes += whole.result;
    c.result = whole.result;
    return c;
}

/* How many of the first steps fit: the prompt stays, so that what is read grows with each. */
static int64_t fitting_steps(const struct method *m, const struct cost_input *in, double room) {
    int64_t low = 0, high = in->n_steps; /* low fits, or is 0; high does not */
    while (high - low > 1) {
        struct cost_input shorter = *in;
        int64_t middle = low + (high - low) / 2, n_runs;
        shorter.n_steps = middle;
        shorter.n_target = in->n_target - in->n_steps + middle;
        if (cost_of(m, &shorter, &n_runs).bytes <= room)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct cost_rates cost_rates_of(double rate) {
    return (struct cost_rates){SLOWEST_SHARE * rate, FASTEST_SHARE * rate};
}

void cost_time(struct cost_estimate *c, const struct cost_rates *rates) {
    if (rates->slowest <= 0 || rates->fastest < rates->slowest)
        return;
    c->seconds = c->operations / sqrt(rates->slowest * rates->fastest);
    c->least = c->cost.least * c->operations / rates->fastest;
    c->most = c->cost.most * c->operations / rates->slowest;
    c->worst = c->cost.worst * c->operations / rates->slowest;
}

void cost_refine(struct cost_estimate *c, double elapsed, double part) {
    const bool open = c->cost.worst > c->cost.least; /* the work may end before all is done */
    if (c->seconds < 0 || elapsed <= 0 || part <= 0 || part > 1)
        return;
    const double rest = elapsed * (1 - part) / part;
    c->seconds = elapsed + rest;
    c->worst = elapsed + REST_SLOWER * rest;
    c->least = open ? elapsed : elapsed + REST_FASTER * rest;
    c->most = open && c->most < c->worst ? most(c->most, elapsed) : c->worst;
}

void cost_estimate(struct cost_estimate *out, const struct method *method,
                   const struct cost_input *in, double rate, int64_t available) {
    *out = (struct cost_estimate){.seconds = -1,
                                  .least = -1,
                                  .most = -1,
                                  .worst = -1,
                                  .available = available,
                                  .fits = true,
                                  .n_source = in->n_source,
                                  .n_target = in->n_target,
                                  .n_steps = in->n_steps,
                                  .memory_budget = in->memory_budget};
    out->cost = cost_of(method, in, &out->n_runs);
    out->operations = operations(&out->cost, in);
    const struct cost_rates rates = cost_rates_of(rate);
    cost_time(out, &rates);
    out->bytes = (int64_t)most(out->cost.bytes, 0);
    out->steps_that_fit = in->n_steps;
    if (available >= 0 && out->cost.bytes > SHARE_OF_AVAILABLE * (double)available) {
        out->fits = false;
        out->steps_that_fit = fitting_steps(method, in, SHARE_OF_AVAILABLE * (double)available);
    }
}

/* --- as words --- */

static void write_bytes(struct text_buffer *b, int64_t bytes) {
    if (bytes >= 1000000000)
        text_buffer_format(b, "%.1f GB", (double)bytes / 1e9);
    else
        text_buffer_format(b, "%.0f MB", most(1, (double)bytes / 1e6));
}

char *cost_bytes_text(int64_t bytes) {
    struct text_buffer b = {0};
    write_bytes(&b, bytes);
    return text_buffer_take(&b);
}

/* A time as a person says it: two digits at most, of seconds, minutes or hours. */
struct time_word {
    char number[16];
    const char *unit;
};

/* Rounded downwards or upwards, so that what lies between two times lies between their words. */
static struct time_word time_word(double seconds, bool up) {
    static const struct {
        const char *unit;
        double seconds, until;
    } units[] = {{"s", 1, 100}, {"min", 60, 6000}, {"h", 3600, INFINITY}};
    size_t i = 0;
    while (seconds >= units[i].until)
        i++;
    const double value = seconds / units[i].seconds, step = value < 9.95 ? 0.1 : 1,
                 rounded = (up ? ceil(value / step - 1e-9) : floor(value / step + 1e-9)) * step;
    struct time_word word = {"", units[i].unit};
    snprintf(word.number, sizeof word.number, "%.*f",
             step < 1 && fabs(rounded - round(rounded)) > 1e-6 ? 1 : 0, rounded);
    return word;
}

char *cost_time_text(const struct cost_estimate *c) {
    if (c->seconds < 0)
        return NULL;
    const struct time_word least = time_word(c->least, false), last = time_word(c->most, true),
                           worst = time_word(c->worst, true);
    const bool one_unit = strcmp(least.unit, last.unit) == 0,
               equal = one_unit && strcmp(least.number, last.number) == 0;
    struct text_buffer b = {0};
    if (c->most < 1)
        text_buffer_puts(&b, "under 1 s");
    else if (strcmp(least.number, "0") == 0)
        text_buffer_format(&b, "under %s %s", last.number, last.unit);
    else if (equal)
        text_buffer_format(&b, "%s %s", last.number, last.unit);
    else
        text_buffer_format(&b, "%s%s%s to %s %s", least.number, one_unit ? "" : " ",
                           one_unit ? "" : least.unit, last.number, last.unit);
    if (c->worst > WORTH_A_WORST * c->most)
        text_buffer_format(&b, " (at worst %s %s)", worst.number, worst.unit);
    return text_buffer_take(&b);
}

char *cost_text(const struct cost_estimate *c) {
    struct text_buffer b = {0};
    char *time = cost_time_text(c);
    if (time)
        text_buffer_format(&b, "%s and ", time);
    else
        text_buffer_puts(&b, "about ");
    free(time);
    write_bytes(&b, c->bytes);
    if (c->n_runs > 1)
        text_buffer_format(&b, ", steps apart in %lld runs instead of 1", (long long)c->n_runs);
    return text_buffer_take(&b);
}

char *cost_warning(const struct cost_estimate *c) {
    if (c->fits)
        return NULL;
    struct text_buffer b = {0};
    text_buffer_puts(&b, "This run needs about ");
    write_bytes(&b, c->bytes);
    text_buffer_puts(&b, ", more than the ");
    write_bytes(&b, c->available);
    text_buffer_puts(&b, " that are free; ");
    if (c->steps_that_fit > 0)
        text_buffer_format(&b,
                           "the first %lld of the attributed tokens would fit (--end_pos), or a "
                           "method that keeps less.",
                           (long long)c->steps_that_fit);
    else
        text_buffer_puts(&b, "not even one token of this text would fit: a shorter text, or a "
                             "method that keeps less, does.");
    return text_buffer_take(&b);
}
