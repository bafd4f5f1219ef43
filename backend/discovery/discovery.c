#include "backend/discovery.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/config.h"
#include "backend/discovery/hub.h"
#include "backend/discovery/places.h"
#include "backend/tokenizer.h"
#include "backend/weights.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int64_t file_bytes(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode) ? (int64_t)about.st_size : 0;
}

/* Of all files of the folder whose names begin and end so. */
static int64_t bytes_of_all(const char *folder, const char *begin, size_t n_begin,
                            const char *end) {
    int64_t sum = 0;
    struct file_names names = file_list(folder, SIZE_MAX);
    for (size_t i = 0; i < names.n; i++) {
        char *path = file_join(folder, names.items[i]);
        if (strncmp(names.items[i], begin, n_begin) == 0 && text_ends_with(path, end))
            sum += file_bytes(path);
        free(path);
    }
    file_names_dispose(&names);
    return sum;
}

/* Of the weights file; of all such files beside an index, or the parts of a split GGUF file. */
static int64_t weight_bytes(const struct model_files *f) {
    const char *slash = strrchr(f->weights, '/'), *name = slash ? slash + 1 : f->weights,
               *part = strstr(name, "-00001-of-");
    char *folder = file_folder(f->weights);
    int64_t sum;
    if (text_ends_with(f->weights, ".bin.index.json"))
        sum = bytes_of_all(folder, "", 0, ".bin");
    else if (text_ends_with(f->weights, ".index.json"))
        sum = bytes_of_all(folder, "", 0, ".safetensors");
    else if (part)
        sum = bytes_of_all(folder, name, (size_t)(part - name), part + strlen("-00001"));
    else
        sum = file_bytes(f->weights);
    free(folder);
    return sum;
}

/* A message without the path that it begins with: the list shows that already. Owned by the
 * caller. */
static char *reason(const char *message, const char *path) {
    size_t n = strlen(path);
    if (strncmp(message, path, n) == 0 && message[n] == ':' && message[n + 1] == ' ')
        message += n + 2;
    return mem_text(message);
}

/* "1.54 B", "135 M", "93 k"; owned by the caller. */
static char *count_text(int64_t n) {
    static const char *const units[] = {"", " k", " M", " B", " T"};
    double value = (double)n;
    size_t unit = 0;
    for (; value >= 999.5 && unit < sizeof units / sizeof *units - 1; unit++)
        value /= 1000;
    return mem_format(value < 9.995 && unit ? "%.2f%s" : "%.0f%s", value, units[unit]);
}

/* "LlamaForCausalLM · 135 M · Q4_1 · 8192 positions"; without what is not known. */
static char *describe_kind(const struct model_config *c, const struct weights *w, bool adapted) {
    struct text_buffer b = {0};
    int64_t n;
    text_buffer_format(&b, "%s%s", c->class_name, c->encoder_decoder ? " · encoder-decoder" : "");
    if (w) {
        const enum weight_type type = weights_main_type(w, &n);
        char *count = count_text(n);
        text_buffer_format(&b, " · %s · %s", count, weight_type_name(type));
        free(count);
    }
    if (c->n_positions)
        text_buffer_format(&b, " · %lld positions", (long long)c->n_positions);
    if (adapted)
        text_buffer_puts(&b, " · LoRA");
    return text_buffer_take(&b);
}

/* Without the parts that see pictures. A file that contradicts itself is told when it is opened. */
static void unwrap(struct weights *w, const struct model_config *c) {
    char *left_out = NULL;
    size_t n;
    if (c->wrapped && weights_unwrap(w, &left_out, &n, NULL))
        return;
    free(left_out);
}

static const char *layout_name(enum model_layout layout) {
    static const char *const names[] = {[LAYOUT_HUGGING_FACE] = "Hugging Face",
                                        [LAYOUT_GGUF] = "GGUF",
                                        [LAYOUT_MARIAN_NATIVE] = "Marian"};
    return names[layout];
}

static void describe(struct found_model *m) {
    struct model_files files;
    struct err e = {0};
    if (model_locate(&files, m->path, &e) != ERR_OK) {
        m->kind = mem_text("?");
        m->why_not = reason(e.message, m->path);
        return;
    }
    struct weights *w = NULL;
    struct model_config config = {0};
    m->n_bytes = weight_bytes(&files);
    /* A Hugging Face model's configuration is worth showing even where its weights cannot be
     * read. */
    enum err_code code =
        files.layout == LAYOUT_HUGGING_FACE ? model_config_read(&config, &files, NULL, &e) : ERR_OK;
    if (code)
        goto out;
    code = weights_open(&w, files.weights, &e);
    if (code)
        goto out;
    if (files.layout != LAYOUT_HUGGING_FACE)
        code = model_config_read(&config, &files, w, &e);
    if (code)
        goto out;
    unwrap(w, &config);
out:
    m->encoder_decoder = config.encoder_decoder;
    m->kind = config.family ? describe_kind(&config, w, *files.adapter)
                            : mem_text(layout_name(files.layout));
    if (code) {
        const char *slash = strrchr(files.weights, '/');
        char *once =
            reason(e.message, files.layout == LAYOUT_HUGGING_FACE ? files.config : files.weights);
        m->why_not = reason(once, slash ? slash + 1 : files.weights);
        free(once);
    } else {
        m->why_not = tokenizer_problem(&files, w);
    }
    weights_close(w);
    model_files_dispose(&files);
}

static int by_use(const void *a, const void *b) {
    const struct found_model *x = a, *y = b;
    if (!x->why_not != !y->why_not)
        return x->why_not ? 1 : -1;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->where, y->where);
}

void models_discover(struct found_models *out) {
    struct places places;
    places_collect(&places);
    *out = (struct found_models){.items = mem_alloc(places.n * sizeof *out->items), .n = places.n};
    for (size_t i = 0; i < places.n; i++) {
        struct found_model *m = &out->items[i];
        m->name = mem_text(places.items[i].name);
        m->path = mem_text(places.items[i].path);
        m->where = mem_text(places.items[i].where);
        describe(m);
    }
    places_dispose(&places);
    if (out->n)
        qsort(out->items, out->n, sizeof *out->items, by_use);
}

void found_models_dispose(struct found_models *f) {
    for (size_t i = 0; i < f->n; i++) {
        free(f->items[i].name);
        free(f->items[i].path);
        free(f->items[i].where);
        free(f->items[i].kind);
        free(f->items[i].why_not);
    }
    free(f->items);
    *f = (struct found_models){0};
}

static enum err_code not_found(const char *wanted, const struct places *places, struct err *e) {
    if (places->n == 0)
        return err_set(e, ERR_IO,
                       "%s: no such file, and no models were found on this machine; \"make "
                       "models\" fetches some",
                       wanted);
    const char **names = mem_alloc(places->n * sizeof *names);
    for (size_t i = 0; i < places->n; i++)
        names[i] = places->items[i].name;
    const char *nearest = text_nearest(wanted, names, places->n);
    enum err_code code =
        nearest ? err_set(e, ERR_IO, "%s: no such file or model; did you mean %s?", wanted, nearest)
                : err_set(e, ERR_IO,
                          "%s: no such file or model; \"tinseq list models\" shows those found, "
                          "\"make models\" fetches some",
                          wanted);
    free(names);
    return code;
}

/* Owned by the caller; NULL: there is no such path. */
static char *path_of(const char *given) {
    char *path = strncmp(given, "~/", 2) == 0 ? file_home(given + strlen("~/")) : mem_text(given);
    if (path && file_is_there(path))
        return path;
    free(path);
    return NULL;
}

bool model_is_path(const char *name_or_path) {
    char *path = path_of(name_or_path);
    free(path);
    return path != NULL;
}

/* NAME@REVISION of Hugging Face's cache; NULL: it is no such thing, or not there. */
static char *revision_of(const char *given) {
    const char *at = strrchr(given, '@');
    if (!at || at == given || !at[1])
        return NULL;
    char *name = mem_text_n(given, (size_t)(at - given)), *path = hub_find(name, at + 1);
    free(name);
    return path;
}

enum err_code model_resolve(char **path, const char *name_or_path, struct err *e) {
    *path = path_of(name_or_path);
    if (!*path)
        *path = revision_of(name_or_path);
    if (*path)
        return ERR_OK;
    struct places places;
    enum err_code code = ERR_OK;
    places_collect(&places);
    for (size_t i = 0; i < places.n && !*path; i++) {
        const char *name = places.items[i].name;
        size_t n = strlen(name_or_path);
        /* Ollama's own habit: a model without a tag is its latest. */
        if (strcmp(name, name_or_path) == 0 ||
            (strncmp(name, name_or_path, n) == 0 && strcmp(name + n, ":latest") == 0))
            *path = mem_text(places.items[i].path);
    }
    if (!*path)
        code = not_found(name_or_path, &places, e);
    places_dispose(&places);
    return code;
}
