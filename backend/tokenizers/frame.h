/*
 * What a class of tokenizers puts around a text: BOS, EOS, the language (tokenizer_class.h). Any
 * thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_FRAME_H
#define TINSEQ_BACKEND_TOKENIZERS_FRAME_H

#include "backend/tokenizers/pipeline.h"
#include "backend/tokenizers/tokenizer_class.h"

/* Puts it around the texts of a pipeline whose vocabulary and added tokens are complete, in the
 * place of what was there; a translator's target gets its own language, and generation begins with
 * it where a person names it. `where` begins messages. ERR_FORMAT: such a token is not there. */
enum err_code frame_put(struct pipeline *p, const struct tokenizer_class *class,
                        struct token_settings *s, struct model_config *config, const char *where,
                        struct err *e) ERR_CHECKED;
/* tokenizer_ops' speak, of a tokenizer that frame_put found languages for. */
enum err_code frame_speak(struct tokenizer *t, const char *const languages[2],
                          struct err *e) ERR_CHECKED;

#endif
