#include "backend/discovery.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/config.h"
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

/* Of the weights file; of all such files beside an index. */
static int64_t weight_bytes(const struct model_files *f) {
    if (!text_ends_with(f->weights, ".json"))
        return file_bytes(f->weights);
    const char *ending = text_ends_with(f->weights, ".bin.index.json") ? ".bin" : ".safetensors";
    int64_t sum = 0;
    struct file_names names = file_list(f->folder, SIZE_MAX);
    for (size_t i = 0; i < names.n; i++) {
        char *path = file_join(f->folder, names.items[i]);
        sum += text_ends_with(path, ending) ? file_bytes(path) : 0;
        free(path);
    }
    file_names_dispose(&names);
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

static char *describe_kind(const struct model_config *c) {
    if (c->encoder_decoder)
        return mem_format("%s · encoder-decoder · %lld + %lld layers", c->class_name,
                          (long long)c->encoder_sizes.n_layers, (long long)c->n_layers);
    return mem_format("%s · decoder-only · %lld layers", c->class_name, (long long)c->n_layers);
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
    char *kind = NULL;
    if (code)
        goto out;
    if (files.layout == LAYOUT_HUGGING_FACE)
        kind = describe_kind(&config);
    code = weights_open(&w, files.weights, &e);
    if (code)
        goto out;
    if (!kind) {
        code = model_config_read(&config, &files, w, &e);
        kind = code ? NULL : describe_kind(&config);
    }
out:
    m->encoder_decoder = config.encoder_decoder;
    m->kind = kind ? kind : mem_text(layout_name(files.layout));
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

enum err_code model_resolve(char **path, const char *name_or_path, struct err *e) {
    *path = path_of(name_or_path);
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
