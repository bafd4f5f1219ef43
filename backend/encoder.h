/*
 * A BERT encoder in the Hugging Face layout (Devlin et al. 2019): hidden states of single
 * sentences, to compare texts by. It writes nothing and is not differentiated. Only the layers that
 * are asked for are loaded, and only those rows of the word embeddings that a text needs.
 * Reference: transformers 4.57, models/bert/modeling_bert.py. The thread that computes.
 */
#ifndef TINSEQ_BACKEND_ENCODER_H
#define TINSEQ_BACKEND_ENCODER_H

#include "backend/base/err.h"
#include "backend/base/run_ctl.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct encoder;

/* Opens a folder with config.json (model_type bert), safetensors and tokenizer.json or vocab.txt.
 * `part` of its layers, in (0, 1], is loaded: the nearest whole number, at least one. Progress
 * phase "loading the encoder". Errors: IO, FORMAT, SHAPE, UNSUPPORTED, BACKEND, NOMEM,
 * CANCELLED. */
enum err_code encoder_open(struct encoder **out, const char *folder, double part,
                           const struct run_ctl *ctl, struct err *e) ERR_CHECKED;
void encoder_free(struct encoder *x);

/* Appends the ids of the pieces of UTF-8 text, without [CLS] and [SEP], to ids [n], which the
 * caller frees. Bytes that are no characters are skipped. */
void encoder_pieces(const struct encoder *x, const char *text, size_t n_text, int32_t **ids,
                    size_t *n);
int64_t encoder_width(const struct encoder *x);  /* D */
int64_t encoder_layers(const struct encoder *x); /* that are loaded */
/* What a person should know of its settings; "": nothing. Borrowed until encoder_free. */
const char *encoder_notice(const struct encoder *x);
/* Pieces of a text that it can read, without [CLS] and [SEP]. */
int64_t encoder_longest(const struct encoder *x);

/* States after the last loaded layer of n pieces, 1 ≤ n ≤ encoder_longest, between [CLS] and
 * [SEP], without those two: out [n, D]. Errors: USAGE (n), FORMAT (an id that has no embedding),
 * BACKEND, NOMEM, CANCELLED. */
enum err_code encoder_states(struct encoder *x, const int32_t *ids, int64_t n, float *out,
                             const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

#endif
