#include "backend/tokenizers/tokenizer_class.h"

#include "backend/tokenizers/words.h"

#include <stddef.h>
#include <string.h>

/* --- parts of tokenizer.json --- */

static cJSON *part(const char *type) {
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "type", type);
    return o;
}

static cJSON *sequence(const char *key, cJSON *const *items, int n) {
    cJSON *o = part("Sequence"), *list = cJSON_AddArrayToObject(o, key);
    for (int i = 0; i < n; i++)
        cJSON_AddItemToArray(list, items[i]);
    return o;
}

static cJSON *replace(const char *kind, const char *pattern, const char *content) {
    cJSON *o = part("Replace");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(o, "pattern"), kind, pattern);
    cJSON_AddStringToObject(o, "content", content);
    return o;
}

static cJSON *strip(const char *content, int start) {
    cJSON *o = part("Strip");
    cJSON_AddStringToObject(o, "content", content);
    cJSON_AddNumberToObject(o, "start", start);
    cJSON_AddNumberToObject(o, "stop", 0);
    return o;
}

static cJSON *metaspace(const char *scheme, bool split) {
    cJSON *o = part("Metaspace");
    cJSON_AddStringToObject(o, "replacement", SPACE_PIECE);
    cJSON_AddStringToObject(o, "prepend_scheme", scheme);
    cJSON_AddBoolToObject(o, "split", split);
    return o;
}

static bool prefix_space(struct token_settings *s) {
    return token_settings_flag(s, "add_prefix_space", true);
}

static bool is_legacy(struct token_settings *s) {
    const cJSON *v = tokenizer_json_get(s->config, "legacy");
    return cJSON_IsNull(v) || token_settings_flag(s, "legacy", true);
}

static const char *scheme(struct token_settings *s, bool legacy) {
    if (!prefix_space(s))
        return "never";
    return legacy ? "always" : "first";
}

/* --- sentencepiece as it normalises itself: spaces run together, one in front --- */

static cJSON *usual_normalizer(struct token_settings *s) {
    cJSON *right = part("Strip");
    (void)s;
    cJSON_AddBoolToObject(right, "strip_left", false);
    cJSON_AddBoolToObject(right, "strip_right", true);
    return sequence("normalizers", (cJSON *[]){right, replace("Regex", " {2,}", SPACE_PIECE)}, 2);
}

static cJSON *usual_spaces(struct token_settings *s) {
    (void)s;
    return metaspace("always", true);
}

static cJSON *t5_spaces(struct token_settings *s) {
    return metaspace(scheme(s, is_legacy(s)), true);
}

static cJSON *pegasus_spaces(struct token_settings *s) {
    return sequence("pretokenizers", (cJSON *[]){part("WhitespaceSplit"), usual_spaces(s)}, 2);
}

/* --- spaces as they stand: Llama, Gemma --- */

static cJSON *marked_spaces(bool prefix) {
    cJSON *items[2];
    int n = 0;
    if (prefix) {
        items[n] = part("Prepend");
        cJSON_AddStringToObject(items[n++], "prepend", SPACE_PIECE);
    }
    items[n++] = replace("String", " ", SPACE_PIECE);
    return sequence("normalizers", items, n);
}

static cJSON *llama_normalizer(struct token_settings *s) {
    return is_legacy(s) ? marked_spaces(prefix_space(s)) : NULL;
}

static cJSON *code_llama_normalizer(struct token_settings *s) {
    (void)s;
    return marked_spaces(true);
}

static cJSON *llama_spaces(struct token_settings *s) {
    return is_legacy(s) ? NULL : metaspace(scheme(s, false), false);
}

static cJSON *bytes_decoder(bool strips) {
    cJSON *items[] = {replace("String", SPACE_PIECE, " "), part("ByteFallback"), part("Fuse"),
                      strips ? strip(" ", 1) : NULL};
    return sequence("decoders", items, strips ? 4 : 3);
}

static cJSON *llama_decoder(struct token_settings *s) {
    return bytes_decoder(prefix_space(s));
}

static cJSON *code_llama_decoder(struct token_settings *s) {
    (void)s;
    return bytes_decoder(true);
}

static cJSON *gemma_normalizer(struct token_settings *s) {
    (void)s;
    return replace("String", " ", SPACE_PIECE);
}

static cJSON *gemma_spaces(struct token_settings *s) {
    cJSON *o = part("Split");
    (void)s;
    cJSON_AddStringToObject(cJSON_AddObjectToObject(o, "pattern"), "String", " ");
    cJSON_AddStringToObject(o, "behavior", "MergedWithPrevious");
    cJSON_AddBoolToObject(o, "invert", false);
    return o;
}

static cJSON *gemma_decoder(struct token_settings *s) {
    (void)s;
    return bytes_decoder(false);
}

/* --- bytes as characters: GPT-2 and its like --- */

static cJSON *byte_level(bool prefix, bool splits) {
    cJSON *o = part("ByteLevel");
    cJSON_AddBoolToObject(o, "add_prefix_space", prefix);
    cJSON_AddBoolToObject(o, "trim_offsets", true);
    cJSON_AddBoolToObject(o, "use_regex", splits);
    return o;
}

static cJSON *gpt2_words(struct token_settings *s) {
    return byte_level(token_settings_flag(s, "add_prefix_space", false), true);
}

static cJSON *gpt2_decoder(struct token_settings *s) {
    (void)s;
    return byte_level(true, true);
}

static cJSON *qwen2_normalizer(struct token_settings *s) {
    (void)s;
    return part("NFC");
}

#define QWEN2_WORDS                                                                                \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r"  \
    "\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

static cJSON *qwen2_words(struct token_settings *s) {
    cJSON *split = part("Split");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(split, "pattern"), "Regex", QWEN2_WORDS);
    cJSON_AddStringToObject(split, "behavior", "Isolated");
    cJSON_AddBoolToObject(split, "invert", false);
    const bool prefix = token_settings_flag(s, "add_prefix_space", false);
    return sequence("pretokenizers", (cJSON *[]){split, byte_level(prefix, false)}, 2);
}

/* --- words in lower case with an end: OpenAI GPT --- */

static cJSON *gpt_normalizer(struct token_settings *s) {
    cJSON *o = part("BertNormalizer");
    (void)s;
    cJSON_AddBoolToObject(o, "clean_text", true);
    cJSON_AddBoolToObject(o, "handle_chinese_chars", true);
    cJSON_AddNullToObject(o, "strip_accents");
    cJSON_AddBoolToObject(o, "lowercase", true);
    return o;
}

static cJSON *gpt_words(struct token_settings *s) {
    (void)s;
    return part("BertPreTokenizer");
}

static cJSON *gpt_decoder(struct token_settings *s) {
    cJSON *o = part("BPEDecoder");
    (void)s;
    cJSON_AddStringToObject(o, "suffix", "</w>");
    return o;
}

#define FAIRSEQ .head = "<s> <pad> </s> <unk>", .skip = 3, .unk_id = 3
#define USUAL                                                                                      \
    .normalizer = usual_normalizer, .pre_tokenizer = usual_spaces, .decoder = usual_spaces,        \
    .character_map = true
#define GPT2_LIKE .source = FROM_MERGES, .pre_tokenizer = gpt2_words, .decoder = gpt2_decoder

static const struct tokenizer_class classes[] = {
    {.names = "CodeLlamaTokenizer",
     .unk_id = 0,
     .byte_fallback = true,
     .more = SPACE_PIECE "<PRE> " SPACE_PIECE "<MID> " SPACE_PIECE "<SUF> " SPACE_PIECE "<EOT>",
     .frame = "bos+ $ eos-",
     .normalizer = code_llama_normalizer,
     .decoder = code_llama_decoder},
    {.names = "LlamaTokenizer",
     .unk_id = 0,
     .byte_fallback = true,
     .frame = "bos+ $ eos-",
     .normalizer = llama_normalizer,
     .pre_tokenizer = llama_spaces,
     .decoder = llama_decoder},
    {.names = "GemmaTokenizer",
     .head = "@pad @eos @bos",
     .skip = 3,
     .unk_id = 3,
     .byte_fallback = true,
     .names_tab = true,
     .frame = "bos+ $ eos-",
     .normalizer = gemma_normalizer,
     .pre_tokenizer = gemma_spaces,
     .decoder = gemma_decoder},
    {.names = "T5Tokenizer MT5Tokenizer",
     .unk_id = -1,
     .tail = "@extra_ids",
     .more = "@extra_ids",
     .frame = "$ </s>",
     .character_map = true,
     .normalizer = usual_normalizer,
     .pre_tokenizer = t5_spaces,
     .decoder = t5_spaces},
    {.names = "XLMRobertaTokenizer",
     .adds_mask = true,
     FAIRSEQ,
     .tail = "<mask>",
     .frame = "<s> $ </s>",
     USUAL},
    {.names = "MBartTokenizer",
     .adds_mask = true,
     FAIRSEQ,
     .tail = "@more <mask>",
     .more = languages_mbart,
     .frame = "$ eos src",
     .source_language = "en_XX",
     USUAL},
    {.names = "MBart50Tokenizer",
     .adds_mask = true,
     .mask_normalized = true,
     FAIRSEQ,
     .tail = "@more <mask>",
     .more = languages_mbart50,
     .frame = "src $ eos",
     .source_language = "en_XX",
     USUAL},
    {.names = "NllbTokenizer",
     .adds_mask = true,
     .mask_normalized = true,
     FAIRSEQ,
     .more = languages_nllb,
     .frame = "src $ eos",
     .source_language = "eng_Latn",
     USUAL},
    {.names = "M2M100Tokenizer",
     .source = FROM_BOTH,
     .frame = "src $ eos",
     .source_language = "en",
     .language_token = "__%s__"},
    {.names = "XGLMTokenizer",
     FAIRSEQ,
     .tail = "<madeupword0> <madeupword1> <madeupword2> <madeupword3> <madeupword4> "
             "<madeupword5> <madeupword6>",
     .more = "<madeupword0> <madeupword1> <madeupword2> <madeupword3> <madeupword4> "
             "<madeupword5> <madeupword6>",
     .frame = "</s> $",
     USUAL},
    {.names = "PegasusTokenizer",
     .head = "@pad @eos @mask_sent @mask @unks",
     .skip = 2,
     .unk_id = -1,
     .more = "@mask_sent @unks",
     .frame = "$ eos",
     .character_map = true,
     .normalizer = usual_normalizer,
     .pre_tokenizer = pegasus_spaces,
     .decoder = usual_spaces},
    {.names = "GPT2Tokenizer", .specials_normalized = true, GPT2_LIKE, .frame = "bos- $"},
    {.names = "CodeGenTokenizer", GPT2_LIKE, .frame = "bos- $"},
    {.names = "RobertaTokenizer",
     .specials_normalized = true,
     .adds_mask = true,
     GPT2_LIKE,
     .frame = "cls $ sep"},
    {.names = "BartTokenizer LEDTokenizer MvpTokenizer",
     .specials_normalized = true,
     .mask_normalized = true,
     .adds_mask = true,
     GPT2_LIKE,
     .frame = "cls $ sep"},
    {.names = "BlenderbotTokenizer",
     .specials_normalized = true,
     .adds_mask = true,
     GPT2_LIKE,
     .frame = "$ eos"},
    {.names = "Qwen2Tokenizer",
     .source = FROM_MERGES,
     .skips_blank_lines = true,
     .normalizer = qwen2_normalizer,
     .pre_tokenizer = qwen2_words,
     .decoder = gpt2_decoder,
     .frame = "$"},
    {.names = "OpenAIGPTTokenizer",
     .source = FROM_MERGES,
     .normalizer = gpt_normalizer,
     .pre_tokenizer = gpt_words,
     .decoder = gpt_decoder,
     .word_end = "</w>",
     .frame = "$"},
    {.names = "BioGptTokenizer", .source = FROM_WORDS, .frame = "sep $"},
    {.names = "FSMTTokenizer", .source = FROM_WORDS, .two_vocabularies = true, .frame = "$ sep"},
    {.names = "BlenderbotSmallTokenizer", .source = FROM_LOWER_WORDS, .frame = "$"},
};

const struct tokenizer_class *tokenizer_class_find(const char *name) {
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (*name && words_hold(classes[i].names, name))
            return &classes[i];
    return NULL;
}

const char *tokenizer_class_of_model(const char *model_type) {
    static const struct {
        const char *models, *class;
    } rows[] = {
        {"llama mistral mixtral ministral arcee phi3 persimmon", "LlamaTokenizer"},
        {"gemma gemma2 gemma3 gemma3_text", "GemmaTokenizer"},
        {"t5 mt5 umt5 longt5 switch_transformers", "T5Tokenizer"},
        {"xlm-roberta", "XLMRobertaTokenizer"},
        {"mbart", "MBartTokenizer"},
        {"nllb-moe", "NllbTokenizer"},
        {"m2m_100", "M2M100Tokenizer"},
        {"xglm", "XGLMTokenizer"},
        {"pegasus pegasus_x bigbird_pegasus", "PegasusTokenizer"},
        {"gpt2 gpt_bigcode gpt_neo gptj opt starcoder2 granite", "GPT2Tokenizer"},
        {"codegen phi", "CodeGenTokenizer"},
        {"roberta", "RobertaTokenizer"},
        {"bart", "BartTokenizer"},
        {"led", "LEDTokenizer"},
        {"mvp", "MvpTokenizer"},
        {"blenderbot", "BlenderbotTokenizer"},
        {"qwen2 qwen3 qwen2_moe qwen3_moe", "Qwen2Tokenizer"},
        {"openai-gpt", "OpenAIGPTTokenizer"},
        {"biogpt", "BioGptTokenizer"},
        {"fsmt", "FSMTTokenizer"},
        {"blenderbot-small", "BlenderbotSmallTokenizer"},
        {"byt5", "ByT5Tokenizer"},
        /* Refused by name. */
        {"ctrl", "CTRLTokenizer"},
        {"plbart", "PLBartTokenizer"},
        {"prophetnet", "ProphetNetTokenizer"},
        {"bert-generation", "BertGenerationTokenizer"},
        {"albert", "AlbertTokenizer"},
        {"xlnet", "XLNetTokenizer"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (*model_type && words_hold(rows[i].models, model_type))
            return rows[i].class;
    return NULL;
}

const char *tokenizer_class_named(const struct token_settings *s) {
    const char *of_model = tokenizer_class_of_model(s->model_type);
    if (*s->class_name)
        return s->class_name;
    return of_model ? of_model : "";
}
