/*
 * The tokenizer classes of Transformers whose vocabulary comes in other files than tokenizer.json:
 * what each makes of it, as a tokenizer.json would say it. Reference: transformers 4.57,
 * convert_slow_tokenizer.py and the classes' own files. Static tables: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_TOKENIZER_CLASS_H
#define TINSEQ_BACKEND_TOKENIZERS_TOKENIZER_CLASS_H

#include "backend/tokenizers/class_specials.h"
#include "backend/tokenizers/token_settings.h"

#include <stdbool.h>
#include <stdint.h>

#define SPACE_PIECE "\xE2\x96\x81" /* U+2581, which stands for a space */

enum vocabulary_source {
    FROM_SENTENCEPIECE,
    FROM_MERGES,
    FROM_BOTH,       /* m2m100.c */
    FROM_WORDS,      /* moses_tokenizer.c */
    FROM_LOWER_WORDS /* lower_words.c */
};

struct tokenizer_class {
    /* Of Transformers, without "Fast", separated by spaces; their special tokens are those of the
     * first (class_specials.h). */
    const char *names;
    enum vocabulary_source source;
    bool specials_normalized, mask_normalized;
    bool adds_mask; /* mask_token is an added token, with lstrip */
    /* Sentencepiece: pieces put before those of the file, whose first `skip` are left out. A word
     * with '@' is the special token of that role. */
    const char *head, *tail;
    int skip;
    int32_t unk_id; /* −1: the file says */
    bool byte_fallback;
    bool character_map;     /* the file's own normalisation comes first */
    bool names_tab;         /* the byte of a tab is the tab where no piece is */
    const char *word_end;   /* merges: what ends a word's last piece */
    bool skips_blank_lines; /* of merges.txt */
    /* Words: vocab-src.json and vocab-tgt.json of two languages, whose punctuation is made simple.
     */
    bool two_vocabularies;
    const char *more; /* additional special tokens, separated by spaces */
    /* What stands before and after a text, as words: $ is the text; bos, eos, cls, sep, src (the
     * language) are those tokens; "bos+" and "eos-": if add_bos_token, add_eos_token, which is true
     * (+) or false (−) where no file says; any other is itself. */
    const char *frame;
    const char *source_language; /* where src_lang is not given */
    const char *language_token;  /* of a language, its name for %s; NULL: the name itself */
    /* Parts of tokenizer.json, from what the settings say. NULL: none. Owned by the caller. */
    cJSON *(*normalizer)(struct token_settings *s);
    cJSON *(*pre_tokenizer)(struct token_settings *s);
    cJSON *(*decoder)(struct token_settings *s);
};

/* The name that files say, or else that of the model's type; "": neither. */
const char *tokenizer_class_named(const struct token_settings *s);
/* NULL: not known here. */
const struct tokenizer_class *tokenizer_class_find(const char *name);
/* The class of a model that does not name one, by config.json's model_type; NULL: not known. */
const char *tokenizer_class_of_model(const char *model_type);

extern const char languages_mbart[], languages_mbart50[], languages_nllb[];
/* The names of a translator's languages, separated by spaces. */
const char *languages_of(const struct tokenizer_class *class, struct token_settings *s);

#endif
