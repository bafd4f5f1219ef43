/*
 * Writes a Llama GGUF with a byte-level BPE as the Hugging Face folder it was made from, so that
 * tests can load one model both ways and hand it to Transformers: names and row order of
 * Transformers, decoded weights, tokenizer.json with the rules of the GGUF's `pre`. --as: the same
 * model in the layout of another family (family_layout.h).
 *
 *     gguf_to_safetensors IN.gguf OUT_FOLDER [--dtype f32|f16|bf16] [--shards N] [--if-missing]
 *                         [--as FAMILY]
 *
 * The folder appears under its name only when it is complete.
 */
#include "backend/architectures/row_order.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/config.h"
#include "backend/weights.h"
#include "tests/tools/family_layout.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    const char *in, *out, *dtype;
    int n_shards;
    bool if_missing;
    const struct family_layout_name *as;
};

struct source {
    struct model_files files;
    struct weights *w;
    struct model_config config;
};

static _Noreturn void die(const char *what, const char *message) {
    fprintf(stderr, "gguf_to_safetensors: %s: %s\n", what, message);
    exit(1);
}

static void write_text(const char *folder, const char *name, const char *text) {
    struct err e = {0};
    char *path = file_join(folder, name);
    if (file_write(path, text, strlen(text), &e) != ERR_OK)
        die(name, e.message);
    free(path);
}

/* Takes the object. */
static void write_json(const char *folder, const char *name, cJSON *json) {
    char *text = cJSON_Print(json);
    write_text(folder, name, text);
    free(text);
    cJSON_Delete(json);
}

/* A tensor of the new checkpoint: rows of these, one below the other; of none: zeros. */
struct tensor {
    char *name; /* owned */
    const struct weight_info *parts[3];
    int64_t rows, columns; /* columns 0: a vector */
};

struct plan {
    struct tensor *tensors;
    size_t n;
};

static void add_tensor(struct plan *p, const struct source *s, char *name, const char *const *from,
                       const char *like, int64_t layer) {
    struct tensor t = {.name = name};
    for (int i = 0; i < 3 && from[i]; i++) {
        char *part =
            layer < 0 ? mem_text(from[i]) : mem_format("blk.%d.%s.weight", (int)layer, from[i]);
        t.parts[i] = weights_find(s->w, part);
        if (!t.parts[i])
            die(part, "missing");
        t.rows += t.parts[i]->dims[0];
        t.columns = t.parts[i]->n_dims == 2 ? t.parts[i]->dims[1] : 0;
        free(part);
    }
    if (like) {
        char *part = mem_format("blk.%d.%s.weight", (int)layer, like);
        t.rows = weights_find(s->w, part)->dims[0];
        free(part);
    }
    p->tensors = mem_resize(p->tensors, (p->n + 1) * sizeof *p->tensors);
    p->tensors[p->n++] = t;
}

static struct plan make_plan(const struct options *o, const struct source *s) {
    static const struct {
        const char *from[3], *to;
    } whole[] = {{{"token_embd.weight"}, "model.embed_tokens.weight"},
                 {{"output_norm.weight"}, "model.norm.weight"},
                 {{"output.weight"}, "lm_head.weight"}};
    struct plan p = {0};
    size_t n_rows;
    const struct layout_row *rows = family_layout_rows(o->as, &n_rows);
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (weights_find(s->w, whole[i].from[0]))
            add_tensor(&p, s, mem_text(whole[i].to), whole[i].from, NULL, -1);
    for (int64_t layer = 0; layer < s->config.n_layers; layer++)
        for (size_t i = 0; i < n_rows; i++)
            add_tensor(&p, s, mem_format("model.layers.%d.%s", (int)layer, rows[i].transformers),
                       rows[i].from, rows[i].like, layer);
    return p;
}

static void plan_dispose(struct plan *p) {
    for (size_t i = 0; i < p->n; i++)
        free(p->tensors[i].name);
    free(p->tensors);
}

static int64_t n_elements(const struct tensor *t) {
    return t->rows * (t->columns ? t->columns : 1);
}

static size_t element_bytes(const struct options *o) {
    return strcmp(o->dtype, "f32") == 0 ? 4 : 2;
}

static const char *dtype_name(const struct options *o) {
    if (element_bytes(o) == 4)
        return "F32";
    return strcmp(o->dtype, "f16") == 0 ? "F16" : "BF16";
}

static uint16_t to_bf16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >>
                      16); /* to the nearest, ties to even; weights are no NaN */
}

static void write_values(FILE *out, const struct options *o, const float *values, size_t n) {
    if (element_bytes(o) == 4) {
        if (fwrite(values, 4, n, out) != n)
            die(o->out, "write failed");
        return;
    }
    uint16_t block[4096];
    for (size_t at = 0; at < n;) {
        size_t n_block = n - at < 4096 ? n - at : 4096;
        for (size_t i = 0; i < n_block; i++) {
            _Float16 half = (_Float16)values[at + i];
            if (strcmp(o->dtype, "f16") == 0)
                memcpy(&block[i], &half, sizeof half);
            else
                block[i] = to_bf16(values[at + i]);
        }
        if (fwrite(block, 2, n_block, out) != n_block)
            die(o->out, "write failed");
        at += n_block;
    }
}

static void write_part(FILE *out, const struct options *o, const struct source *s,
                       const struct weight_info *info) {
    float *values = mem_alloc((size_t)info->n_elements * sizeof *values);
    struct err e = {0};
    enum err_code code;
    int64_t n_heads = 0, *order = NULL;
    if (strstr(info->name, ".attn_q."))
        n_heads = s->config.n_heads;
    else if (strstr(info->name, ".attn_k."))
        n_heads = s->config.n_kv_heads;
    if (n_heads)
        order = row_order_of_pairs(n_heads, s->config.n_head_width, s->config.n_head_width);
    if (order)
        code = weights_read_ordered_f32(s->w, info, order, info->dims[0], values, &e);
    else
        code = weights_read_f32(s->w, info, values, &e);
    free(order);
    if (code != ERR_OK)
        die(info->name, e.message);
    write_values(out, o, values, (size_t)info->n_elements);
    free(values);
}

static void write_tensor(FILE *out, const struct options *o, const struct source *s,
                         const struct tensor *t) {
    for (int i = 0; i < 3 && t->parts[i]; i++)
        write_part(out, o, s, t->parts[i]);
    if (!t->parts[0]) {
        float *zeros = mem_alloc((size_t)t->rows * sizeof *zeros);
        write_values(out, o, zeros, (size_t)t->rows);
        free(zeros);
    }
}

/* The header of the tensors first, first + step, … of the checkpoint. Owned by the caller. */
static char *header_text(const struct options *o, const struct plan *p, size_t first, size_t step) {
    cJSON *header = cJSON_CreateObject(), *meta = cJSON_AddObjectToObject(header, "__metadata__");
    cJSON_AddStringToObject(meta, "format", "pt");
    size_t at = 0;
    for (size_t i = first; i < p->n; i += step) {
        const struct tensor *t = &p->tensors[i];
        cJSON *entry = cJSON_AddObjectToObject(header, t->name), *shape, *offsets;
        cJSON_AddStringToObject(entry, "dtype", dtype_name(o));
        shape = cJSON_AddArrayToObject(entry, "shape");
        cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)t->rows));
        if (t->columns)
            cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)t->columns));
        offsets = cJSON_AddArrayToObject(entry, "data_offsets");
        cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)at));
        at += (size_t)n_elements(t) * element_bytes(o);
        cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)at));
    }
    char *text = cJSON_PrintUnformatted(header),
         *padded = mem_format("%s%*s", text, (int)((8 - strlen(text) % 8) % 8), "");
    free(text);
    cJSON_Delete(header);
    return padded;
}

static void write_shard(const struct options *o, const struct source *s, const struct plan *p,
                        const char *path, size_t first, size_t step) {
    FILE *out = fopen(path, "wb");
    if (!out)
        die(path, "cannot be written");
    char *header = header_text(o, p, first, step);
    uint64_t n = strlen(header);
    if (fwrite(&n, sizeof n, 1, out) != 1 || fwrite(header, 1, n, out) != n)
        die(path, "write failed");
    for (size_t i = first; i < p->n; i += step)
        write_tensor(out, o, s, &p->tensors[i]);
    if (fclose(out) != 0)
        die(path, "write failed");
    free(header);
}

static void write_shards(const struct options *o, const struct source *s, const struct plan *p,
                         const char *folder) {
    cJSON *index = cJSON_CreateObject(), *map;
    double total = 0;
    map = cJSON_CreateObject();
    for (int k = 0; k < o->n_shards; k++) {
        char *file = mem_format("model-%05d-of-%05d.safetensors", k + 1, o->n_shards),
             *path = file_join(folder, file);
        write_shard(o, s, p, path, (size_t)k, (size_t)o->n_shards);
        for (size_t i = (size_t)k; i < p->n; i += (size_t)o->n_shards) {
            cJSON_AddStringToObject(map, p->tensors[i].name, file);
            total += (double)n_elements(&p->tensors[i]) * (double)element_bytes(o);
        }
        free(file);
        free(path);
    }
    cJSON_AddNumberToObject(cJSON_AddObjectToObject(index, "metadata"), "total_size", total);
    cJSON_AddItemToObject(index, "weight_map", map);
    write_json(folder, "model.safetensors.index.json", index);
}

static void write_weights(const struct options *o, const struct source *s, const char *folder) {
    struct plan p = make_plan(o, s);
    char *path = file_join(folder, "model.safetensors");
    if (o->n_shards == 1)
        write_shard(o, s, &p, path, 0, 1);
    else
        write_shards(o, s, &p, folder);
    free(path);
    plan_dispose(&p);
}

static void add_token(cJSON *json, const char *name, int32_t id) {
    if (id >= 0)
        cJSON_AddNumberToObject(json, name, id);
}

/* GGUF holds single precision; the decimal that was meant is the short one. */
static double short_decimal(double value) {
    char text[32];
    snprintf(text, sizeof text, "%.6g", value);
    double meant = strtod(text, NULL);
    return (float)meant == (float)value ? meant : value;
}

/* What the family's configuration has beside Llama's. */
static void add_keys(cJSON *json, const struct options *o, int64_t n_layers) {
    char ones[400] = "[1";
    for (int64_t i = 1; i < n_layers; i++)
        strncat(ones, ", 1", sizeof ones - strlen(ones) - 2);
    strcat(ones, "]");
    const char *mark = strstr(o->as->keys, "%d");
    char *text =
        mark ? mem_format("%.*s%s%s", (int)(mark - o->as->keys), o->as->keys, ones, mark + 2)
             : mem_text(o->as->keys);
    cJSON *keys = cJSON_Parse(text);
    while (keys->child) {
        cJSON *item = cJSON_DetachItemViaPointer(keys, keys->child);
        cJSON_DeleteItemFromObject(json, item->string);
        cJSON_AddItemToObject(json, item->string, item);
    }
    cJSON_Delete(keys);
    free(text);
}

static void write_config(const struct options *o, const struct source *s, const char *folder) {
    const struct model_config *c = &s->config;
    cJSON *json = cJSON_CreateObject(), *generation = cJSON_CreateObject();
    cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "architectures"),
                         cJSON_CreateString(o->as->class));
    cJSON_AddStringToObject(json, "model_type", o->as->name);
    cJSON_AddNumberToObject(json, "vocab_size", (double)c->n_vocab);
    cJSON_AddNumberToObject(json, "hidden_size", (double)c->n_width);
    cJSON_AddNumberToObject(json, "intermediate_size", (double)c->n_ffn);
    cJSON_AddNumberToObject(json, "num_hidden_layers", (double)c->n_layers);
    cJSON_AddNumberToObject(json, "num_attention_heads", (double)c->n_heads);
    cJSON_AddNumberToObject(json, "num_key_value_heads", (double)c->n_kv_heads);
    cJSON_AddNumberToObject(json, "head_dim", (double)c->n_head_width);
    cJSON_AddNumberToObject(json, "max_position_embeddings", (double)c->n_positions);
    cJSON_AddNumberToObject(json, "rms_norm_eps", short_decimal(c->norm_epsilon));
    cJSON_AddNumberToObject(json, "rope_theta", c->rope_base);
    cJSON_AddStringToObject(json, "hidden_act", "silu");
    cJSON_AddBoolToObject(json, "tie_word_embeddings", c->tied_embeddings);
    const char *half = strcmp(o->dtype, "f16") == 0 ? "float16" : "bfloat16";
    cJSON_AddStringToObject(json, "torch_dtype", element_bytes(o) == 4 ? "float32" : half);
    add_keys(json, o, c->n_layers);
    cJSON *const both[] = {json, generation};
    for (int i = 0; i < 2; i++) {
        add_token(both[i], "bos_token_id", c->bos_token_id);
        add_token(both[i], "eos_token_id", c->eos_token_id);
        add_token(both[i], "pad_token_id", c->pad_token_id);
    }
    write_json(folder, "config.json", json);
    write_json(folder, "generation_config.json", generation);
}

/* One text of an array, NUL-terminated; owned by the caller. */
static char *text_at(const struct source *s, const char *key, size_t i) {
    const char *text;
    size_t n;
    if (!weights_meta_array_text(s->w, key, i, &text, &n))
        die(key, "missing or of another kind");
    return mem_text_n(text, n);
}

static size_t count_of(const struct source *s, const char *key) {
    size_t n;
    if (!weights_meta_array_size(s->w, key, &n))
        die(key, "missing");
    return n;
}

static cJSON *byte_level(bool add_prefix_space) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "type", "ByteLevel");
    cJSON_AddBoolToObject(json, "add_prefix_space", add_prefix_space);
    cJSON_AddTrueToObject(json, "trim_offsets");
    cJSON_AddTrueToObject(json, "use_regex");
    return json;
}

static cJSON *pre_tokenizer(const struct source *s) {
    const char *pre;
    size_t n;
    if (!weights_meta_text(s->w, "tokenizer.ggml.pre", &pre, &n))
        die("tokenizer.ggml.pre", "missing");
    if (n == 5 && memcmp(pre, "gpt-2", 5) == 0)
        return byte_level(false);
    if (n != 6 || memcmp(pre, "smollm", 6) != 0)
        die("tokenizer.ggml.pre", "only smollm and gpt-2 can be converted");
    cJSON *json = cJSON_CreateObject(), *list, *digits = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "type", "Sequence");
    list = cJSON_AddArrayToObject(json, "pretokenizers");
    cJSON_AddStringToObject(digits, "type", "Digits");
    cJSON_AddTrueToObject(digits, "individual_digits");
    cJSON_AddItemToArray(list, digits);
    cJSON_AddItemToArray(list, byte_level(false));
    return json;
}

static cJSON *added_tokens(const struct source *s) {
    enum { CONTROL = 3, USER_DEFINED = 4 }; /* llama.cpp's token types */
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0, n = count_of(s, "tokenizer.ggml.tokens"); i < n; i++) {
        int64_t type = 1;
        (void)weights_meta_array_int(s->w, "tokenizer.ggml.token_type", i, &type);
        if (type != CONTROL && type != USER_DEFINED)
            continue;
        cJSON *token = cJSON_CreateObject();
        char *text = text_at(s, "tokenizer.ggml.tokens", i);
        cJSON_AddNumberToObject(token, "id", (double)i);
        cJSON_AddStringToObject(token, "content", text);
        cJSON_AddFalseToObject(token, "single_word");
        cJSON_AddFalseToObject(token, "lstrip");
        cJSON_AddFalseToObject(token, "rstrip");
        cJSON_AddFalseToObject(token, "normalized");
        cJSON_AddBoolToObject(token, "special", type == CONTROL);
        cJSON_AddItemToArray(list, token);
        free(text);
    }
    return list;
}

static cJSON *bpe_model(const struct source *s) {
    cJSON *model = cJSON_CreateObject(), *vocab, *merges;
    cJSON_AddStringToObject(model, "type", "BPE");
    cJSON_AddNullToObject(model, "dropout");
    cJSON_AddNullToObject(model, "unk_token");
    cJSON_AddStringToObject(model, "continuing_subword_prefix", "");
    cJSON_AddStringToObject(model, "end_of_word_suffix", "");
    cJSON_AddFalseToObject(model, "fuse_unk");
    cJSON_AddFalseToObject(model, "byte_fallback");
    cJSON_AddFalseToObject(model, "ignore_merges");
    vocab = cJSON_AddObjectToObject(model, "vocab");
    for (size_t i = 0, n = count_of(s, "tokenizer.ggml.tokens"); i < n; i++) {
        char *text = text_at(s, "tokenizer.ggml.tokens", i);
        cJSON_AddNumberToObject(vocab, text, (double)i);
        free(text);
    }
    merges = cJSON_AddArrayToObject(model, "merges");
    for (size_t i = 0, n = count_of(s, "tokenizer.ggml.merges"); i < n; i++) {
        char *text = text_at(s, "tokenizer.ggml.merges", i);
        cJSON_AddItemToArray(merges, cJSON_CreateString(text));
        free(text);
    }
    return model;
}

static void write_tokenizer(const struct source *s, const char *folder) {
    cJSON *json = cJSON_CreateObject(), *config = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "version", "1.0");
    cJSON_AddNullToObject(json, "truncation");
    cJSON_AddNullToObject(json, "padding");
    cJSON_AddItemToObject(json, "added_tokens", added_tokens(s));
    cJSON_AddNullToObject(json, "normalizer");
    cJSON_AddItemToObject(json, "pre_tokenizer", pre_tokenizer(s));
    cJSON_AddNullToObject(json, "post_processor");
    cJSON_AddItemToObject(json, "decoder", byte_level(true));
    cJSON_AddItemToObject(json, "model", bpe_model(s));
    write_json(folder, "tokenizer.json", json);

    const struct {
        const char *name;
        int32_t id;
    } roles[] = {{"bos_token", s->config.bos_token_id},
                 {"eos_token", s->config.eos_token_id},
                 {"unk_token", s->config.unk_token_id},
                 {"pad_token", s->config.pad_token_id}};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (roles[i].id < 0)
            continue;
        char *text = text_at(s, "tokenizer.ggml.tokens", (size_t)roles[i].id);
        cJSON_AddStringToObject(config, roles[i].name, text);
        free(text);
    }
    cJSON_AddFalseToObject(config, "add_prefix_space");
    cJSON_AddBoolToObject(config, "add_bos_token", s->config.add_bos_token);
    cJSON_AddFalseToObject(config, "clean_up_tokenization_spaces");
    cJSON_AddNumberToObject(config, "model_max_length", (double)s->config.n_positions);
    cJSON_AddStringToObject(config, "tokenizer_class", "GPT2TokenizerFast");
    write_json(folder, "tokenizer_config.json", config);
}

static struct options parse_options(int argc, char **argv) {
    struct options o = {.dtype = "f32", .n_shards = 1, .as = family_layout_find("llama")};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--if-missing") == 0)
            o.if_missing = true;
        else if (strcmp(argv[i], "--dtype") == 0 && i + 1 < argc)
            o.dtype = argv[++i];
        else if (strcmp(argv[i], "--shards") == 0 && i + 1 < argc)
            o.n_shards = atoi(argv[++i]);
        else if (strcmp(argv[i], "--as") == 0 && i + 1 < argc)
            o.as = family_layout_find(argv[++i]);
        else if (!o.in)
            o.in = argv[i];
        else
            o.out = argv[i];
    }
    bool dtype_known =
        strcmp(o.dtype, "f32") == 0 || strcmp(o.dtype, "f16") == 0 || strcmp(o.dtype, "bf16") == 0;
    if (!o.out || !o.as || !dtype_known || o.n_shards < 1 || o.n_shards > 99)
        die("usage", "gguf_to_safetensors IN.gguf OUT_FOLDER [--dtype f32|f16|bf16] [--shards N] "
                     "[--if-missing] [--as FAMILY]");
    return o;
}

int main(int argc, char **argv) {
    struct options o = parse_options(argc, argv);
    struct source s;
    struct err e = {0};
    if (o.if_missing && file_is_folder(o.out))
        return 0;
    if (model_locate(&s.files, o.in, &e) != ERR_OK ||
        weights_open(&s.w, s.files.weights, &e) != ERR_OK ||
        model_config_read(&s.config, &s.files, s.w, &e) != ERR_OK)
        die(o.in, e.message);
    if (s.config.layout != LAYOUT_GGUF || strcmp(s.config.class_name, "LlamaForCausalLM") != 0)
        die(o.in, "not a Llama GGUF");
    char *partial = mem_format("%s.partial", o.out);
    if (file_make_folders(partial, &e) != ERR_OK)
        die(partial, e.message);
    write_config(&o, &s, partial);
    write_tokenizer(&s, partial);
    write_weights(&o, &s, partial);
    if (rename(partial, o.out) != 0)
        die(o.out, "cannot be named so; is it there already?");
    free(partial);
    weights_close(s.w);
    model_files_dispose(&s.files);
    return 0;
}
