/*
 * The small students of Bergamot and Firefox Translations: a transformer encoder (Vaswani et al.
 * 2017, post-norm) and a recurrent decoder of simpler simple recurrent units (Kim et al. 2019,
 * "From research to production and back"). Reference: marian-dev, src/models/transformer.h and
 * src/rnn/cells.h (SSRU). Marian multiplies x · W: its matrices are [I, O]. The decoder's input is
 * the embedding of the token before, zero at the first position.
 */
#include "backend/architectures/family.h"

static const struct tensor_row native[] = {
    {SLOT_EMBEDDING, "Wemb"},
    {SLOT_HEAD_BIAS, "decoder_ff_logit_out_b"},
    {SLOT_QUERY, "encoder_l{layer}_self_{W|b}q"},
    {SLOT_KEY, "encoder_l{layer}_self_{W|b}k"},
    {SLOT_VALUE, "encoder_l{layer}_self_{W|b}v"},
    {SLOT_OUTPUT, "encoder_l{layer}_self_{W|b}o"},
    {SLOT_RECURRENT_INPUT, "decoder_l{layer}_rnn_W"},
    {SLOT_RECURRENT_GATE, "decoder_l{layer}_rnn_{W|b}f"},
    {SLOT_SELF_NORM, "encoder_l{layer}_self_Wo_ln_{scale|bias}"},
    {SLOT_RECURRENT_NORM, "decoder_l{layer}_rnn_ffn_ln_{scale|bias}"},
    {SLOT_CROSS_QUERY, "decoder_l{layer}_context_{W|b}q"},
    {SLOT_CROSS_KEY, "decoder_l{layer}_context_{W|b}k"},
    {SLOT_CROSS_VALUE, "decoder_l{layer}_context_{W|b}v"},
    {SLOT_CROSS_OUTPUT, "decoder_l{layer}_context_{W|b}o"},
    {SLOT_CROSS_NORM, "decoder_l{layer}_context_Wo_ln_{scale|bias}"},
    {SLOT_UP, "{stack}_l{layer}_ffn_{W|b}1"},
    {SLOT_DOWN, "{stack}_l{layer}_ffn_{W|b}2"},
    {SLOT_FFN_NORM, "{stack}_l{layer}_ffn_ffn_ln_{scale|bias}"},
};

const struct family family_marian_student = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_SINUSOID,
                .sinusoid_inclusive = true},
    .decoder = {.parts = {PART_RECURRENCE, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_SINUSOID,
                .sinusoid_inclusive = true},
    .zero_start = true,
    .layouts = {
        [LAYOUT_MARIAN_NATIVE] = {TENSOR_ROWS(native), .first_layer = 1, .transposed = true}}};
