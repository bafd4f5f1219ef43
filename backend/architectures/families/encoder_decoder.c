/*
 * EncoderDecoderModel. Rothe et al. 2020, "Leveraging pre-trained checkpoints for sequence
 * generation tasks": one model reads, and another with cross-attention between its parts writes.
 * Which, its configuration says (struct family_side). Reference: transformers 4.57,
 * models/encoder_decoder/modeling_encoder_decoder.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/settings.h"

#define AT(member) offsetof(struct model_config, member)

static const struct setting pair[] = {
    {KEY("decoder", INSIDE), .required = true}, /* the sides' tables come in their places */
    {KEY("encoder", INSIDE), .required = true},
    {FLAG("tie_encoder_decoder", tied_sides, false)},
    {KEY("tie_word_embeddings", ELSEWHERE)}, /* the decoder's decides */
    {KEY("vocab_size", ELSEWHERE)},          /* of the loss alone */
    {TOKEN("bos_token_id", bos_token_id, -1), .like = AT(bos_token_id)},
    {TOKEN("eos_token_id", eos_token_id, -1), .like = AT(eos_token_id)},
    {TOKEN("pad_token_id", pad_token_id, -1), .like = AT(pad_token_id)},
    {TOKEN("decoder_start_token_id", decoder_start_token_id, -1)},
};
static const struct settings settings = {SETTINGS(pair), .base = &settings_hugging_face};

const struct family family_encoder_decoder = {
    .pair = true,
    .layouts = {[LAYOUT_HUGGING_FACE] = {
                    .classes = {{"EncoderDecoderModel", "encoder-decoder", .settings = &settings,
                                 .generation = &settings_generation}}}}};
