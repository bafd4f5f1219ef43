/* What configuration files say, by the rules of Transformers 4.57 and Marian; and clear refusals of
 * what cannot run. */
#include "backend/architectures/families.h"
#include "backend/config.h"
#include "backend/model.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/weights.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <math.h>
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

TestSuite(config, .init = make_folder, .fini = remove_folder);

static void put(const char *name, const char *text) {
    free(tree_write(folder, name, text));
}

/* Locates and reads what lies at `name` in the folder ("" for itself), opening the weights where
 * the layout needs them. */
static enum err_code read_at(const char *name) {
    struct model_files files;
    char *path = *name ? mem_format("%s/%s", folder, name) : mem_text(folder);
    error = (struct err){0};
    enum err_code code = model_locate(&files, path, &error);
    struct weights *w = NULL;
    if (code)
        goto out;
    if (files.layout != LAYOUT_HUGGING_FACE)
        code = weights_open(&w, files.weights, &error);
    if (code)
        goto out;
    code = model_config_read(&config, &files, w, &error);
out:
    weights_close(w);
    model_files_dispose(&files);
    free(path);
    return code;
}

static enum err_code read_hugging_face(const char *json) {
    free(tree_copy_fixture(folder, "model.safetensors", "plain.safetensors"));
    put("config.json", json);
    return read_at("");
}

static void expect_refused(const char *json, enum err_code code, const char *part) {
    cr_expect_eq(read_hugging_face(json), code, "%s: %s", json, error.message);
    cr_expect_not_null(strstr(error.message, part), "\"%s\" lacks \"%s\"", error.message, part);
    cr_expect_eq(config.n_vocab, 0, "nothing of a refused configuration is left");
}

Test(config, llama_defaults_are_its_class) {
    cr_assert_eq(read_hugging_face("{\"architectures\": [\"LlamaForCausalLM\"]}"), ERR_OK, "%s",
                 error.message);
    const struct model_config *c = &config;
    cr_expect(c->family == family_find(LAYOUT_HUGGING_FACE, NULL, "llama").family &&
              c->layout == LAYOUT_HUGGING_FACE);
    cr_expect(c->n_vocab == 32000 && c->n_width == 4096 && c->n_ffn == 11008 && c->n_layers == 32 &&
              c->n_heads == 32);
    cr_expect(c->n_kv_heads == 32 && c->n_head_width == 128 && c->n_positions == 2048);
    cr_expect(c->norm_epsilon == 1e-6 && c->rope_base == 10000 && c->rope_factor == 1 &&
              c->rope_linear == 1);
    cr_expect(!c->tied_embeddings && !c->attention_bias && c->activation == ACTIVATION_SILU);
    cr_expect(c->bos_token_id == 1 && c->eos_token_id == 2 && c->pad_token_id == -1);
    const struct generation_config *g = &c->generation;
    cr_expect(g->max_length == 20 && !g->has_max_length && g->max_new_tokens == -1 &&
              g->num_beams == 1 && !g->do_sample);
    cr_expect(g->n_eos_token_ids == 1 && g->eos_token_ids[0] == 2 && g->forced_eos_token_id == -1);
}

Test(config, llama_3_with_several_ends_and_scaled_rope) {
    put("generation_config.json", "{\"eos_token_id\": [7, 8], \"do_sample\": true, "
                                  "\"temperature\": 0.6, \"top_p\": 0.9, \"max_length\": 4096}");
    put("tokenizer_config.json", "{\"tokenizer_class\": \"PreTrainedTokenizerFast\"}");
    cr_assert_eq(read_hugging_face(
                     "{\"architectures\": [\"LlamaForCausalLM\"], \"vocab_size\": 100, "
                     "\"hidden_size\": 64, \"num_attention_heads\": 4,"
                     "\"num_key_value_heads\": 2, \"head_dim\": 32, \"rope_theta\": 500000.0, "
                     "\"eos_token_id\": [7, 8], \"bos_token_id\": 6,"
                     "\"tie_word_embeddings\": true, \"rope_scaling\": {\"factor\": 32.0, "
                     "\"high_freq_factor\": 4.0, \"low_freq_factor\": 1.0,"
                     "\"original_max_position_embeddings\": 8192, \"rope_type\": \"llama3\"}}"),
                 ERR_OK, "%s", error.message);
    cr_expect(config.n_kv_heads == 2 && config.n_head_width == 32 && config.tied_embeddings &&
              config.rope_base == 500000);
    cr_expect(config.rope_factor == 32 && config.rope_low_freq_factor == 1 &&
              config.rope_high_freq_factor == 4);
    cr_expect(config.rope_original_positions == 8192 && config.eos_token_id == 7);
    const struct generation_config *g = &config.generation;
    cr_expect(g->n_eos_token_ids == 2 && g->eos_token_ids[1] == 8 && g->do_sample &&
              g->temperature == 0.6 && g->top_p == 0.9 && g->top_k == 50);
    cr_expect(g->max_length == 4096 && g->has_max_length);
    cr_expect_str_eq(config.tokenizer_class, "PreTrainedTokenizerFast");
}

Test(config, a_tokenizer_class_is_the_fast_one_where_there_is_one) {
    static const char *const classes[][2] = {{"M2M100Tokenizer", "M2M100Tokenizer"},
                                             {"ByT5Tokenizer", "ByT5Tokenizer"},
                                             {"NllbTokenizer", "NllbTokenizerFast"},
                                             {"T5TokenizerFast", "T5TokenizerFast"}};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        char *json = mem_format("{\"tokenizer_class\": \"%s\"}", classes[i][0]);
        put("tokenizer_config.json", json);
        cr_assert_eq(read_hugging_face("{\"architectures\": [\"MistralForCausalLM\"]}"), ERR_OK,
                     "%s", error.message);
        cr_expect_str_eq(config.tokenizer_class, classes[i][1]);
        free(json);
    }
}

Test(config, every_layer_of_mistral_has_its_window) {
    cr_assert_eq(read_hugging_face(
                     "{\"architectures\": [\"MistralForCausalLM\"], \"sliding_window\": null}"),
                 ERR_OK, "%s", error.message);
    cr_expect(config.n_kv_heads == 8 && config.n_ffn == 14336 && config.n_positions == 131072);
    cr_expect_eq(config.n_window, 0);
    cr_assert_eq(read_hugging_face("{\"architectures\": [\"MistralForCausalLM\"]}"), ERR_OK, "%s",
                 error.message);
    cr_expect(config.n_window == 4096 && config.n_positions == 131072);
    cr_expect_eq(model_config_longest(&config), 0);
    cr_expect(layer_in(&config.decoder.local, 0) && layer_in(&config.decoder.local, 31) &&
              !layer_in(&config.decoder.local, 32));
}

Test(config, gpt2_defaults_are_its_class) {
    cr_assert_eq(read_hugging_face("{\"model_type\": \"gpt2\"}"), ERR_OK, "%s", error.message);
    cr_expect_str_eq(config.class_name, "GPT2LMHeadModel");
    cr_expect_str_eq(config.tokenizer_class, "GPT2TokenizerFast");
    cr_expect(config.n_vocab == 50257 && config.n_width == 768 && config.n_ffn == 3072 &&
              config.n_head_width == 64 && config.n_positions == 1024);
    cr_expect(config.tied_embeddings && config.activation == ACTIVATION_GELU_NEW &&
              config.norm_epsilon == 1e-5);
    cr_expect(config.eos_token_id == 50256 && !config.add_bos_token);
}

static const char opus[] =
    "{\"architectures\": [\"MarianMTModel\"], \"vocab_size\": 100, \"d_model\": 16, "
    "\"encoder_layers\": 2, \"decoder_layers\": 3,"
    "\"encoder_attention_heads\": 4, \"decoder_attention_heads\": 2, \"encoder_ffn_dim\": 32, "
    "\"decoder_ffn_dim\": 32,"
    "\"activation_function\": \"swish\", \"scale_embedding\": true, \"pad_token_id\": 99, "
    "\"decoder_start_token_id\": 99,"
    "\"eos_token_id\": 0, \"num_beams\": 6, \"max_length\": 512, \"bad_words_ids\": [[99]]}";

Test(config, marian_keeps_old_generation_settings_in_its_configuration) {
    cr_assert_eq(read_hugging_face(opus), ERR_OK, "%s", error.message);
    cr_expect(config.encoder_decoder && config.encoder_sizes.n_layers == 2 &&
              config.n_layers == 3 && config.encoder_sizes.n_heads == 4 && config.n_heads == 2);
    cr_expect(config.activation == ACTIVATION_SILU && config.scale_embeddings &&
              config.tied_embeddings && config.decoder_start_token_id == 99);
    cr_expect_str_eq(config.tokenizer_class, "MarianTokenizer");
    const struct generation_config *g = &config.generation;
    cr_expect(g->num_beams == 6 && g->max_length == 512 && g->has_max_length &&
              g->forced_eos_token_id == 0);
    cr_expect(g->n_bad_words == 1 && g->bad_words[0].n == 1 && g->bad_words[0].ids[0] == 99);
}

Test(config, the_sides_of_a_translator_have_sizes_of_their_own) {
    cr_assert_eq(read_hugging_face("{\"model_type\": \"marian\", \"d_model\": 24, "
                                   "\"encoder_attention_heads\": 4, \"encoder_ffn_dim\": 40, "
                                   "\"decoder_attention_heads\": 3, \"decoder_ffn_dim\": 56}"),
                 ERR_OK, "%s", error.message);
    const struct stack_sizes *encoder = &config.encoder_sizes;
    cr_expect(encoder->n_heads == 4 && encoder->n_kv_heads == 4 && encoder->n_head_width == 6 &&
              encoder->n_ffn == 40 && encoder->n_layers == 12);
    cr_expect(config.n_heads == 3 && config.n_kv_heads == 3 && config.n_head_width == 8 &&
              config.n_ffn == 56 && config.n_layers == 12);
    cr_expect(encoder->activation == ACTIVATION_GELU && encoder->norm_epsilon == 1e-5);
    cr_expect(model_config_sizes(&config, STACK_ENCODER) == encoder &&
              model_config_sizes(&config, STACK_DECODER)->n_ffn == 56);
    cr_expect_eq(read_hugging_face("{\"model_type\": \"marian\", \"d_model\": 24, "
                                   "\"encoder_attention_heads\": 5, "
                                   "\"decoder_attention_heads\": 3}"),
                 ERR_FORMAT, "five heads of an encoder do not divide 24");
}

Test(config, a_generation_configuration_replaces_those_settings) {
    put("generation_config.json", "{\"num_beams\": 4, \"eos_token_id\": 0, "
                                  "\"decoder_start_token_id\": 98, \"early_stopping\": \"never\","
                                  "\"renormalize_logits\": true, \"max_length\": 20}");
    cr_assert_eq(read_hugging_face(opus), ERR_OK, "%s", error.message);
    const struct generation_config *g = &config.generation;
    cr_expect(g->num_beams == 4 && g->n_bad_words == 0 && g->forced_eos_token_id == -1 &&
              g->early_stopping == 2 && g->renormalize_logits);
    cr_expect(g->max_length == 20 && !g->has_max_length,
              "the default in a file counts as not given");
    cr_expect_eq(config.decoder_start_token_id, 98);
}

Test(config, a_generation_configuration_says_what_is_never_written_and_where_texts_end) {
    put("generation_config.json",
        "{\"min_new_tokens\": 3, \"suppress_tokens\": [4, -1, 9999], "
        "\"begin_suppress_tokens\": null, \"stop_strings\": [\"END\", \"\\n\"]}");
    cr_assert_eq(read_hugging_face("{\"model_type\": \"gpt2\"}"), ERR_OK, "%s", error.message);
    const struct generation_config *g = &config.generation;
    cr_expect(g->min_new_tokens == 3 && g->suppress_tokens.n == 3 &&
              g->suppress_tokens.ids[0] == 4);
    cr_expect(g->begin_suppress_tokens.n == 0 && g->n_stop_strings == 2);
    cr_expect_str_eq(g->stop_strings[0], "END");
    cr_expect_str_eq(config.notice, "");
    static const char *const bad[] = {"{\"suppress_tokens\": 3}", "{\"suppress_tokens\": [[1]]}",
                                      "{\"stop_strings\": [\"\"]}", "{\"stop_strings\": 7}",
                                      "{\"min_new_tokens\": -2}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put("generation_config.json", bad[i]);
        cr_expect_eq(read_hugging_face("{\"model_type\": \"gpt2\"}"), ERR_FORMAT, "%s", bad[i]);
    }
}

Test(config, what_a_generation_configuration_asks_for_in_vain_is_named) {
    put("generation_config.json", "{\"min_p\": 0.1, \"made_up\": true, \"use_cache\": true}");
    cr_assert_eq(read_hugging_face("{\"model_type\": \"gpt2\"}"), ERR_OK, "%s", error.message);
    cr_expect(strstr(config.notice, "min_p = 0.1 (generation_config.json)") &&
                  strstr(config.notice, "made_up") && !strstr(config.notice, "use_cache"),
              "%s", config.notice);
}

/* Checkpoints that Transformers itself wrote (tests/fixtures/make_tiny.py). */
Test(config, what_transformers_saves_is_read) {
    static const struct {
        const char *name;
        int64_t n_vocab, n_heads, n_kv_heads, n_head_width, n_positions;
    } tiny[] = {
        {"llama", 420, 6, 2, 8, 256}, {"gpt2", 420, 4, 4, 12, 128}, {"marian", 144, 4, 4, 12, 64}};
    for (size_t i = 0; i < sizeof tiny / sizeof *tiny; i++) {
        char *path = mem_format("%s/tiny/%s", getenv("TINSEQ_FIXTURES"), tiny[i].name);
        struct model_files files;
        struct weights *w;
        cr_assert_eq(model_locate(&files, path, &error), ERR_OK, "%s", error.message);
        cr_assert_eq(model_config_read(&config, &files, NULL, &error), ERR_OK, "%s", error.message);
        cr_assert_eq(weights_open(&w, files.weights, &error), ERR_OK, "%s", error.message);
        cr_expect(config.family == family_find(LAYOUT_HUGGING_FACE, NULL, tiny[i].name).family &&
                  config.n_vocab == tiny[i].n_vocab && config.n_positions == tiny[i].n_positions);
        cr_expect(config.n_heads == tiny[i].n_heads && config.n_kv_heads == tiny[i].n_kv_heads &&
                  config.n_head_width == tiny[i].n_head_width);
        cr_expect(config.generation.n_eos_token_ids == 1 &&
                  config.generation.eos_token_ids[0] == config.eos_token_id);
        weights_close(w);
        model_files_dispose(&files);
        free(path);
    }
    cr_expect(config.generation.forced_eos_token_id == 0 && config.generation.num_beams == 4 &&
              config.generation.max_length == 24);
}

Test(config, refuses_what_cannot_run_and_says_why) {
    expect_refused("{\"architectures\": [\"BertForMaskedLM\"]}", ERR_UNSUPPORTED,
                   "BertForMaskedLM does not run here");
    expect_refused("{\"model_type\": \"mamba\"}", ERR_UNSUPPORTED, "mamba");
    expect_refused("{\"architectures\": [\"T5EncoderModel\"], \"model_type\": \"t5\"}",
                   ERR_UNSUPPORTED,
                   "T5's encoder alone, which writes no text; the nearest that does is "
                   "T5ForConditionalGeneration");
    expect_refused("{}", ERR_UNSUPPORTED, "without architectures");
    expect_refused("[]", ERR_FORMAT, "JSON");
    expect_refused("{\"model_type\":", ERR_FORMAT, "JSON");
    expect_refused(
        "{\"model_type\": \"llama\", \"rope_scaling\": {\"type\": \"warped\", \"factor\": 4.0}}",
        ERR_UNSUPPORTED, "warped");
    expect_refused(
        "{\"model_type\": \"llama\", \"quantization_config\": {\"quant_method\": \"gptq\"}}",
        ERR_UNSUPPORTED, "quantised by GPTQ");
    expect_refused(
        "{\"model_type\": \"llama\", \"hidden_act\": \"xielu\"}", ERR_UNSUPPORTED,
        "hidden_act is xielu, which has weights of its own; these run here: gelu, gelu_10");
    expect_refused("{\"model_type\": \"llama\", \"hidden_act\": \"wave\"}", ERR_UNSUPPORTED,
                   "hidden_act is wave, which is not known; these run here: gelu,");
    expect_refused("{\"model_type\": \"gptj\", \"rotary_dim\": null}", ERR_UNSUPPORTED,
                   "rotary_dim is null");
    expect_refused("{\"model_type\": \"gpt_neox\", \"rotary_pct\": 0.001}", ERR_UNSUPPORTED,
                   "rotary_pct leaves nothing");
    expect_refused("{\"model_type\": \"codegen\", \"n_head\": 6, \"n_embd\": 48}", ERR_FORMAT,
                   "n_head: 6 heads do not lie in 4 blocks");
    expect_refused("{\"model_type\": \"gpt_neo\", \"num_layers\": 3, \"attention_types\": "
                   "[[[\"global\", \"local\"], 1]]}",
                   ERR_FORMAT, "attention_types is not for 3 layers");
    expect_refused("{\"model_type\": \"gpt_neo\", \"num_layers\": 1, \"attention_types\": "
                   "[[[\"sparse\"], 1]]}",
                   ERR_UNSUPPORTED, "only global and local run here");
    expect_refused("{\"model_type\": \"openai-gpt\", \"afn\": \"mish\"}", ERR_UNSUPPORTED,
                   "afn is mish");
    expect_refused("{\"model_type\": \"marian\", \"normalize_before\": true}", ERR_UNSUPPORTED,
                   "normalize_before");
    expect_refused("{\"model_type\": \"t5\", \"feed_forward_proj\": \"gated-what\"}",
                   ERR_UNSUPPORTED, "feed_forward_proj is what");
    expect_refused("{\"model_type\": \"t5\", \"decoder_start_token_id\": 0, "
                   "\"relative_attention_max_distance\": 9}",
                   ERR_FORMAT, "ranges of distances");
    expect_refused("{\"model_type\": \"t5\", \"decoder_start_token_id\": 0, \"num_heads\": 60000, "
                   "\"d_kv\": 1, \"relative_attention_max_distance\": 60000}",
                   ERR_FORMAT, "are too many for 60000 heads");
}

Test(config, refuses_impossible_sizes) {
    expect_refused("{\"model_type\": \"llama\", \"vocab_size\": 0}", ERR_FORMAT, "vocab_size");
    expect_refused("{\"model_type\": \"llama\", \"hidden_size\": 1e300}", ERR_FORMAT,
                   "hidden_size");
    expect_refused("{\"model_type\": \"llama\", \"hidden_size\": 4.5}", ERR_FORMAT, "hidden_size");
    expect_refused("{\"model_type\": \"llama\", \"hidden_size\": \"4\"}", ERR_FORMAT,
                   "hidden_size");
    expect_refused("{\"model_type\": \"llama\", \"num_key_value_heads\": 5}", ERR_FORMAT,
                   "key-value heads");
    expect_refused("{\"model_type\": \"llama\", \"head_dim\": 3}", ERR_FORMAT, "rotated");
    expect_refused("{\"model_type\": \"gpt2\", \"n_head\": 7}", ERR_FORMAT, "heads do not divide");
    expect_refused("{\"model_type\": \"marian\", \"vocab_size\": 10}", ERR_FORMAT,
                   "decoder_start_token_id");
    expect_refused("{\"model_type\": \"gpt2\", \"bad_words_ids\": [5]}", ERR_FORMAT,
                   "bad_words_ids");
    expect_refused("{\"model_type\": \"gpt2\", \"bad_words_ids\": [[-5]]}", ERR_FORMAT,
                   "bad_words_ids");
    expect_refused("{\"model_type\": \"gpt2\", \"num_beams\": 0}", ERR_FORMAT, "num_beams");
}

Test(config, missing_parts_are_named) {
    cr_expect_eq(read_at(""), ERR_FORMAT);
    cr_expect_not_null(strstr(error.message, "no model here"), "%s", error.message);
    cr_expect_eq(read_at("none"), ERR_IO);
    put("config.json", "{\"model_type\": \"gpt2\"}");
    cr_expect_eq(read_at(""), ERR_FORMAT);
    cr_expect_not_null(strstr(error.message, "model.safetensors"), "%s", error.message);
    put("tf_model.h5", "");
    cr_expect_eq(read_at(""), ERR_UNSUPPORTED);
    cr_expect_not_null(strstr(error.message, "tf_model.h5, which is not read here"), "%s",
                       error.message);
    put("pytorch_model.bin", "PK\3\4");
    cr_expect_eq(read_at(""), ERR_OK, "its name is known; %s", error.message);
}

Test(config, the_parts_of_a_split_gguf_file_are_one_model) {
    struct model_files files;
    put("m-00001-of-00002.gguf", "GGUF");
    put("m-00002-of-00002.gguf", "GGUF");
    put("mmproj-m.gguf", "GGUF");
    cr_assert_eq(model_locate(&files, folder, &error), ERR_OK, "%s", error.message);
    cr_expect_not_null(strstr(files.weights, "m-00001-of-00002.gguf"), "%s", files.weights);
    model_files_dispose(&files);
    put("other.gguf", "GGUF");
    cr_expect_eq(model_locate(&files, folder, &error), ERR_FORMAT);
    cr_expect_not_null(strstr(error.message, "2 GGUF files; name one of them: m-00001-of-00002.gguf"
                                             ", other.gguf"),
                       "%s", error.message);
}

static const struct gguf_key llama_keys[] = {
    {"general.architecture", "llama", 0},
    {"llama.embedding_length", NULL, 8},
    {"llama.feed_forward_length", NULL, 16},
    {"llama.block_count", NULL, 2},
    {"llama.attention.head_count", NULL, 4},
    {"llama.attention.head_count_kv", NULL, 2},
    {"llama.context_length", NULL, 64},
    {"tokenizer.ggml.eos_token_id", NULL, 3},
    {"tokenizer.ggml.bos_token_id", NULL, 4294967295},
    {"tokenizer.ggml.model", "gpt2", 0},
    {"tokenizer.ggml.pre", "llama-bpe", 0},
};
enum { N_LLAMA_KEYS = sizeof llama_keys / sizeof *llama_keys };

Test(config, gguf_llama) {
    free(tree_write_gguf(folder, "m.gguf", llama_keys, N_LLAMA_KEYS, 10, 8));
    cr_assert_eq(read_at(""), ERR_OK, "%s", error.message);
    cr_expect(config.n_vocab == 10 && config.n_width == 8 && config.n_kv_heads == 2 &&
              config.n_head_width == 2 && config.tied_embeddings);
    cr_expect(config.bos_token_id == -1 && config.eos_token_id == 3 && config.add_bos_token,
              "Llama 3's texts begin with BOS");
    free(tree_write_gguf(folder, "n.gguf", llama_keys, N_LLAMA_KEYS, 10, 8));
    cr_expect_eq(read_at(""), ERR_FORMAT);
    cr_expect_not_null(strstr(error.message, "m.gguf, n.gguf"), "%s", error.message);
    cr_expect_eq(read_at("n.gguf"), ERR_OK);
}

Test(config, a_gguf_files_window_is_read) {
    struct gguf_key keys[N_LLAMA_KEYS + 1];
    memcpy(keys, llama_keys, sizeof llama_keys);
    keys[N_LLAMA_KEYS] = (struct gguf_key){"llama.attention.sliding_window", NULL, 7};
    free(tree_write_gguf(folder, "m.gguf", keys, N_LLAMA_KEYS + 1, 10, 8));
    cr_assert_eq(read_at(""), ERR_OK, "%s", error.message);
    cr_expect(config.n_window == 7 && layer_in(&config.decoder.local, 0));
    cr_expect_str_eq(config.notice, "");
}

Test(config, gguf_refusals) {
    struct gguf_key keys[N_LLAMA_KEYS];
    memcpy(keys, llama_keys, sizeof keys);
    keys[0].text = "mamba";
    free(tree_write_gguf(folder, "m.gguf", keys, N_LLAMA_KEYS, 10, 8));
    cr_expect_eq(read_at(""), ERR_UNSUPPORTED);
    cr_expect_not_null(strstr(error.message, "mamba"), "%s", error.message);
    keys[0].text = "llama";
    keys[3].key = "llama.expert_count";
    free(tree_write_gguf(folder, "m.gguf", keys, N_LLAMA_KEYS, 10, 8));
    cr_expect_neq(read_at(""), ERR_OK);
    cr_expect_not_null(strstr(error.message, "llama.block_count is missing"), "%s", error.message);
}

static const struct gguf_key t5_keys[] = {
    {"general.architecture", "t5", 0},    {"t5.embedding_length", NULL, 8},
    {"t5.feed_forward_length", NULL, 16}, {"t5.block_count", NULL, 3},
    {"t5.attention.head_count", NULL, 4}, {"t5.attention.key_length", NULL, 5},
    {"t5.context_length", NULL, 64},      {"t5.attention.relative_buckets_count", NULL, 8},
    {"tokenizer.ggml.model", "t5", 0},    {"t5.decoder_start_token_id", NULL, 3},
    {"t5.decoder_block_count", NULL, 2},
};
enum { N_T5_KEYS = sizeof t5_keys / sizeof *t5_keys };

Test(config, gguf_t5) {
    free(tree_write_gguf(folder, "m.gguf", t5_keys, N_T5_KEYS, 10, 8));
    cr_assert_eq(read_at(""), ERR_OK, "%s", error.message);
    cr_expect(config.encoder_decoder && config.n_layers == 2 && config.encoder_sizes.n_layers == 3);
    cr_expect(config.n_head_width == 5 && config.encoder_sizes.n_head_width == 5);
    cr_expect(config.n_buckets == 8 && config.bucket_distance == 128 && config.n_positions == 0);
    cr_expect(config.attention_scale == 1 && config.encoder_sizes.attention_scale == 1);
    cr_expect(config.tied_embeddings && fabs(config.logit_scale - 1 / sqrt(8)) < 1e-12);
    cr_expect_eq(config.decoder_start_token_id, 3);
    cr_expect_str_empty(config.notice);
    free(tree_write_gguf(folder, "m.gguf", t5_keys, N_T5_KEYS - 1, 10, 8));
    cr_assert_eq(read_at(""), ERR_OK, "%s", error.message);
    cr_expect_eq(config.n_layers, 3, "as many as the encoder has");
    free(tree_write_gguf(folder, "m.gguf", t5_keys, N_T5_KEYS - 2, 10, 8));
    cr_expect_eq(read_at(""), ERR_FORMAT);
    cr_expect_not_null(strstr(error.message, "t5.decoder_start_token_id is no id of the"), "%s",
                       error.message);
}

/* Copies a fixture, its last byte another where `damaged`, and reads it. */
static void read_gguf_fixture(const char *path, bool damaged) {
    size_t n;
    char *bytes;
    cr_assert_eq(file_read(&bytes, &n, path, 1 << 20, &error), ERR_OK, "%s", error.message);
    bytes[n - 1] ^= damaged;
    free(tree_write_bytes(folder, "m.gguf", bytes, n));
    free(bytes);
    cr_assert_eq(read_at(""), ERR_OK, "%s", error.message);
}

Test(config, a_gguf_t5_has_a_tied_head_where_it_is_the_embedding) {
    read_gguf_fixture("tests/fixtures/gguf/t5-tied-head.gguf", false);
    cr_expect(config.tied_embeddings && config.logit_scale > 0);
    cr_expect_str_empty(config.notice);
    read_gguf_fixture("tests/fixtures/gguf/t5-tied-head.gguf", true);
    cr_expect(!config.tied_embeddings && config.logit_scale == 0);
    cr_expect_not_null(strstr(config.notice, "a tied head, if output.weight is one"), "%s",
                       config.notice);
}

static const char student[] = "type: transformer\ndim-emb: 8\ndec-cell: "
                              "ssru\ntransformer-decoder-autoreg: rnn\ntied-embeddings-all: true\n"
                              "enc-depth: 2\ndec-depth: 1\ntransformer-heads: "
                              "2\ntransformer-dim-ffn: 16\ntransformer-ffn-activation: relu\n"
                              "dim-vocabs:\n  - 10\n  - 10\ntransformer-postprocess-top: \"\"\n";

Test(config, marian_student_follows_both_yaml_files) {
    free(tree_write_marian(folder, "model.xy.bin", student, 10, 8));
    cr_expect_eq(read_at(""), ERR_FORMAT);
    cr_expect_not_null(strstr(error.message, "vocab"), "%s", error.message);
    put("vocab.xy.spm", "x");
    cr_assert_eq(read_at(""), ERR_OK, "%s", error.message);
    cr_expect(config.generation.num_beams == 1 && config.generation.max_length_factor == 3);
    put("config.yml", "beam-size: 4\nshortlist: \"a\\0b\"\n");
    cr_expect_eq(read_at(""), ERR_FORMAT);
    cr_expect(strstr(error.message, "config.yml: a NUL character in a text"), "%s", error.message);
    put("config.yml",
        "beam-size: 4\nnormalize: 0.6\nmax-length-factor: 2.0\nshortlist:\n  - a\n  - false\n");
    cr_assert_eq(read_at("model.xy.bin"), ERR_OK, "%s", error.message);
    cr_expect(config.generation.num_beams == 4 && config.generation.max_length_factor == 2 &&
              config.generation.length_penalty == 0.6);
    cr_expect(config.encoder_sizes.n_layers == 2 && config.n_layers == 1 && config.n_heads == 2 &&
              config.n_ffn == 16 && config.activation == ACTIVATION_RELU);
}

Test(config, marian_networks_of_another_kind_are_refused) {
    put("vocab.xy.spm", "x");
    static const struct {
        const char *more, *part;
    } cases[] = {
        {"transformer-preprocess: n\n", "transformer-preprocess"},
        {"transformer-rnn-projection: true\n", "transformer-rnn-projection"},
        {"transformer-ffn-depth: 3\n", "transformer-ffn-depth"},
        {"transformer-tied-layers:\n  - 1\n", "transformer-tied-layers"},
        {"dim-emb2: [\n", "YAML"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *yaml = mem_format("%s%s", student, cases[i].more);
        free(tree_write_marian(folder, "model.bin", yaml, 10, 8));
        cr_expect_neq(read_at(""), ERR_OK, "%s", cases[i].more);
        cr_expect_not_null(strstr(error.message, cases[i].part), "%s", error.message);
        free(yaml);
    }
    free(tree_write_marian(folder, "model.bin", "type: s2s\n", 10, 8));
    cr_expect_eq(read_at(""), ERR_UNSUPPORTED);
    free(tree_write_marian(folder, "model.bin", student, 10, 6));
    cr_expect_eq(read_at(""), ERR_FORMAT);
}
