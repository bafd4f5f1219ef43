/* What is no single name: rules that several options share. */
#include "aggregators/pipeline.h"
#include "aggregators/word_alignment.h"
#include "app/kinds/kind.h"
#include "methods/context/cite.h"
#include "methods/request/positions.h"
#include "methods/step_functions/expression.h"

#include <string.h>

static const struct topic {
    const char *id, *text;
    const char *rules;
} topics[] = {
    {"expressions", "formulas instead of a step function: what they may hold", expression_grammar},
    {"aggregation", "from raw scores to what is shown: the pipeline", pipeline_rules},
    {"word_alignments", "which word of the source a word of the text is of", word_alignment_rules},
    {"citations", "which documents a sentence of an answer cites", citation_rules},
    {"alignments", "which step of a contrast is compared with which", positions_rules},
};
#define N_TOPICS (sizeof topics / sizeof *topics)

static void list(struct kind_items *out) {
    for (size_t i = 0; i < N_TOPICS; i++)
        kind_items_add(out, topics[i].id, NULL, "%s", topics[i].text);
}

static bool explain(struct explanation *x, const char *name) {
    for (size_t i = 0; i < N_TOPICS; i++)
        if (strcmp(topics[i].id, name) == 0) {
            explanation_begin(x, name, NULL, NULL);
            x->rules = topics[i].rules;
            return true;
        }
    return false;
}

const struct kind kind_topics = {
    .id = "topics",
    .one = "a topic",
    .summary = "rules that several options share",
    .list = list,
    .explain = explain,
};
