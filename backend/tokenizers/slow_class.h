/*
 * What the classes of Transformers that have no fast one share. Reference: transformers 4.57,
 * tokenization_utils.py. Any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_SLOW_CLASS_H
#define TINSEQ_BACKEND_TOKENIZERS_SLOW_CLASS_H

#include "backend/tokenizers/pipeline.h"
#include "backend/tokenizers/tokenizer_class.h"

/* The class of that name, where its vocabulary comes from this source; NULL: it does not, or is not
 * known. */
const struct tokenizer_class *slow_class_find(const char *name, enum vocabulary_source source);
typedef enum err_code slow_class_fill(struct pipeline *p, const struct model_files *f,
                                      const struct tokenizer_class *class, struct token_settings *s,
                                      struct model_config *config, struct err *e);
/* tokenizer_ops' open, of a kind whose classes have this source: `fill` reads what is the kind's
 * own. ERR_UNSUPPORTED: the files are another class's. */
enum err_code slow_class_open(struct tokenizer **out, const struct tokenizer_ops *kind,
                              enum vocabulary_source source, slow_class_fill *fill,
                              const struct model_files *f, struct model_config *config,
                              struct err *e) ERR_CHECKED;
/* Adds the tokens that the files and the class name to a vocabulary that is read. Errors: FORMAT,
 * UNSUPPORTED. */
enum err_code slow_class_add_tokens(struct pipeline *p, const struct tokenizer_class *class,
                                    struct token_settings *s, struct err *e) ERR_CHECKED;

/* How pieces become a text. */
struct slow_text {
    const void *how;
    void (*add)(struct text_buffer *waiting, const char *piece); /* those that stand in a row */
    char *(*join)(const void *how, const char *waiting);         /* owned by the caller */
};

/* As tokenizer_ops' decode: the texts of what stands between added tokens, with spaces between. */
char *slow_class_decode(const struct pipeline *p, const struct slow_text *how, const int32_t *ids,
                        size_t n, bool skip_special);

#endif
