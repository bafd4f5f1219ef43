#include "tests/views/screens/samples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sample_token(struct token_list *list, const char *bytes, bool special) {
    token_list_add(list, (int32_t)list->n + 100, special, bytes, bytes, strlen(bytes));
}

static float noise(unsigned *seed) {
    *seed = *seed * 1103515245u + 12345u;
    return (float)(*seed >> 8 & 0xFFFF) / 65535;
}

static const char *const prompt[] = {"The",      " E",  "iff",  "el",    " Tower", " is",
                                     " located", " in", " the", " city", " of"};
static const char *const answer[] = {" Paris", ",", " France", ".", " It", " is"};
#define N_PROMPT 11
#define N_ANSWER 6

static void start(struct attribution_sequence *out, int n_dims, const int64_t *dims,
                  int64_t n_done) {
    *out = (struct attribution_sequence){.class = n_dims == 2 ? ATTRIBUTION_COARSE
                                                              : ATTRIBUTION_MULTI_DIMENSIONAL,
                                         .attr_pos_start = N_PROMPT,
                                         .attr_pos_end = N_PROMPT + N_ANSWER,
                                         .n_done = n_done};
    for (size_t i = 0; i < N_PROMPT; i++) {
        sample_token(&out->source, prompt[i], false);
        sample_token(&out->target, prompt[i], false);
    }
    for (size_t i = 0; i < N_ANSWER; i++)
        sample_token(&out->target, answer[i], false);
    out->done = calloc(N_ANSWER, sizeof *out->done);
    for (int64_t i = 0; i < n_done; i++)
        out->done[i] = true;
    if (!scores_init(&out->target_attributions, n_dims, dims, NAN))
        abort();
}

void sample_scores(struct attribution_sequence *out, int64_t n_done, unsigned seed) {
    const int64_t dims[2] = {N_PROMPT + N_ANSWER, N_ANSWER};
    start(out, 2, dims, n_done);
    for (int64_t g = 0; g < n_done; g++)
        for (int64_t row = 0; row < N_PROMPT + g; row++) {
            static const float strong[N_PROMPT + N_ANSWER] = {[2] = 0.4f, [4] = 0.3f, [9] = 0.2f};
            out->target_attributions.data[row * N_ANSWER + g] =
                strong[row] + (noise(&seed) - 0.55f) * 0.3f;
        }
}

void sample_attention(struct attribution_sequence *out, int64_t n_layers, int64_t n_heads,
                      int64_t n_done, unsigned seed) {
    const int64_t dims[4] = {N_PROMPT + N_ANSWER, N_ANSWER, n_layers, n_heads},
                  inner = n_layers * n_heads;
    start(out, 4, dims, n_done);
    for (int64_t g = 0; g < n_done; g++)
        for (int64_t cell = 0; cell < inner; cell++) {
            double sum = 0;
            float sharp = 1 + 7 * noise(&seed) * noise(&seed);
            for (int64_t row = 0; row < N_PROMPT + g; row++) {
                float v = powf(noise(&seed), sharp) + (row == 0 ? 0.6f * noise(&seed) : 0);
                out->target_attributions.data[(row * N_ANSWER + g) * inner + cell] = v;
                sum += (double)v;
            }
            for (int64_t row = 0; row < N_PROMPT + g; row++)
                out->target_attributions.data[(row * N_ANSWER + g) * inner + cell] /= (float)sum;
        }
}

void sample_translation(struct attribution_sequence *out, unsigned seed) {
    static const char *const source[] = {"I", " said", " hi", " to", " the", " manager", "</s>"};
    static const char *const target[] = {"Eu", " disse", " oi",  " para",
                                         " o", " ger",   "ente", "</s>"};
    const int64_t S = 7, T = 9, G = 8;
    *out = (struct attribution_sequence){
        .class = ATTRIBUTION_COARSE, .attr_pos_start = 1, .attr_pos_end = T, .n_done = G};
    for (int64_t i = 0; i < S; i++)
        sample_token(&out->source, source[i], i == S - 1);
    sample_token(&out->target, "<pad>", true);
    for (int64_t i = 0; i < G; i++)
        sample_token(&out->target, target[i], i == G - 1);
    if (!scores_init(&out->source_attributions, 2, (int64_t[]){S, G}, NAN) ||
        !scores_init(&out->target_attributions, 2, (int64_t[]){T, G}, NAN))
        abort();
    for (int64_t g = 0; g < G; g++) {
        for (int64_t row = 0; row < S; row++) {
            const float aligned = row == g ? 0.5f : 0, manager = row == 5 && g == 4 ? 0.6f : 0;
            out->source_attributions.data[row * G + g] = aligned + noise(&seed) * 0.2f + manager;
        }
        for (int64_t row = 0; row <= g; row++)
            out->target_attributions.data[row * G + g] = noise(&seed) * 0.15f;
    }
}

#define N_LONG 60

void sample_long(struct attribution_sequence *out, int64_t n_columns) {
    const int64_t dims[] = {N_LONG + n_columns, n_columns};
    *out =
        (struct attribution_sequence){.attr_pos_start = N_LONG, .attr_pos_end = N_LONG + n_columns};
    for (int64_t i = 0; i < dims[0]; i++) {
        char text[16];
        snprintf(text, sizeof text, "t%d", (int)i + 1);
        sample_token(&out->target, text, false);
    }
    scores_init(&out->target_attributions, 2, dims, NAN);
    float *data = out->target_attributions.data;
    for (int64_t g = 0; g < n_columns; g++)
        for (int64_t row = 0; row < N_LONG + g; row++)
            data[row * n_columns + g] = 0.001f;
    data[24 * n_columns] = 0.5f;
    data[40 * n_columns + 1] = -0.9f;
    data[41 * n_columns + 2] = 0.3f;
}
