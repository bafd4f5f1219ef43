/* A result of a language model with layers, made up: " The man ager is | here now", of fields. */
#ifndef TINSEQ_TESTS_APP_STATISTICS_MADE_H
#define TINSEQ_TESTS_APP_STATISTICS_MADE_H

#include "methods/result/attribution.h"
#include "tests/methods/result/info.h"

#include <math.h>
#include <string.h>

#define MADE_ROWS 6
#define MADE_LAYERS 3

/* Scores [6, 2, 3]: 100 row + 10 step + layer, plus `more`; a probability of .5 and .25. `info` is
 * the JSON of a file's info. Owned by the caller. */
static inline struct attribution *made(const char *info, float more) {
    static const char *const pieces[MADE_ROWS] = {"The", " man", "ager", " is", " here", " now"};
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = a->sequences;
    a->info = info_from(info);
    s->class = ATTRIBUTION_MULTI_DIMENSIONAL;
    s->attr_pos_start = 4;
    s->attr_pos_end = 6;
    for (int i = 0; i < MADE_ROWS; i++) {
        token_list_add(&s->target, i, false, pieces[i], pieces[i], strlen(pieces[i]));
        if (i < 4)
            token_list_add(&s->source, i, false, pieces[i], pieces[i], strlen(pieces[i]));
    }
    (void)!scores_init(&s->target_attributions, 3, (int64_t[]){MADE_ROWS, 2, MADE_LAYERS}, NAN);
    for (int row = 0; row < MADE_ROWS; row++)
        for (int step = 0; step < 2; step++)
            for (int layer = 0; layer < MADE_LAYERS; layer++)
                if (row < 4 + step)
                    s->target_attributions.data[(row * 2 + step) * MADE_LAYERS + layer] =
                        (float)(100 * row + 10 * step + layer) + more;
    struct scores *p = attribution_add_step_scores(s, "probability");
    p->data[0] = 0.5f;
    p->data[1] = 0.25f;
    return a;
}

#endif
