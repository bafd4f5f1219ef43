/*
 * What a model's files set, as tables. A row says where a key's value goes, with its default and
 * range, or which only value of it runs here; one loop reads them all. Keys are of three kinds:
 * those that a row names, those that change nothing for any family (harmless.c), and those that no
 * one knows: they are named in a notice. Any thread.
 */
#ifndef TINSEQ_BACKEND_SETTINGS_SETTINGS_H
#define TINSEQ_BACKEND_SETTINGS_SETTINGS_H

#include "backend/settings/fields.h"

#include <stddef.h>

enum setting_kind {
    SETTING_COUNT,      /* → int64_t, a whole number from min to max */
    SETTING_INT,        /* → int, the same */
    SETTING_NUMBER,     /* → double, from min to max */
    SETTING_FLAG,       /* → bool */
    SETTING_EITHER,     /* a flag → an enum's value: `max` where it is true, `min` where not */
    SETTING_TOKEN,      /* → int32_t, an id; −1: null, or beyond the vocabulary */
    SETTING_ACTIVATION, /* → enum activation, by `text` where the key is absent */
    SETTING_INSIDE,     /* an object, whose keys the table `inside` reads into the same struct */
    SETTING_BY,         /* `read` does it: values that are no single number or word */
    SETTING_ELSEWHERE,  /* read by other code, or by another row's `read` */
    /* Nothing is read: what a file says must be `value`, `text`, or null or empty. */
    SETTING_ONLY_NUMBER,
    SETTING_ONLY_FLAG,
    SETTING_ONLY_TEXT,
    SETTING_ONLY_EMPTY
};

struct settings;
struct setting {
    const char *key; /* NULL: no file says it, the default is a fact of the family */
    enum setting_kind kind;
    size_t member; /* its offset in the struct that is read */
    double value;  /* the default; of SETTING_ONLY_…: the only one */
    double min, max;
    /* Not 0: what is absent without a `value`, or null, is this earlier member (of the row's type)
     * times `times` (0: 1) over the member `over` (0: 1). Of SETTING_TOKEN: so is what is null. Of
     * SETTING_ONLY_…: the only value is this member's. */
    size_t like, over;
    int64_t times;
    const char *text; /* as `value`, of texts; or what `read` says of it */
    /* SETTING_ONLY_…: what a file without the key means; NULL: the only value */
    const char *absent;
    bool required; /* the file must have it */
    bool or_none;  /* null is 0, not the default */
    bool notice;   /* SETTING_ONLY_…: another value is a notice, not an error */
    const struct settings *inside;
    void (*read)(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
};

/* The beginnings of rows. AT is the file's own: the offset of a member of what it reads. */
#define READ(name, what, to, fallback, least, most)                                                \
    .key = (name), .kind = SETTING_##what, .member = AT(to), .value = (fallback), .min = (least),  \
    .max = (most)
#define KEY(name, what) .key = (name), .kind = SETTING_##what
#define FACT(what, to) .kind = SETTING_##what, .member = AT(to)
#define COUNT(name, to, fallback, most) READ(name, COUNT, to, fallback, 1, FIELD_MAX_##most)
#define NUMBER(name, to, fallback) READ(name, NUMBER, to, fallback, 0, 1)
#define FLAG(name, to, fallback) READ(name, FLAG, to, fallback, 0, 1)
#define EITHER(name, to, fallback, if_not, if_true)                                                \
    READ(name, EITHER, to, fallback, if_not, if_true)
#define TOKEN(name, to, fallback) READ(name, TOKEN, to, fallback, -1, 0)
#define ACTIVATION(name, fallback)                                                                 \
    .key = (name), .kind = SETTING_ACTIVATION, .member = AT(activation), .text = (fallback)
#define ONLY(name, what, only) .key = (name), .kind = SETTING_ONLY_##what, .value = (only)

/* The rows of `base` first, each replaced by one of these rows with the same key; then these
 * rows. */
struct settings {
    const struct setting *rows;
    size_t n;
    const struct settings *base;
};
#define SETTINGS(array) .rows = (array), .n = sizeof(array) / sizeof *(array)

/* Reads what f holds into the struct `to`. n_vocab: that ids must be below; borrowed, looked at
 * when an id is read. The first thing wrong stays in f: FORMAT, UNSUPPORTED. */
void settings_read(void *to, struct fields *f, const struct settings *s, const int64_t *n_vocab);

/* Notes the keys of f that none of the n tables has and that are not harmless (harmless.h). Of a
 * GGUF file the keys of table i begin with prefixes[i]. */
void settings_check_keys(struct fields *f, const struct settings *const tables[],
                         const char *const prefixes[], size_t n);

/* Rows that families share: in the files of Transformers; in GGUF, after the family's own prefix,
 * and after "tokenizer.ggml.". */
extern const struct settings settings_hugging_face, settings_gguf, settings_gguf_tokenizer;
/* With the names of sizes that most decoders have; with those of GPT-2, which some took up. All
 * have biases, and as many heads of keys and values as of queries, unless other rows say so. */
extern const struct settings settings_decoder, settings_gpt;
/* GGUF's of decoders with layer norms. */
extern const struct settings settings_decoder_gguf;
/* And those of decoders like Llama, which have the former as their bases. */
extern const struct settings settings_llama, settings_llama_gguf;
/* Those of Transformers' translators and summarisers, which come of fairseq: BART's defaults. */
extern const struct settings settings_bart;
/* → struct generation_config: generation_config.json, or what old checkpoints keep of it in
 * config.json; Marian's decoder.yml. */
extern const struct settings settings_generation, settings_marian_search;
/* Reads the first of these, or one with it as its base, and what follows from it. */
void generation_read(struct generation_config *g, struct fields *f, const struct settings *s,
                     int64_t n_vocab);

#endif
