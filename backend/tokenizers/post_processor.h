/*
 * What a tokenizer puts around a text's tokens. Reference: tokenizers 0.22, src/processors/.
 * Immutable after opening: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_POST_PROCESSOR_H
#define TINSEQ_BACKEND_TOKENIZERS_POST_PROCESSOR_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;

struct token_ids {
    int32_t *items;
    size_t n;
};

struct post_processor {
    struct token_ids before, after; /* special tokens around a text, where they are asked for */
    /* Positions leave out white space at a piece's ends; but not one space before the first token,
     * which was added. */
    bool trim_offsets, add_prefix_space;
};

void post_processor_dispose(struct post_processor *p);
/* Puts a token before the text, as the one at `at` of those. */
void post_processor_put_before_text(struct post_processor *p, size_t at, int32_t id);
/* Puts a token before or behind all that is there. */
void post_processor_put_before(struct post_processor *p, int32_t id);
void post_processor_put_after(struct post_processor *p, int32_t id);

/* Puts a token where another one stood. */
void post_processor_exchange(struct post_processor *p, int32_t from, int32_t to);

/* From tokenizer.json; null is none. n_vocabulary: ids are below it. `where` begins messages.
 * Errors: FORMAT, UNSUPPORTED. */
enum err_code post_processor_add(struct post_processor *p, const struct cJSON *json,
                                 int32_t n_vocabulary, const char *where,
                                 struct err *e) ERR_CHECKED;

#endif
