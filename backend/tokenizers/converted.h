/*
 * A tokenizer.json made of other files, as Transformers makes it when it has none: one reader then
 * serves all of them. Reference: transformers 4.57, convert_slow_tokenizer.py and
 * tokenization_utils_fast.py (the added tokens). Any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_CONVERTED_H
#define TINSEQ_BACKEND_TOKENIZERS_CONVERTED_H

#include "backend/tokenizers/sentencepiece_file.h"
#include "backend/tokenizers/tokenizer_class.h"

struct converted {
    cJSON *root; /* what tokenizer.json would hold; refers to the members below */
    const struct tokenizer_class *class;
    struct token_settings *settings;
    struct sentencepiece_file file;
    struct vocabulary pieces; /* by the model's ids, without added tokens */
    float *scores;            /* [pieces.n] of sentencepiece */
    int32_t shift;            /* from sentencepiece's ids to those */
    char *merges;             /* merges.txt, its lines cut */
    const char *path;         /* of the vocabulary, for messages; borrowed */
};

/* From tokenizer.model and the like, or from vocab.json and merges.txt. Dispose of it in any case.
 * Errors: IO, FORMAT, UNSUPPORTED. */
enum err_code converted_from_sentencepiece(struct converted *out, const char *path,
                                           const struct tokenizer_class *class,
                                           struct token_settings *s, struct err *e) ERR_CHECKED;
enum err_code converted_from_merges(struct converted *out, const char *vocabulary,
                                    const char *merges, const struct tokenizer_class *class,
                                    struct token_settings *s, struct err *e) ERR_CHECKED;
void converted_dispose(struct converted *c);

/* The token of a role, or NULL: what the settings say, else the class. Borrowed. */
const char *special_text(const struct tokenizer_class *class, struct token_settings *s,
                         enum special_role role);

/* Corrects special ids: the tokenizer's own word decides pad and unk; bos and eos are the model's
 * where it names them. */
void special_correct_ids(const struct tokenizer_class *class, struct token_settings *s,
                         const struct vocabulary *v, struct model_config *config);

#endif
