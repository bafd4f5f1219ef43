/*
 * Tensors by name: one that is missing is an error that names it, whatever family's it is, and so
 * is one that nothing asks for.
 */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/config.h"
#include "backend/encoder.h"
#include "backend/model.h"
#include "backend/weights.h"
#include "tests/backend/tiny.h"
#include "tests/backend/tree.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A copy of a model's folder, its files links to the originals, one of which is replaced. */
static char *copy_with(const char *folder, const char *name, const char *data, size_t n) {
    char *copy = tree_new(), *here = realpath(folder, NULL);
    DIR *d = opendir(folder);
    for (struct dirent *entry; d && (entry = readdir(d));) {
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, name) == 0)
            continue;
        char *from = file_join(here, entry->d_name), *to = file_join(copy, entry->d_name);
        cr_assert_eq(symlink(from, to), 0);
        free(from);
        free(to);
    }
    closedir(d);
    free(tree_write_bytes(copy, name, data, n));
    free(here);
    return copy;
}

static enum err_code open_code(const char *folder, struct err *e) {
    struct model *m = NULL;
    *e = (struct err){0};
    struct encoder *x = NULL;
    enum err_code code = model_open(&m, folder, NULL, NULL, e);
    if (strstr(e->message, "an encoder: it writes no text"))
        code = encoder_open(&x, folder, 1, NULL, e);
    encoder_free(x);
    model_free(m);
    return code;
}

/* The file of weights in a folder, read whole. Its name is owned by the caller, as the data is. */
struct weights_file {
    char *name, *data;
    size_t n;
};

static struct weights_file read_weights(const char *folder) {
    struct weights_file f = {0};
    struct model_files files;
    struct err e = {0};
    cr_assert_eq(model_locate(&files, folder, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(file_read(&f.data, &f.n, files.weights, 1 << 24, &e), ERR_OK, "%s", e.message);
    f.name = mem_text(strrchr(files.weights, '/') + 1);
    model_files_dispose(&files);
    return f;
}

static void weights_file_dispose(struct weights_file *f) {
    free(f->name);
    free(f->data);
}

/* Where a name stands in a file as a whole: between quotes, or before a zero. */
static char *find_name(const struct weights_file *f, const char *name) {
    char *quoted = mem_format("\"%s\"", name), *at = memmem(f->data, f->n, quoted, strlen(quoted));
    free(quoted);
    if (at)
        return at + 1;
    at = f->data;
    while ((at = memmem(at, f->n - (size_t)(at - f->data), name, strlen(name) + 1)))
        if (at[-1] == '\0')
            return at;
        else
            at++;
    return NULL;
}

/* Zeros where it is missing: then it is the new name that nothing asks for. */
static bool may_be_missing(const char *name) {
    return strcmp(name, "final_logits_bias") == 0;
}

/* A tensor of a later block, whose name is as that of the first. */
static bool is_said_before(const char *name) {
    return (strstr(name, "layers.1.") || strstr(name, "h.1.") || strstr(name, "blocks.1.") ||
            strstr(name, "block.1."));
}

/* How often a text has a name in quotation marks. */
static int times_quoted(const char *text, const char *name) {
    char *quoted = mem_format("\"%s\"", name);
    int n = 0;
    while ((text = strstr(text, quoted))) {
        text += strlen(quoted);
        n++;
    }
    free(quoted);
    return n;
}

/* Every tensor in turn gets another name: it is missing then, and the error says which. */
static void check_each_is_needed(const char *folder) {
    struct weights_file f = read_weights(folder);
    struct weights *w;
    struct err e = {0};
    char *path = file_join(folder, f.name);
    cr_assert_eq(weights_open(&w, path, &e), ERR_OK, "%s", e.message);
    cr_assert_gt(weights_count(w), 10);
    for (size_t i = 0; i < weights_count(w); i++) {
        const char *name = weights_at(w, i)->name;
        char *at = find_name(&f, name), was;
        cr_assert_not_null(at, "%s", name);
        if (is_said_before(name))
            continue;
        char *said = mem_text(name), *last = &at[strlen(name) - 1];
        const bool optional = may_be_missing(name);
        was = *last;
        *last = 'Q';
        if (optional)
            said[strlen(said) - 1] = 'Q';
        char *copy = copy_with(folder, f.name, f.data, f.n);
        cr_expect_eq(open_code(copy, &e), optional ? ERR_UNSUPPORTED : ERR_FORMAT, "%s: %s: %s",
                     folder, name, e.message);
        cr_expect(strstr(e.message, said), "%s: %s: %s", folder, name, e.message);
        cr_expect_leq(times_quoted(e.message, said), 1, "%s: %s", folder, e.message);
        *last = was;
        free(said);
        tree_free(copy);
    }
    weights_close(w);
    free(path);
    weights_file_dispose(&f);
}

Test(names, a_missing_tensor_is_an_error_that_names_it) {
    size_t n;
    char **folders = tiny_folders(&n);
    cr_assert_geq(n, 5);
    for (size_t i = 0; i < n; i++)
        check_each_is_needed(folders[i]);
    free(folders);
    check_each_is_needed("tests/fixtures/encoder/uncased");
}

/* --- safetensors with one more tensor, or with others' names */

/* f with a new header, which is freed. */
static void replace_header(struct weights_file *f, cJSON *header) {
    uint64_t n_old, n_new;
    memcpy(&n_old, f->data, sizeof n_old);
    char *text = cJSON_PrintUnformatted(header);
    n_new = (strlen(text) + 7) / 8 * 8;
    const size_t n_rest = f->n - sizeof n_old - n_old;
    char *data = malloc(sizeof n_new + n_new + n_rest);
    memcpy(data, &n_new, sizeof n_new);
    memset(data + sizeof n_new, ' ', n_new);
    memcpy(data + sizeof n_new, text, strlen(text));
    memcpy(data + sizeof n_new + n_new, f->data + sizeof n_old + n_old, n_rest);
    free(f->data);
    f->data = data;
    f->n = sizeof n_new + n_new + n_rest;
    free(text);
    cJSON_Delete(header);
}

static cJSON *read_header(const struct weights_file *f) {
    uint64_t n;
    memcpy(&n, f->data, sizeof n);
    cJSON *header = cJSON_ParseWithLength(f->data + sizeof n, n);
    cr_assert_not_null(header);
    return header;
}

/* One number more, under this name. */
static void add_tensor(struct weights_file *f, const char *name) {
    cJSON *header = read_header(f), *item;
    double end = 0;
    cJSON_ArrayForEach(item, header) {
        const cJSON *last = cJSON_GetArrayItem(cJSON_GetObjectItem(item, "data_offsets"), 1);
        end = last && last->valuedouble > end ? last->valuedouble : end;
    }
    cJSON *added = cJSON_AddObjectToObject(header, name);
    cJSON_AddStringToObject(added, "dtype", "F32");
    cJSON_AddItemToObject(added, "shape", cJSON_CreateIntArray((int[]){1}, 1));
    cJSON_AddItemToObject(added, "data_offsets",
                          cJSON_CreateDoubleArray((double[]){end, end + 4}, 2));
    f->data = realloc(f->data, f->n + 4);
    memset(f->data + f->n, 0, 4);
    f->n += 4;
    replace_header(f, header);
}

/* Names that begin with `from` begin with `to`. */
static void rename_tensors(struct weights_file *f, const char *from, const char *to) {
    cJSON *header = read_header(f), *item;
    cJSON_ArrayForEach(item, header) {
        if (strncmp(item->string, from, strlen(from)) != 0)
            continue;
        char *name = mem_format("%s%s", to, item->string + strlen(from));
        free(item->string);
        item->string = name;
    }
    replace_header(f, header);
}

/* The model opens, or (names not NULL) is refused with a message that has it. */
static void check_opens(const char *folder, const struct weights_file *f, const char *what,
                        const char *names) {
    struct err e;
    char *copy = copy_with(folder, f->name, f->data, f->n);
    const enum err_code code = open_code(copy, &e);
    if (names)
        cr_expect(code == ERR_UNSUPPORTED && strstr(e.message, names), "%s, %s: %s", folder, what,
                  e.message);
    else
        cr_expect_eq(code, ERR_OK, "%s, %s: %s", folder, what, e.message);
    tree_free(copy);
}

Test(names, a_tensor_that_nothing_asks_for_is_an_error_unless_the_family_ignores_it) {
    static const struct {
        const char *folder, *added;
        bool ignored;
    } cases[] = {
        {"llama", "model.layers.1.self_attn.q_proj.bias", false}, /* attention_bias is false */
        {"llama", "model.layers.3.mlp.up_proj.weight", false},    /* there are three */
        {"llama", "model.layers.1.self_attn.q_norm.weight", false},
        {"llama", "model.layers.1.self_attn.rotary_emb.inv_freq", true},
        {"gpt2", "transformer.h.0.attn.rel.bias", false},
        {"gpt2", "transformer.h.0.attn.bias", true},
        {"gpt2", "transformer.h.0.attn.masked_bias", true},
        {"gpt2", "lm_head.weight", true}, /* tied: the embedding counts */
        {"marian", "model.encoder.layers.0.encoder_attn.q_proj.weight", false},
        {"marian", "model.encoder.layernorm_embedding.weight", false},
        {"marian", "model.decoder.embed_positions.weight", true},
        {"../encoder/uncased", "encoder.layer.2.crossattention.self.query.weight", false},
        {"../encoder/uncased", "encoder.layer.3.output.dense.bias", false}, /* there are three */
        {"../encoder/uncased", "embeddings.position_ids", true},
        {"../encoder/uncased", "pooler.dense.bias", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *folder = file_join("tests/fixtures/tiny", cases[i].folder);
        struct weights_file f = read_weights(folder);
        add_tensor(&f, cases[i].added);
        check_opens(folder, &f, cases[i].added, cases[i].ignored ? NULL : cases[i].added);
        weights_file_dispose(&f);
        free(folder);
    }
}

Test(names, names_may_lack_what_a_base_model_leaves_out) {
    static const char folder[] = "tests/fixtures/tiny/gpt2";
    struct weights_file f = read_weights(folder);
    rename_tensors(&f, "transformer.", "");
    check_opens(folder, &f, "no prefix", NULL);
    add_tensor(&f, "h.0.attn.bias");
    check_opens(folder, &f, "what is ignored has none either", NULL);
    add_tensor(&f, "h.0.attn.other");
    check_opens(folder, &f, "nor what is not", "\"h.0.attn.other\"");
    weights_file_dispose(&f);
}

Test(names, a_bias_of_logits_may_be_missing) {
    static const char folder[] = "tests/fixtures/tiny/marian", name[] = "final_logits_bias";
    struct weights_file f = read_weights(folder);
    rename_tensors(&f, name, "final_logits_other");
    check_opens(folder, &f, "another name", "\"final_logits_other\"");
    weights_file_dispose(&f);
    f = read_weights(folder);
    rename_tensors(&f, name, "model.encoder.version"); /* which is ignored */
    check_opens(folder, &f, "none", NULL);
    weights_file_dispose(&f);
}

Test(names, a_shared_table_may_have_any_of_its_names) {
    static const char folder[] = "tests/fixtures/tiny/marian", *const others[] = {
                                                                   "model.encoder.embed_tokens.",
                                                                   "model.decoder.embed_tokens."};
    for (size_t i = 0; i < 2; i++) {
        struct weights_file f = read_weights(folder);
        rename_tensors(&f, "model.shared.", others[i]);
        check_opens(folder, &f, others[i], NULL);
        weights_file_dispose(&f);
    }
}

/* With one of two tables gone, under a name that is ignored, the other does not stand in. */
Test(names, tables_of_their_own_are_both_needed) {
    static const char *const tables[] = {"model.encoder.embed_tokens.weight",
                                         "model.decoder.embed_tokens.weight"};
    char *folder = tiny_folder("marian-two-tables");
    for (size_t i = 0; i < 2; i++) {
        struct err e;
        struct weights_file f = read_weights(folder);
        rename_tensors(&f, tables[i], "model.encoder.version");
        char *copy = copy_with(folder, f.name, f.data, f.n);
        cr_expect_eq(open_code(copy, &e), ERR_FORMAT, "%s", tables[i]);
        cr_expect(strstr(e.message, tables[i]), "%s: %s", tables[i], e.message);
        tree_free(copy);
        weights_file_dispose(&f);
    }
    free(folder);
}

/* --- what the configuration says is there */

static void check_config(const char *folder, const char *key, bool value, const char *missing) {
    char *path = file_join(folder, "config.json"), *text;
    size_t n;
    struct err e = {0};
    cr_assert_eq(file_read(&text, &n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    cJSON *config = cJSON_Parse(text);
    cJSON_DeleteItemFromObject(config, key);
    cJSON_AddBoolToObject(config, key, value);
    free(text);
    text = cJSON_PrintUnformatted(config);
    char *copy = copy_with(folder, "config.json", text, strlen(text));
    cr_expect_eq(open_code(copy, &e), ERR_FORMAT);
    cr_expect(strstr(e.message, missing), "%s", e.message);
    tree_free(copy);
    free(text);
    free(path);
    cJSON_Delete(config);
}

Test(names, biases_and_a_head_that_the_configuration_speaks_of_must_be_there) {
    check_config("tests/fixtures/tiny/llama", "attention_bias", true,
                 "\"model.layers.0.self_attn.q_proj.bias\"");
    check_config("tests/fixtures/tiny/llama", "mlp_bias", true,
                 "\"model.layers.0.mlp.gate_proj.bias\"");
    check_config("tests/fixtures/tiny/gpt2", "tie_word_embeddings", false, "\"lm_head.weight\"");
    check_config("tests/fixtures/tiny/marian", "tie_word_embeddings", false, "\"lm_head.weight\"");
}
