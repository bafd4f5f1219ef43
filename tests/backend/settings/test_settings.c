/* The three kinds of settings: what is read, what is harmless, what must have its only value; and
 * the notice that names all others. */
#include "backend/settings/settings.h"

#include "backend/base/mem.h"
#include "backend/settings/harmless.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sizes {
    bool tied;
    int64_t width, heads, head_width, longest;
    int beams;
    double rate, other_rate;
    int32_t token;
    enum activation activation;
};
#define AT(member) offsetof(struct sizes, member)

static const struct setting base_rows[] = {
    {READ("width", COUNT, width, 48, 1, 1000)},
    {READ("heads", COUNT, heads, 4, 1, 100)},
    {READ("head_width", COUNT, head_width, 0, 1, 100), .like = AT(width), .over = AT(heads)},
    {READ("longest", COUNT, longest, 100, 1, 1000)},
    {READ("beams", INT, beams, 1, 1, 8)},
    {READ("rate", NUMBER, rate, 0.5, 0, 1)},
    {FACT(NUMBER, other_rate), .like = AT(rate)},
    {KEY("tied", FLAG), .member = AT(tied), .value = true},
    {KEY("token", TOKEN), .member = AT(token), .value = 7},
    {KEY("activation", ACTIVATION), .member = AT(activation), .text = "silu"},
    {KEY("elsewhere", ELSEWHERE)},
    {KEY("only_number", ONLY_NUMBER), .value = 2},
    {KEY("only_flag", ONLY_FLAG), .value = true, .absent = "true"},
    {KEY("only_text", ONLY_TEXT), .text = "dan"},
    {KEY("only_empty", ONLY_EMPTY)},
    {KEY("same_width", ONLY_NUMBER), .like = AT(width)},
    {KEY("soft", ONLY_NUMBER), .value = 1, .notice = true},
};
static const struct settings base = {SETTINGS(base_rows)};

static const struct setting other_rows[] = {
    {READ("heads", COUNT, heads, 2, 1, 100)},
    {KEY("own", ONLY_FLAG), .value = false, .absent = "true"},
};
static const struct settings other = {SETTINGS(other_rows), .base = &base};

static struct sizes sizes;
static struct err error;
static char notice[ERR_MESSAGE_SIZE];

static enum err_code read_with(const struct settings *s, const char *json) {
    const int64_t n_vocab = 10;
    struct setting_notes notes = {0};
    cJSON *object = cJSON_Parse(json);
    cr_assert_not_null(object, "%s", json);
    error = (struct err){0};
    struct fields f = {.file = "/some/where/c.json", .json = object, .notes = &notes, .e = &error};
    sizes = (struct sizes){0};
    settings_read(&sizes, &f, s, &n_vocab);
    settings_check_keys(&f, &s, NULL, 1);
    setting_notes_take(&notes, notice, sizeof notice);
    cJSON_Delete(object);
    return f.code;
}

Test(settings, what_is_absent_has_its_default) {
    cr_assert_eq(read_with(&base, "{}"), ERR_OK, "%s", error.message);
    cr_expect(sizes.width == 48 && sizes.heads == 4 && sizes.head_width == 12 && sizes.beams == 1);
    cr_expect(sizes.longest == 100 && sizes.rate == 0.5 && sizes.other_rate == 0.5);
    cr_expect(sizes.tied && sizes.token == 7 && sizes.activation == ACTIVATION_SILU);
    cr_expect_str_eq(notice, "");
}

Test(settings, what_is_there_is_read) {
    cr_assert_eq(read_with(&base, "{\"width\": 60, \"heads\": 5, \"longest\": 50, "
                                  "\"beams\": 3, \"rate\": 0.25, \"tied\": false, \"token\": 9, "
                                  "\"activation\": \"relu\", \"same_width\": 60}"),
                 ERR_OK, "%s", error.message);
    cr_expect(sizes.width == 60 && sizes.head_width == 12 && sizes.longest == 50);
    cr_expect(sizes.beams == 3 && sizes.rate == 0.25 && sizes.other_rate == 0.25 && !sizes.tied);
    cr_expect(sizes.token == 9 && sizes.activation == ACTIVATION_RELU);
    cr_assert_eq(read_with(&base, "{\"head_width\": 7, \"longest\": null, \"token\": null}"),
                 ERR_OK);
    cr_expect(sizes.head_width == 7 && sizes.longest == 100 && sizes.token == -1);
    cr_assert_eq(read_with(&base, "{\"token\": 10, \"width\": null}"), ERR_OK);
    cr_expect(sizes.token == -1 && sizes.width == 48, "an id beyond the vocabulary cannot occur");
}

Test(settings, a_table_replaces_rows_of_its_base_in_their_place) {
    cr_assert_eq(read_with(&other, "{\"own\": false}"), ERR_OK, "%s", error.message);
    cr_expect(sizes.heads == 2 && sizes.head_width == 24);
    cr_expect_eq(read_with(&other, "{}"), ERR_UNSUPPORTED);
    cr_expect_str_eq(error.message, "/some/where/c.json: own is true; only false runs here");
}

static void expect_error(const char *json, enum err_code code, const char *message) {
    cr_expect_eq(read_with(&base, json), code, "%s", json);
    cr_expect_str_eq(error.message, message);
}

Test(settings, another_value_than_the_only_one_is_named_with_what_runs) {
    expect_error("{\"only_number\": 3}", ERR_UNSUPPORTED,
                 "/some/where/c.json: only_number is 3; only 2 runs here");
    expect_error("{\"only_flag\": false}", ERR_UNSUPPORTED,
                 "/some/where/c.json: only_flag is false; only true runs here");
    expect_error("{\"only_text\": \"n\"}", ERR_UNSUPPORTED,
                 "/some/where/c.json: only_text is \"n\"; only \"dan\" runs here");
    expect_error("{\"only_empty\": {\"0\": [1]}}", ERR_UNSUPPORTED,
                 "/some/where/c.json: only_empty is {\"0\":[1]}; only null runs here");
    expect_error("{\"same_width\": 47}", ERR_UNSUPPORTED,
                 "/some/where/c.json: same_width is 47; only 48 runs here");
    cr_expect_eq(read_with(&base,
                           "{\"only_number\": 2, \"only_flag\": true, \"only_text\": \"dan\", "
                           "\"only_empty\": [], \"same_width\": 48, \"soft\": 1}"),
                 ERR_OK);
    cr_expect_str_eq(notice, "");
}

Test(settings, wrong_kinds_and_ranges_are_errors) {
    expect_error("{\"width\": 0}", ERR_FORMAT,
                 "/some/where/c.json: width must be a whole number from 1 to 1000");
    expect_error("{\"rate\": \"1\"}", ERR_FORMAT,
                 "/some/where/c.json: rate must be a number from 0 to 1");
    expect_error("{\"only_flag\": 1}", ERR_FORMAT,
                 "/some/where/c.json: only_flag must be true or false");
}

Test(settings, what_no_one_knows_is_told_and_what_is_harmless_is_not) {
    cr_assert_eq(read_with(&base, "{\"elsewhere\": 1, \"use_cache\": true, \"summary_type\": 2, "
                                  "\"torch_dtype\": \"float32\", \"logit_scale\": 2, \"soft\": 3}"),
                 ERR_OK);
    cr_expect_str_eq(notice, "The model's files have settings that are not followed here: "
                             "soft = 3 (c.json), logit_scale (c.json)");
    cr_assert_eq(read_with(&base, "{\"\\u001b[31m\": null}"), ERR_OK);
    cr_expect_not_null(strstr(notice, "here: ^[[31m (c.json)"), "%s", notice);
}

Test(settings, a_notice_ends_in_time) {
    struct text_buffer b = {0};
    for (int i = 0; i < 200; i++)
        text_buffer_format(&b, "%s\"a_setting_that_no_one_knows_%d\": 1", i ? ", " : "{", i);
    text_buffer_puts(&b, "}");
    cr_assert_eq(read_with(&base, b.text), ERR_OK);
    cr_expect(strstr(notice, "a_setting_that_no_one_knows_0 (c.json), "));
    const char *more = strstr(notice, " and ");
    int left = 0;
    cr_expect(more && sscanf(more, " and %d more", &left) == 1 && left > 150 && left < 200, "%s",
              notice);
    text_buffer_dispose(&b);
}

Test(settings, a_star_stands_for_any_text) {
    cr_expect(setting_is_harmless("general.name") && setting_is_harmless("summary_use_proj"));
    cr_expect(setting_is_harmless("tokenizer.ggml.eot_token_id"));
    cr_expect(!setting_is_harmless("tokenizer.ggml.eot_token_ids"));
    cr_expect(!setting_is_harmless("summary") && !setting_is_harmless("hidden_size"));
    cr_expect(!setting_is_harmless(""));
}

/* --- models --- */

static char *notice_of(const char *path, struct err *e) {
    struct model_files files = {0};
    struct weights *w = NULL;
    struct model_config *c = mem_alloc(sizeof *c);
    enum err_code code = model_locate(&files, path, e);
    char *text = NULL;
    if (code)
        goto out;
    if (files.layout != LAYOUT_HUGGING_FACE)
        code = weights_open(&w, files.weights, e);
    if (code)
        goto out;
    code = model_config_read(c, &files, w, e);
    text = code ? NULL : mem_text(c->notice);
out:
    weights_close(w);
    model_files_dispose(&files);
    free(c);
    return text;
}

Test(settings, what_transformers_and_marian_write_is_no_noise) {
    static const char *const tiny[] = {"llama", "gpt2", "marian", "marian-relu", "student"};
    for (size_t i = 0; i < sizeof tiny / sizeof *tiny; i++) {
        char *path = mem_format("%s/tiny/%s", getenv("TINSEQ_FIXTURES"), tiny[i]);
        char *text = notice_of(path, &error);
        cr_assert_not_null(text, "%s", error.message);
        cr_expect_str_eq(text, "", "%s", text);
        free(text);
        free(path);
    }
}

/* What is said, or the error, of a folder whose file `name` has this text. */
static char *told(const char *name, const char *text, const char *config) {
    char *folder = tree_new(), *said;
    free(tree_copy_fixture(folder, "model.safetensors", "plain.safetensors"));
    free(tree_write(folder, "config.json", config));
    free(tree_write(folder, name, text));
    error = (struct err){0};
    said = notice_of(folder, &error);
    tree_free(folder);
    return said ? said : mem_text(error.message);
}

static void expect_told(const char *name, const char *text, const char *config, const char *part) {
    char *said = told(name, text, config);
    cr_expect(*part ? strstr(said, part) != NULL : !*said, "\"%s\" lacks \"%s\"", said, part);
    free(said);
}

/* As they lie on the Hub: openai-community/gpt2, Helsinki-NLP/opus-mt-en-de, a Llama with scaled
 * positions as Transformers 5 writes it. */
Test(settings, configurations_of_older_and_newer_versions_are_no_noise) {
    static const char *const configs[] = {
        "{\"activation_function\": \"gelu_new\", \"architectures\": [\"GPT2LMHeadModel\"], "
        "\"attn_pdrop\": 0.1, \"bos_token_id\": 50256, \"embd_pdrop\": 0.1, \"eos_token_id\": "
        "50256, \"initializer_range\": 0.02, \"layer_norm_epsilon\": 1e-05, \"model_type\": "
        "\"gpt2\", \"n_ctx\": 1024, \"n_embd\": 768, \"n_head\": 12, \"n_layer\": 12, "
        "\"n_positions\": 1024, \"resid_pdrop\": 0.1, \"summary_activation\": null, "
        "\"summary_first_dropout\": 0.1, \"summary_proj_to_labels\": true, \"summary_type\": "
        "\"cls_index\", \"summary_use_proj\": true, \"task_specific_params\": "
        "{\"text-generation\": {\"do_sample\": true, \"max_length\": 50}}, \"vocab_size\": 50257}",
        "{\"_name_or_path\": \"x\", \"_num_labels\": 3, \"activation_dropout\": 0.0, "
        "\"activation_function\": \"swish\", \"add_bias_logits\": false, \"add_final_layer_norm\": "
        "false, \"architectures\": [\"MarianMTModel\"], \"attention_dropout\": 0.0, "
        "\"bad_words_ids\": [[58100]], \"bos_token_id\": 0, \"classif_dropout\": 0.0, "
        "\"classifier_dropout\": 0.0, \"d_model\": 512, \"decoder_attention_heads\": 8, "
        "\"decoder_ffn_dim\": 2048, \"decoder_layerdrop\": 0.0, \"decoder_layers\": 6, "
        "\"decoder_start_token_id\": 58100, \"decoder_vocab_size\": 58101, \"dropout\": 0.1, "
        "\"encoder_attention_heads\": 8, \"encoder_ffn_dim\": 2048, \"encoder_layerdrop\": 0.0, "
        "\"encoder_layers\": 6, \"eos_token_id\": 0, \"forced_eos_token_id\": 0, \"id2label\": "
        "{\"0\": \"LABEL_0\"}, \"init_std\": 0.02, \"is_encoder_decoder\": true, \"label2id\": "
        "{\"LABEL_0\": 0}, \"max_length\": 512, \"max_position_embeddings\": 512, \"model_type\": "
        "\"marian\", \"normalize_before\": false, \"normalize_embedding\": false, \"num_beams\": "
        "6, \"num_hidden_layers\": 6, \"pad_token_id\": 58100, \"scale_embedding\": true, "
        "\"share_encoder_decoder_embeddings\": true, \"static_position_embeddings\": true, "
        "\"transformers_version\": \"4.22.0.dev0\", \"use_cache\": true, \"vocab_size\": 58101}",
        "{\"_remove_final_layer_norm\": false, \"activation_dropout\": 0.0, "
        "\"activation_function\": \"relu\", \"architectures\": [\"OPTForCausalLM\"], "
        "\"attention_dropout\": 0.0, \"bos_token_id\": 2, \"do_layer_norm_before\": false, "
        "\"dropout\": 0.1, \"eos_token_id\": 2, \"ffn_dim\": 4096, \"hidden_size\": 1024, "
        "\"init_std\": 0.02, \"layerdrop\": 0.0, \"max_position_embeddings\": 2048, "
        "\"model_type\": \"opt\", \"num_attention_heads\": 16, \"num_hidden_layers\": 24, "
        "\"pad_token_id\": 1, \"prefix\": \"</s>\", \"torch_dtype\": \"float16\", "
        "\"transformers_version\": \"4.20.0.dev0\", \"use_cache\": true, \"vocab_size\": 50272, "
        "\"word_embed_proj_dim\": 512}",
        "{\"architectures\": [\"LlamaForCausalLM\"], \"is_llama_config\": true, "
        "\"rope_interleaved\": false, \"torch_dtype\": \"bfloat16\", \"rope_parameters\": "
        "{\"rope_type\": \"llama3\", \"rope_theta\": 500000.0, \"factor\": 8.0, "
        "\"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0, "
        "\"original_max_position_embeddings\": 8192}}"};
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++)
        expect_told("unused.json", "", configs[i], "");
}

Test(settings, notices_and_errors_name_the_file_the_key_and_the_value) {
    expect_told("generation_config.json", "{\"min_p\": 0.1, \"top_k\": 3, \"new_trick\": 1}",
                "{\"model_type\": \"gpt2\", \"attn_logit_softcapping\": 50}",
                "here: attn_logit_softcapping (config.json), min_p = 0.1 (generation_config.json), "
                "new_trick (generation_config.json)");
    expect_told("unused.json", "",
                "{\"model_type\": \"llama\", \"rope_scaling\": {\"rope_type\": \"linear\", "
                "\"factor\": 2.0, \"attention_factor\": 1.5}}",
                "here: attention_factor (config.json)");
    expect_told("unused.json", "",
                "{\"model_type\": \"llama\", \"rope_scaling\": {\"type\": \"dynamic\"}}",
                "config.json: rope_scaling of type dynamic has no factor above 0");
    expect_told("unused.json", "",
                "{\"model_type\": \"llama\", \"hidden_size\": 8, \"num_attention_heads\": 4, "
                "\"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 2}}",
                "rotates 2 numbers of a head: its base is defined for more than 2");
    expect_told(
        "unused.json", "",
        "{\"model_type\": \"llama\", \"hidden_size\": 16, \"num_attention_heads\": 4, "
        "\"rope_scaling\": {\"type\": \"longrope\", \"factor\": 2, \"short_factor\": [1, 2], "
        "\"long_factor\": [1]}}",
        "long_factor has 1 numbers for 2 pairs");
    /* Transformers does not follow them either. */
    expect_told("unused.json", "", "{\"model_type\": \"mpt\", \"logit_scale\": 2}",
                "here: logit_scale = 2 (config.json)");
    expect_told("unused.json", "",
                "{\"model_type\": \"gemma3_text\", \"attn_logit_softcapping\": 30}",
                "here: attn_logit_softcapping = 30 (config.json)");
    expect_told("unused.json", "", "{\"model_type\": \"gpt2\", \"add_cross_attention\": true}",
                "config.json: add_cross_attention is true; only false runs here");
    expect_told("unused.json", "", "{\"model_type\": \"llama\", \"is_encoder_decoder\": true}",
                "is_encoder_decoder is true; only false runs here");
    expect_told("unused.json", "", "{\"model_type\": \"marian\", \"normalize_before\": true}",
                "normalize_before is true; only false runs here");
}

/* more[2]: the second may be without a name. */
static char *told_by_gguf(const struct gguf_key *more) {
    const struct gguf_key keys[] = {{"general.architecture", "llama", 0},
                                    {"general.file_type", NULL, 3},
                                    {"llama.embedding_length", NULL, 8},
                                    {"llama.feed_forward_length", NULL, 16},
                                    {"llama.block_count", NULL, 2},
                                    {"llama.attention.head_count", NULL, 4},
                                    {"llama.context_length", NULL, 64},
                                    {"tokenizer.ggml.model", "gpt2", 0},
                                    {"tokenizer.ggml.eot_token_id", NULL, 3},
                                    more[0],
                                    more[1]};
    const size_t n_keys = sizeof keys / sizeof *keys - !more[1].key;
    char *folder = tree_new(), *path, *said;
    path = tree_write_gguf(folder, "m.gguf", keys, n_keys, 10, 8);
    error = (struct err){0};
    said = notice_of(path, &error);
    free(path);
    tree_free(folder);
    return said ? said : mem_text(error.message);
}

Test(settings, gguf_has_the_three_kinds_too) {
    static const struct {
        struct gguf_key keys[2];
        const char *part;
    } cases[] = {
        {{{"llama.rope.dimension_count", NULL, 2}}, ""},
        {{{"general.anything", "x", 0}}, ""},
        {{{"llama.logit_scale", NULL, 2}}, "not followed here: llama.logit_scale (m.gguf)"},
        {{{"qwen2.block_count", NULL, 2}}, "not followed here: qwen2.block_count (m.gguf)"},
        {{{"llama.expert_count", NULL, 8}}, "m.gguf: expert_used_count is 0, of 8 experts"},
        {{{"llama.rope.dimension_count", NULL, 1}},
         "m.gguf: llama.rope.dimension_count is 1; only 2 runs here"},
        {{{"llama.rope.scaling.type", "longrope", 0}},
         "m.gguf: RoPE scaling of type longrope does not run here"},
        {{{"llama.rope.scaling.type", "yarn", 0}, {"llama.rope.scaling.attn_factor", NULL, 1}}, ""},
        {{{"llama.rope.scaling.type", "yarn", 0}, {"llama.rope.scaling.attn_factor", NULL, 2}},
         "m.gguf: rope.scaling.attn_factor is 2: llama.cpp and Transformers have different"},
        {{{"llama.rope.scaling.type", "yarn", 0}, {"llama.rope.scaling.yarn_ext_factor", NULL, 0}},
         "m.gguf: rope.scaling.yarn_ext_factor is 0; only 1 runs here"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *said = told_by_gguf(cases[i].keys);
        cr_expect(*cases[i].part ? strstr(said, cases[i].part) != NULL : !*said,
                  "\"%s\" lacks \"%s\"", said, cases[i].part);
        free(said);
    }
}

Test(settings, marian_has_the_three_kinds_too) {
    static const struct {
        const char *model, *decoder, *part;
    } cases[] = {
        {"version: v1.9\nskip: false\n", "mini-batch: 4\n", ""},
        {"transformer-novelty: 3\n", "beam-size: 1\nn-best: true\n",
         "not followed here: transformer-novelty (model.bin), n-best (config.yml)"},
        {"layer-normalization: true\n", "",
         "model.bin: layer-normalization is true; only false runs here"},
        {"", "word-penalty: 0.5\n", "config.yml: word-penalty is 0.5; only 0 runs here"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *folder = tree_new();
        char *yaml = mem_format("dim-emb: 8\ndec-cell: ssru\ntransformer-decoder-autoreg: rnn\n"
                                "tied-embeddings-all: true\ntransformer-heads: 2\n%s",
                                cases[i].model);
        free(tree_write_marian(folder, "model.bin", yaml, 10, 8));
        free(tree_write(folder, "vocab.xy.spm", "x"));
        char *decoder = mem_format("relative-paths: true\n%s", cases[i].decoder);
        free(tree_write(folder, "config.yml", decoder));
        char *said = notice_of(folder, &error);
        said = said ? said : mem_text(error.message);
        cr_expect(*cases[i].part ? strstr(said, cases[i].part) != NULL : !*said,
                  "\"%s\" lacks \"%s\"", said, cases[i].part);
        free(said);
        free(decoder);
        free(yaml);
        tree_free(folder);
    }
}
