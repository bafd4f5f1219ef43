/*
 * What a model's files say about it: architecture, sizes, special tokens, generation defaults. Read
 * from config.json, generation_config.json and tokenizer_config.json (Hugging Face), from GGUF
 * metadata or from Marian's YAML. Plain C. Any thread.
 */
#ifndef TINSEQ_BACKEND_CONFIG_H
#define TINSEQ_BACKEND_CONFIG_H

#include "backend/base/activation.h"
#include "backend/base/err.h"
#include "backend/places.h"
#include "backend/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* backend/architectures/family.h */
struct family;
struct family_side;
enum model_layout { LAYOUT_HUGGING_FACE, LAYOUT_GGUF, LAYOUT_MARIAN_NATIVE };

#define CONFIG_MAX_BAD_WORDS 64
#define CONFIG_MAX_IDS 256
#define CONFIG_MAX_PAIRS 512
#define CONFIG_MAX_STOPS 16
#define CONFIG_STOP_BYTES 64 /* of a stop string, and its NUL */

/* Names and meaning of Transformers' GenerationConfig. Defaults are its defaults unless a file says
 * otherwise. */
struct generation_config {
    /* 20; decoder-only: prompt included; encoder-decoder: decoder start included */
    int64_t max_length;
    int64_t max_new_tokens;       /* -1: not given. Wins over max_length */
    int64_t min_length;           /* 0 */
    bool has_max_length;          /* max_length was given; a 20 in a file counts as not given, as in
                                     generate(): then 20 new tokens */
    int num_beams;                /* 1 */
    bool do_sample;               /* false */
    double temperature;           /* 1 */
    int64_t top_k;                /* 50 when sampling */
    double top_p;                 /* 1 */
    double length_penalty;        /* 1 */
    int early_stopping;           /* 0 false, 1 true, 2 "never" */
    double repetition_penalty;    /* 1 */
    int64_t no_repeat_ngram_size; /* 0 */
    int64_t encoder_no_repeat_ngram_size; /* 0; n-grams of the source are not written */
    int32_t forced_eos_token_id;          /* -1: none */
    int32_t forced_bos_token_id;          /* -1: none */
    int32_t eos_token_ids[8];
    int n_eos_token_ids;
    int n_bad_words; /* bad_words_ids that are single tokens and longer ones alike */
    struct {
        int32_t ids[8];
        int n;
    } bad_words[CONFIG_MAX_BAD_WORDS];
    int64_t min_new_tokens; /* 0 */
    struct id_list {
        int32_t ids[CONFIG_MAX_IDS]; /* any numbers: those of no token stop none */
        int n;
    } suppress_tokens, begin_suppress_tokens;               /* never; not as the first one */
    char stop_strings[CONFIG_MAX_STOPS][CONFIG_STOP_BYTES]; /* the text ends with the token that
                                                               completes one */
    int n_stop_strings;
    bool renormalize_logits;  /* false; beam search: log-softmax again after the logits were
                                 processed */
    double max_length_factor; /* native Marian: output at most factor × source length; 0: unused */
    bool marian_search;       /* lengths and beams as in native Marian, not as in Transformers */
    bool marian_normalize;    /* native Marian: beam scores divided by length^length_penalty
                                 ("normalize" is the exponent) */
    uint64_t seed;            /* sampling; 0 unless the user gives one */
};

/* Transformers' defaults: greedy, nothing forced or forbidden. */
void generation_config_init(struct generation_config *g);

/* Probabilities of dropout in training: of what enters the first block, of attention weights, of
 * what a part adds to its residual, of activations, of what a stack yields. */
struct dropout_rates {
    double embedding, attention, residual, activation, final;
};

/* L, H, K, d, F, how many token types there are (plan's token_types), what the feed-forward layer
 * does between its maps, the norms' ε, and the scale of q · k before the softmax (0: 1 / √d),
 * perhaps over the layer's number, from 1 on: of one stack. The members of struct stack_sizes, and
 * the decoder's as members of the configuration itself. */
#define STACK_SIZES                                                                                \
    int64_t n_layers, n_heads, n_kv_heads, n_head_width, n_ffn, n_token_types;                     \
    enum activation activation;                                                                    \
    double norm_epsilon, attention_scale;                                                          \
    bool scale_by_layer
struct stack_sizes {
    STACK_SIZES;
};

struct model_config {
    const struct family *family;        /* static */
    bool tied_sides;                    /* of a pair: the encoder has the decoder's tensors */
    const struct family_side *sides[2]; /* static: of a pair of models, by enum model_stack */
    enum model_layout layout;
    char class_name[64];      /* of Transformers, or what stands for one: struct family_class */
    char tokenizer_class[64]; /* "GPT2TokenizerFast", "MarianTokenizer", …; what Inseq would write
                                 into info */
    bool encoder_decoder;
    struct stack_plan encoder, decoder; /* what their blocks are made of */
    bool zero_start;                    /* the decoder start has the zero vector for an embedding */
    int64_t n_vocab, n_width;           /* V, D */
    int64_t n_embedding_width;          /* E; 0: D */
    int64_t n_source_vocab;             /* the source's, where it has ids of its own; 0: V */
    struct stack_sizes encoder_sizes;   /* 0 layers where there is none */
    union {
        struct stack_sizes decoder_sizes;
        struct {
            STACK_SIZES;
        };
    };
    /* Of layers that have experts: how many there are and how many a row has, their F, that of the
     * one which every row has, and whether the weights of those that are chosen sum to one. */
    struct expert_sizes {
        int64_t n, n_used, n_ffn, n_shared_ffn;
        bool shares_one;
    } experts;
    int64_t n_positions;        /* longest sequence it was made for, 0: no limit known */
    int64_t n_source_positions; /* the source's, where its table is another's; 0: n_positions */
    int64_t n_window; /* what local layers see, of the last tokens; 0: all layers see all */
    int64_t n_buckets, bucket_distance; /* see POSITION_BUCKETS; the last one is for distances
                                           from bucket_distance on */
    double rope_base;
    double attention_cap; /* see struct tn_attention */
    int64_t n_rotated;    /* of a head's d numbers, those that are rotated; 0: all */
    /* YaRN's (Peng et al. 2023): the first pair that is stretched in part and the first that is as
     * a whole, and by what; 0: it is another type. */
    double rope_ramp_begin, rope_ramp_end, rope_stretch;
    double rope_magnitude;                 /* of cosines and sines; 0: 1 */
    float rope_divisors[CONFIG_MAX_PAIRS]; /* of frequencies; the first is 0: there are none */
    /* Runs over more tokens than rope_switch have other rotations (0: never): by these divisors
     * (LongRoPE; the first is 0: they are a tensor), or, where rope_growth is above 0, by a base
     * that grows with the run by this factor (dynamic NTK). */
    float rope_long_divisors[CONFIG_MAX_PAIRS];
    int64_t rope_switch;
    double rope_growth;
    double rope_local_base; /* of local layers, without what stretches the others'; 0: the same */
    double attention_clip;  /* queries and keys, normed, and values are cut to ±this; 0: no */
    double logit_scale;     /* 0: 1 */
    double logit_cap;       /* of scaled logits, as attention's of scores; 0: none */
    double branch_scale;    /* of what a part adds; 0: 1 */
    double embedding_scale; /* of the table's rows, which are embeddings then; 0: 1 */
    double input_scale;     /* of embeddings where the decoder begins; 0: 1 */
    struct dropout_rates dropout;
    /* RoPE scaling of Llama 3 ("rope_type": "llama3"); factor 1 where absent. Linear scaling is
     * rope_linear (positions are divided by it). A GGUF file has its Llama 3 scaling as a tensor
     * instead, rope_freqs.weight [d/2]: what each frequency is divided by. */
    double rope_factor, rope_low_freq_factor, rope_high_freq_factor, rope_original_positions,
        rope_linear;
    bool tied_embeddings, scale_embeddings, attention_bias, mlp_bias;
    /* Whether attention's last map has a bias: as its others have, or not as they. */
    enum { OUTPUT_BIAS_ALIKE, OUTPUT_BIAS_NEVER, OUTPUT_BIAS_ALWAYS } output_bias;
    bool own_tables;    /* each stack has an embedding of its own, else one may serve both */
    bool wrapped;       /* it is the language model of one that sees pictures too: weights_unwrap */
    int scale_block[2]; /* rows and columns of a weight in FP8 under one scale; 0: there are none */
    bool scaled_whole;  /* or each has one scale, or one for every row */
    int32_t bos_token_id, eos_token_id, pad_token_id, unk_token_id,
        decoder_start_token_id; /* -1: none */
    bool add_bos_token;         /* the tokenizer puts BOS before a text */
    struct generation_config generation;
    /* What a person should know: settings of the files that are not followed here; "": nothing. */
    char notice[ERR_MESSAGE_SIZE];
};

static inline const struct stack_sizes *model_config_sizes(const struct model_config *c,
                                                           enum model_stack stack) {
    return stack == STACK_ENCODER ? &c->encoder_sizes : &c->decoder_sizes;
}
static inline int64_t model_config_embedding_width(const struct model_config *c) {
    return c->n_embedding_width ? c->n_embedding_width : c->n_width;
}
/* How many ids a side's texts are made of. */
static inline int64_t model_config_vocab(const struct model_config *c, enum model_stack stack) {
    return stack == STACK_ENCODER && c->n_source_vocab ? c->n_source_vocab : c->n_vocab;
}
/* The longest text of a side that it was made for; 0: no limit known. */
static inline int64_t model_config_positions(const struct model_config *c, enum model_stack stack) {
    return stack == STACK_ENCODER && c->n_source_positions ? c->n_source_positions : c->n_positions;
}
/* The F of the widest feed-forward layer or expert. */
static inline int64_t model_config_widest(const struct model_config *c) {
    const int64_t sizes[] = {c->encoder_sizes.n_ffn, c->experts.n_ffn, c->experts.n_shared_ffn};
    int64_t widest = c->n_ffn;
    for (int i = 0; i < 3; i++)
        widest = sizes[i] > widest ? sizes[i] : widest;
    return widest;
}

/* Where the parts of a model lie; filled by model_locate. Paths are owned; "" where absent. */
struct model_files {
    enum model_layout layout;
    char *folder, *weights /* file or index.json */, *config, *generation_config, *tokenizer_config,
        *tokenizer_json, *vocab_json, *merges, *source_spm, *target_spm, *special_tokens_map,
        *added_tokens, *vocab_source, *vocab_target,
        *sentencepiece /* tokenizer.model or the like */, *decoder_yaml;
    /* What a person says instead of tokenizer_config.json: a JSON object, or "". Owned. */
    char *tokenizer_kwargs;
    char *adapter, *adapter_config; /* of a LoRA adapter, whose base all the others are of */
};

/* Whether a GGUF file of that name is a model: no vision model's projector (mmproj…), and of a
 * split file's parts (-00002-of-00003) the first. */
bool model_is_gguf_name(const char *name);

/* Finds the parts from a Hugging Face folder, a GGUF file, a folder holding one GGUF, or a folder
 * of Marian native files (model.*.bin, vocab.*.spm). Errors: IO, UNSUPPORTED, FORMAT with what is
 * missing. */
enum err_code model_locate(struct model_files *out, const char *path, struct err *e) ERR_CHECKED;
/* The same for a tokenizer alone: of a model, or of a folder (or the folder of a file) that has no
 * weights. */
enum err_code tokenizer_locate(struct model_files *out, const char *path,
                               struct err *e) ERR_CHECKED;
void model_files_dispose(struct model_files *f);

struct weights;
/* Reads the configuration; `w` is the opened checkpoint (GGUF and Marian keep theirs inside it).
 * Every size is checked to be sane (positive, D = H·d where the architecture asks, K divides H,
 * below limits) so that later code may multiply without overflow. */
enum err_code model_config_read(struct model_config *out, const struct model_files *f,
                                const struct weights *w, struct err *e) ERR_CHECKED;

#endif
