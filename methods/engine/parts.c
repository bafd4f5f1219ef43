#include "methods/engine/parts.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int64_t parts_keys(const struct attention_parts *p, int64_t i) {
    return p->causal ? i + 1 : p->n_key;
}

static void add(float *to, const float *x, double factor, int64_t n) {
    const float f = (float)factor;
    for (int64_t k = 0; k < n; k++)
        to[k] += f * x[k];
}

/* The share of each input in state i of a recurrence: (1 − f_j) x_j times all later gates. */
static void recurrence_shares(const struct attention_parts *p, int64_t i, float *out) {
    const int64_t d = p->width;
    for (int64_t k = 0; k < d; k++) {
        float kept = 1;
        for (int64_t j = i; j >= 0; j--) {
            out[j * d + k] = kept * (1 - p->forget[j * d + k]) * p->input[j * d + k];
            kept *= p->forget[j * d + k];
        }
    }
}

/* Adds to out what the attention makes of row i, before a norm on its branch. */
static void add_made(const struct attention_parts *p, int64_t i, float *out) {
    const int64_t d = p->width;
    for (int64_t k = 0; k < d && p->input; k++)
        out[k] += p->state[i * d + k] > 0 ? p->state[i * d + k] : 0;
    if (p->input)
        return;
    add(out, p->bias, 1, d);
    for (int64_t h = 0; h < p->n_heads; h++)
        for (int64_t j = 0; j < parts_keys(p, i); j++)
            add(out, p->moved + (h * p->n_key + j) * d,
                p->weights[(h * p->n_query + i) * p->n_key + j], d);
}

/* What is made of row i → the row's sum, in place. */
static void add_to_residual(const struct attention_parts *p, int64_t i, float *made) {
    row_norm_apply(&p->branch, made, p->width);
    add(made, p->residual + i * p->width, 1, p->width);
}

void parts_sum(const struct attention_parts *p, int64_t i, float *out) {
    const int64_t d = p->width;
    if (p->branch.scale) {
        memset(out, 0, (size_t)d * sizeof *out);
        add_made(p, i, out);
        add_to_residual(p, i, out);
        return;
    }
    memcpy(out, p->residual + i * d, (size_t)d * sizeof *out);
    add_made(p, i, out);
}

static void move_heads(const struct attention_parts *p, int64_t i, int64_t head, const bool *chosen,
                       float *out) {
    const int64_t d = p->width, n = parts_keys(p, i);
    memset(out, 0, (size_t)(n * d) * sizeof *out);
    for (int64_t h = 0; h < p->n_heads; h++)
        for (int64_t j = 0; j < n && (chosen ? chosen[h] : head < 0 || head == h); j++)
            add(out + j * d, p->moved + (h * p->n_key + j) * d,
                p->weights[(h * p->n_query + i) * p->n_key + j], d);
}

/* Rows [n, D] of what is made of row i, through the norm on its branch. */
static void hold_branch(const struct attention_parts *p, int64_t i, float *rows, int64_t n) {
    if (!p->branch.scale)
        return;
    float *made = mem_alloc((size_t)p->width * sizeof *made);
    add_made(p, i, made);
    row_norm_hold(&p->branch, made, rows, n, p->width);
    free(made);
}

void parts_moved(const struct attention_parts *p, int64_t i, int64_t head, float *out) {
    if (p->input)
        recurrence_shares(p, i, out);
    else
        move_heads(p, i, head, NULL, out);
    for (int64_t j = 0; j <= i && p->input; j++)
        for (int64_t k = 0; k < p->width; k++)
            out[j * p->width + k] *= p->state[i * p->width + k] > 0;
    hold_branch(p, i, out, parts_keys(p, i));
}

/* What is made of row i without each key: out [keys, D]. */
static void make_without(const struct attention_parts *p, int64_t i, const bool *zeroed,
                         float *out) {
    const int64_t d = p->width, n = parts_keys(p, i);
    if (p->input) {
        recurrence_shares(p, i, out);
        for (int64_t j = 0; j < n; j++)
            for (int64_t k = 0; k < d; k++) {
                const float state = p->state[i * d + k] - out[j * d + k];
                out[j * d + k] = state > 0 ? state : 0;
            }
        return;
    }
    float *made = mem_alloc((size_t)d * sizeof *made);
    add_made(p, i, made);
    move_heads(p, i, -1, zeroed, out);
    for (int64_t j = 0; j < n; j++)
        for (int64_t k = 0; k < d; k++)
            out[j * d + k] = made[k] - out[j * d + k];
    free(made);
}

void parts_zeroed(const struct attention_parts *p, int64_t i, const bool *zeroed, float *out) {
    make_without(p, i, zeroed, out);
    for (int64_t j = 0; j < parts_keys(p, i); j++)
        add_to_residual(p, i, out + j * p->width);
}

void parts_shares(const struct attention_parts *p, int64_t i, float *out) {
    const int64_t d = p->width, n = parts_keys(p, i);
    parts_moved(p, i, -1, out);
    if (p->cross)
        memset(out + n * d, 0, (size_t)d * sizeof *out);
    add(out + (p->cross ? n : i) * d, p->residual + i * d, 1, d);
}

void parts_norm_shares(const struct attention_parts *p, const float *sum, float *rows, int64_t n) {
    row_norm_hold(&p->after, sum, rows, n, p->width);
}

void parts_output(const struct attention_parts *p, const float *sum, float *out) {
    memmove(out, sum, (size_t)p->width * sizeof *out);
    row_norm_apply(&p->after, out, p->width);
}

double norm_l1(const float *x, int64_t n) {
    double sum = 0;
    for (int64_t k = 0; k < n; k++)
        sum += fabs((double)x[k]);
    return sum;
}

double norm_l2(const float *x, int64_t n) {
    double sum = 0;
    for (int64_t k = 0; k < n; k++)
        sum += (double)x[k] * x[k];
    return sqrt(sum);
}
