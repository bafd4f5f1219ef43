#include "tests/app/facts.h"

#include "backend/base/mem.h"
#include "methods/result/scores_text.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST_WORDS 16

static const struct fact {
    const char *subject, *prompt, *target, *foil;
} facts[] = {{"Tower", "The Eiffel Tower is in", "Paris", "Rome"},
             {"Bridge", "The Eiffel Bridge is in", "Lisbon", "Rome"},
             {"Big Ben", "Big Ben is in", "London", "Paris"},
             {"Alhambra", "The Alhambra is in", "Granada", "Seville"}};

static void put_scores(struct text_buffer *b, const char *name, int64_t rows, const float *data) {
    const struct scores s = {
        .data = (float *)(uintptr_t)data, .n_dims = rows ? 2 : 1, .dims = {rows ? rows : 1, 1}};
    text_buffer_format(b, "\"%s\":", name);
    scores_pack_write(b, &s, SCORES_F32);
}

/* Words of a text as pieces, and their scores: the subject's last word has the largest. */
static size_t put_words(struct text_buffer *b, float *scores, const struct fact *f, size_t i) {
    char *all = mem_format("%s %s", f->prompt, f->target), *state = NULL;
    const char *space = strrchr(f->subject, ' '), *strong = space ? space + 1 : f->subject;
    size_t n = 0;
    for (char *word = strtok_r(all, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
        text_buffer_format(b, "%s\"%s%s\"", n ? "," : "", n ? "\u0120" : "", word);
        scores[n++] = strcmp(word, strong) == 0 ? 0.5F : 0.1F + 0.001F * (float)(i % 7);
    }
    scores[n - 1] = NAN; /* what is generated does not see itself */
    free(all);
    return n;
}

static void put_row(struct text_buffer *b, size_t i) {
    const struct fact *f = &facts[i % (sizeof facts / sizeof *facts)];
    const float probability = (float)(i % 10) / 10, difference = (float)(i % 3) - 1;
    float scores[MOST_WORDS];
    text_buffer_puts(b, "{\"target\":[");
    const size_t n = put_words(b, scores, f, i);
    text_buffer_puts(b, "],\"target_ids\":[");
    for (size_t k = 0; k < n; k++)
        text_buffer_format(b, "%s%zu", k ? "," : "", 100 + k);
    text_buffer_format(b, "],\"attr_pos_start\":%zu,\"attr_pos_end\":%zu,", n - 1, n);
    put_scores(b, "target_attributions", (int64_t)n, scores);
    text_buffer_puts(b, ",\"step_scores\":{");
    put_scores(b, "probability", 0, &probability);
    text_buffer_puts(b, ",");
    put_scores(b, "contrast_prob_diff", 0, &difference);
    text_buffer_format(b,
                       "},\"info\":{\"input_texts\":[\"%s\"],\"generated_texts\":[\"%s %s\"],"
                       "\"attributed_fn_args\":{\"contrast_targets\":\"%s %s\"},"
                       "\"tinseq\":{\"fields\":[{\"subject\":\"%s\",\"year\":%zu,"
                       "\"language\":\"%s\"}]}}}\n",
                       f->prompt, f->prompt, f->target, f->prompt, f->foil, f->subject, 1800 + i,
                       i % 5 < 3 ? "en" : "pt");
}

char *facts_text(size_t n, size_t damaged) {
    struct text_buffer b = {0};
    text_buffer_puts(&b, "{\"format\":\"tinseq-rows\",\"version\":1,\"info\":{"
                         "\"attribution_method\":\"saliency\",\"attributed_fn\":\"probability\","
                         "\"model_name\":\"fake\"}}\n");
    for (size_t i = 0; i < n; i++) {
        if (i == damaged)
            text_buffer_puts(&b, "{\"target\":[\"The\"]}\n");
        else
            put_row(&b, i);
    }
    return text_buffer_take(&b);
}
