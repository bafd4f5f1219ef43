/* Language models among what sees pictures: which configuration is theirs, and which tensors; and
 * pairs of models. */
#include "backend/base/mem.h"
#include "backend/config.h"
#include "backend/model.h"
#include "backend/weights/store.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *folder;
static struct model_config config;
static struct err error;

static void make_folder(void) {
    folder = tree_new();
}
static void remove_folder(void) {
    tree_free(folder);
}

TestSuite(wrappers, .init = make_folder, .fini = remove_folder);

static enum err_code read_text(const char *text) {
    struct model_files files;
    free(tree_write(folder, "config.json", text));
    free(tree_write(folder, "model.safetensors", ""));
    cr_assert_eq(model_locate(&files, folder, &error), ERR_OK, "%s", error.message);
    enum err_code code = model_config_read(&config, &files, NULL, &error);
    model_files_dispose(&files);
    return code;
}

Test(wrappers, text_config_is_the_language_models) {
    cr_assert_eq(read_text("{\"architectures\": [\"LlavaForConditionalGeneration\"], "
                           "\"model_type\": \"llava\", \"hidden_size\": 7, \"text_config\": "
                           "{\"model_type\": \"llama\", \"hidden_size\": 64, "
                           "\"num_attention_heads\": 4}, \"vision_config\": {}}"),
                 ERR_OK, "%s", error.message);
    cr_expect(config.wrapped);
    cr_expect_eq(config.n_width, 64);
    cr_expect_str_eq(config.class_name, "LlamaForCausalLM");
    cr_expect_str_empty(config.notice);
    cr_assert_eq(read_text("{\"model_type\": \"mistral3\", \"text_config\": {\"hidden_size\": 96, "
                           "\"num_attention_heads\": 8}}"),
                 ERR_OK, "%s", error.message);
    cr_expect_str_eq(config.class_name, "MistralForCausalLM");
    cr_assert_eq(read_text("{\"model_type\": \"qwen2_5_vl\", \"hidden_size\": 64, "
                           "\"num_attention_heads\": 4, \"num_key_value_heads\": 2, "
                           "\"rope_scaling\": {\"type\": \"mrope\", "
                           "\"mrope_section\": [2, 3, 3]}}"),
                 ERR_OK, "%s", error.message);
    cr_expect_str_eq(config.class_name, "Qwen2ForCausalLM");
    cr_expect_eq(config.n_width, 64);
    cr_assert_eq(read_text("{\"model_type\": \"llama\"}"), ERR_OK, "%s", error.message);
    cr_expect_not(config.wrapped);
}

Test(wrappers, a_language_model_that_does_not_run_is_named) {
    cr_expect_eq(read_text("{\"model_type\": \"llava\", \"text_config\": {\"model_type\": "
                           "\"mamba\"}}"),
                 ERR_UNSUPPORTED);
    cr_expect_not_null(strstr(error.message, "amba"), "%s", error.message);
    cr_expect_eq(read_text("{\"model_type\": \"llava\", \"text_config\": 3}"), ERR_FORMAT);
    cr_expect_not_null(strstr(error.message, "text_config is no object"), "%s", error.message);
    cr_expect_eq(read_text("{\"model_type\": \"llava\", \"text_config\": {}, "
                           "\"quantization_config\": {\"quant_method\": \"awq\"}}"),
                 ERR_UNSUPPORTED);
    cr_expect_not_null(strstr(error.message, "AWQ"), "%s", error.message);
}

/* A safetensors file of float32 scalars with these names. */
static struct weights *with_names(unsigned char *bytes, size_t room, const char *const *names,
                                  size_t n) {
    struct text_buffer b = {0};
    struct weights *w;
    for (size_t i = 0; i < n; i++)
        text_buffer_format(&b,
                           "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[%zu,%zu]}",
                           i ? "," : "{", names[i], 4 * i, 4 * i + 4);
    text_buffer_puts(&b, "}");
    const uint64_t n_header = b.n;
    cr_assert(8 + b.n + 4 * n <= room);
    memset(bytes, 0, room);
    memcpy(bytes, &n_header, 8);
    memcpy(bytes + 8, b.text, b.n);
    cr_assert_eq(weights_open_bytes(&w, bytes, 8 + b.n + 4 * n, &error), ERR_OK, "%s",
                 error.message);
    text_buffer_dispose(&b);
    return w;
}

static void expect_unwrapped(const char *const names[4], const char *parts) {
    unsigned char bytes[2000];
    struct weights *w = with_names(bytes, sizeof bytes, names, 4);
    char *left_out;
    size_t n;
    cr_assert_eq(weights_unwrap(w, &left_out, &n, &error), ERR_OK, "%s", error.message);
    cr_expect_eq(n, 2);
    cr_expect_str_eq(left_out, parts);
    cr_expect_eq(weights_count(w), 2);
    cr_expect_not_null(weights_find(w, "model.norm.weight"));
    cr_expect_not_null(weights_find(w, "lm_head.weight"));
    free(left_out);
    weights_close(w);
}

Test(wrappers, tensors_of_older_and_newer_files_get_the_names_they_have_alone) {
    expect_unwrapped((const char *[]){"language_model.model.norm.weight",
                                      "language_model.lm_head.weight", "vision_tower.a.weight",
                                      "multi_modal_projector.b"},
                     "vision_tower, multi_modal_projector");
    expect_unwrapped((const char *[]){"model.language_model.norm.weight", "lm_head.weight",
                                      "model.visual.a", "model.visual.b"},
                     "model.visual");
    expect_unwrapped(
        (const char *[]){"model.norm.weight", "lm_head.weight", "visual.a", "image_newline"},
        "visual, image_newline");
}

Test(wrappers, two_tensors_that_get_one_name_are_refused) {
    unsigned char bytes[2000];
    const char *const names[] = {"language_model.model.norm.weight", "model.norm.weight"};
    struct weights *w = with_names(bytes, sizeof bytes, names, 2);
    char *left_out;
    size_t n;
    cr_expect_eq(weights_unwrap(w, &left_out, &n, &error), ERR_FORMAT);
    cr_expect_not_null(strstr(error.message, "two tensors are named model.norm.weight"), "%s",
                       error.message);
    free(left_out);
    weights_close(w);
}

/* --- two models in one configuration --- */

#define BEGIN "{\"model_type\": \"encoder-decoder\", \"decoder_start_token_id\": 101, "
#define ENCODER "\"encoder\": {\"model_type\": \"bert\"}"
#define DECODES "\"model_type\": \"bert\", \"is_decoder\": true, \"add_cross_attention\": true"
#define DECODER "\"decoder\": {" DECODES "}"
#define GPT2_DECODES "\"model_type\": \"gpt2\", \"is_decoder\": true, \"add_cross_attention\": true"

Test(wrappers, each_side_of_a_pair_has_its_own_sizes) {
    cr_assert_eq(read_text(BEGIN "\"encoder\": {\"model_type\": \"bert\", \"vocab_size\": 99, "
                                 "\"num_hidden_layers\": 3, \"max_position_embeddings\": 40}, "
                                 "\"decoder\": {" DECODES ", \"num_hidden_layers\": 2, "
                                 "\"layer_norm_eps\": 0.5, \"type_vocab_size\": 1}}"),
                 ERR_OK, "%s", error.message);
    cr_expect(config.encoder_decoder);
    cr_expect_str_eq(config.class_name, "EncoderDecoderModel");
    cr_expect_str_empty(config.notice);
    cr_expect(config.encoder_sizes.n_layers == 3 && config.n_layers == 2);
    cr_expect(config.encoder_sizes.n_token_types == 2 && config.decoder_sizes.n_token_types == 1);
    cr_expect(config.n_source_vocab == 99 && config.n_vocab == 30522);
    cr_expect(config.n_source_positions == 40 && config.n_positions == 512);
    cr_expect(config.encoder_sizes.norm_epsilon == 1e-12 && config.norm_epsilon == 0.5);
    cr_expect_eq(model_config_check_prompt(&config, 40, &error), ERR_OK);
    cr_expect_eq(model_config_check_prompt(&config, 41, &error), ERR_USAGE);
    cr_expect_not_null(strstr(error.message, "positions for 40"), "%s", error.message);
    cr_expect_eq(model_config_check_text(&config, 512, &error), ERR_OK);
}

Test(wrappers, a_pair_is_what_its_sides_are) {
    cr_assert_eq(read_text(BEGIN "\"encoder\": {\"model_type\": \"roberta\", \"n_layer\": 3, "
                                 "\"max_position_embeddings\": 40, \"pad_token_id\": 4}, "
                                 "\"decoder\": {" GPT2_DECODES ", \"n_layer\": 2, "
                                 "\"scale_attn_by_inverse_layer_idx\": true}}"),
                 ERR_OK, "%s", error.message);
    cr_expect(config.encoder.norm_place == NORM_AFTER_SUM && config.encoder.token_types);
    cr_expect(config.encoder.position_offset == 5 && config.n_source_positions == 35);
    cr_expect(config.decoder.norm_place == NORM_BEFORE && !config.decoder.token_types);
    cr_expect(config.decoder.position_offset == 0 && config.n_positions == 1024);
    cr_expect(plan_has(&config.decoder, PART_CROSS_ATTENTION) && config.decoder.final_norm);
    cr_expect(config.encoder_sizes.n_layers == 12 && config.n_layers == 2);
    cr_expect(config.scale_by_layer && !config.encoder_sizes.scale_by_layer);
    cr_expect(config.activation == ACTIVATION_GELU_NEW &&
              config.encoder_sizes.activation == ACTIVATION_GELU);
    cr_expect_str_eq(config.tokenizer_class, "RobertaTokenizerFast");
    cr_expect_not_null(strstr(config.notice, "encoder.n_layer (config.json)"), "%s", config.notice);
    cr_expect_not_null(strstr(config.notice, "this roberta has 50265 ids and this gpt2 50257"),
                       "%s", config.notice);
}

Test(wrappers, what_a_pair_does_not_say_the_decoder_says) {
    cr_assert_eq(read_text(BEGIN ENCODER
                           ", \"num_beams\": 4, \"eos_token_id\": null, "
                           "\"pad_token_id\": 7, \"decoder\": {" DECODES
                           ", \"num_beams\": 2, \"min_length\": 3, \"eos_token_id\": 102}}"),
                 ERR_OK, "%s", error.message);
    cr_expect_eq(config.generation.num_beams, 4);
    cr_expect_eq(config.generation.min_length, 3);
    cr_expect_eq(config.generation.eos_token_ids[0], 102);
    cr_expect(config.eos_token_id == 102 && config.pad_token_id == 7);
    cr_expect_eq(config.decoder_start_token_id, 101);
}

Test(wrappers, what_does_not_run_of_a_pair_is_named) {
    static const struct {
        const char *text, *named;
    } cases[] = {
        {BEGIN DECODER ", \"encoder\": {\"model_type\": \"electra\"}}",
         "encoder.model_type is \"electra\"; as the encoder of a pair these run here: bert and "
         "roberta"},
        {BEGIN DECODER ", \"encoder\": {\"model_type\": \"gpt2\"}}", "these run here: bert and"},
        {BEGIN DECODER ", \"encoder\": {}}", "encoder.model_type is missing"},
        {BEGIN DECODER ", \"encoder\": 3}", "encoder is no object"},
        {BEGIN DECODER "}", "encoder is missing"},
        {BEGIN ENCODER ", \"decoder\": {\"model_type\": \"opt\"}}",
         "as the decoder of a pair these run here: gpt2, bert and roberta"},
        {BEGIN ENCODER ", \"decoder\": {\"model_type\": \"gpt2\"}}", "decoder.add_cross_attention"},
        {BEGIN ENCODER ", \"decoder\": {" GPT2_DECODES ", \"n_embd\": 96}}",
         "encoder.hidden_size is 768; only 96"},
        {BEGIN ENCODER ", \"decoder\": {" GPT2_DECODES ", \"is_encoder_decoder\": true}}",
         "decoder.is_encoder_decoder is true"},
        {BEGIN ENCODER ", \"decoder\": {\"model_type\": \"bert\"}}", "decoder.add_cross_attention"},
        {BEGIN DECODER ", \"encoder\": {\"model_type\": \"bert\", \"hidden_size\": 96}}",
         "encoder.hidden_size is 96"},
        {"{\"model_type\": \"encoder-decoder\", \"decoder_start_token_id\": 1, " ENCODER
         ", \"decoder\": {\"model_type\": \"roberta\", \"is_decoder\": true, "
         "\"add_cross_attention\": true}}",
         "decoder_start_token_id is 1, the padding token"},
        {BEGIN ENCODER ", \"decoder\": {\"model_type\": \"roberta\", \"is_decoder\": true, "
                       "\"add_cross_attention\": true, \"hidden_act\": \"relu\"}}",
         "decoder.hidden_act is \"relu\""},
        {BEGIN ENCODER ", \"tie_encoder_decoder\": true, \"decoder\": {" GPT2_DECODES "}}",
         "tie_encoder_decoder is true, which two of a kind can be, not bert and gpt2"},
        {BEGIN ENCODER ", \"tie_encoder_decoder\": true, \"decoder\": {" DECODES
                       ", \"num_hidden_layers\": 2}}",
         "tie_encoder_decoder is true, which sides of as many layers can be, not of 12 and 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_neq(read_text(cases[i].text), ERR_OK, "%s", cases[i].text);
        cr_expect_not_null(strstr(error.message, cases[i].named), "%s", error.message);
    }
}

Test(wrappers, keys_of_a_pair_that_no_one_knows_are_noted_with_their_side) {
    cr_assert_eq(read_text(BEGIN DECODER ", \"encoder\": {\"model_type\": \"bert\", \"wings\": 2, "
                                         "\"hidden_dropout_prob\": 0.3}}"),
                 ERR_OK, "%s", error.message);
    cr_expect_not_null(strstr(config.notice, "encoder.wings"), "%s", config.notice);
    cr_expect_not_null(strstr(config.notice, "encoder.hidden_dropout_prob = 0.3"), "%s",
                       config.notice);
}
