/*
 * Which tokens of a text are attributed, and what each of them is held against. Plain numbers and
 * tokens, no model. Any thread.
 */
#ifndef TINSEQ_METHODS_POSITIONS_H
#define TINSEQ_METHODS_POSITIONS_H

#include "backend/base/err.h"
#include "methods/request/request.h"
#include "methods/result/attribution.h"

/* What is attributed of n tokens: 1 ≤ start < end ≤ n. n_prompt: tokens that are not generated
 * (encoder-decoder: 1, the decoder start). ERR_USAGE. */
enum err_code positions_place(int64_t *start, int64_t *end, const struct attribute_request *r,
                              int64_t n, int64_t n_prompt, bool encoder_decoder,
                              struct err *e) ERR_CHECKED;

/* Fills alignment [end − start]: the token of the contrast, of n_contrast, that the token at
 * start + g is held against. Counted from the end, as Inseq's default; where that would be the
 * first token or before it, the last one. ERR_USAGE: the contrast has no token after its first. */
enum err_code positions_align(int64_t *alignment, int64_t n_contrast, int64_t start, int64_t end,
                              struct err *e) ERR_CHECKED;

/* The same by another rule. ALIGN_POSITION: token i against token i, the contrast's last where it
 * is shorter; ALIGN_DIFF: common tokens against each other, those between them in order;
 * ALIGN_PAIRS: tokens without a pair follow the first rule; ALIGN_AUTO has a file of its own
 * (align.h), which changes what the first rule gives. `by` is borrowed, its links are sorted.
 * ERR_USAGE. */
enum err_code positions_align_by(int64_t *alignment, const struct token_list *target,
                                 const struct token_list *contrast, int64_t start, int64_t end,
                                 const struct alignment *by, struct err *e) ERR_CHECKED;

/* What the rules mean, for a person: several lines. */
extern const char positions_rules[];

/* Names attributed tokens that differ from their foil "foil → token", with id −1, as in
 * Inseq. */
void positions_name_contrast(struct attribution_sequence *s, const struct token_list *contrast,
                             const int64_t *alignment);

#endif
