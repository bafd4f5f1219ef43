#include "backend/discovery/places.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/config.h"
#include "backend/discovery.h"
#include "backend/discovery/hub.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PLACES 2000
#define MAX_ENTRIES 5000 /* of one folder */
#define MAX_MANIFEST (1u << 20)

char *models_folder(void) {
    const char *given = getenv("TINSEQ_MODELS");
    return given && *given ? mem_text(given) : file_xdg("XDG_DATA_HOME", ".local/share", "models");
}

/* Takes name and path. The same name or path from two roots counts once. */
static void add_take(struct places *p, char *name, char *path, const char *where) {
    bool known = p->n >= MAX_PLACES;
    for (size_t i = 0; i < p->n && !known; i++)
        known = strcmp(p->items[i].path, path) == 0 ||
                (p->items[i].where == where && strcmp(p->items[i].name, name) == 0);
    if (known) {
        free(name);
        free(path);
        return;
    }
    if (p->n == p->capacity) {
        p->capacity = p->capacity ? p->capacity * 2 : 32;
        p->items = mem_resize(p->items, p->capacity * sizeof *p->items);
    }
    p->items[p->n++] = (struct place){.name = name, .path = path, .where = where};
}

/* "x" of "x.gguf". Owned by the caller. */
static char *without_extension(const char *name) {
    return mem_text_n(name, strlen(name) - strlen(".gguf"));
}

/* The GGUF files of a folder, named base/file where there are several; their number. */
static size_t add_gguf_files(struct places *p, const char *base, const char *folder,
                             const char *where) {
    struct file_names all = file_list(folder, MAX_ENTRIES);
    size_t n = 0;
    for (size_t i = 0; i < all.n; i++)
        n += model_is_gguf_name(all.items[i]);
    for (size_t i = 0; i < all.n; i++)
        if (model_is_gguf_name(all.items[i]))
            add_take(p, n == 1 ? mem_text(base) : file_join(base, all.items[i]),
                     file_join(folder, all.items[i]), where);
    file_names_dispose(&all);
    return n;
}

static void collect_own(struct places *p) {
    char *root = models_folder();
    struct file_names all = file_list(root, MAX_ENTRIES);
    for (size_t i = 0; i < all.n; i++) {
        char *path = file_join(root, all.items[i]);
        if (file_is_folder(path))
            add_take(p, mem_text(all.items[i]), path, "tinseq");
        else if (model_is_gguf_name(all.items[i]))
            add_take(p, without_extension(all.items[i]), path, "tinseq");
        else
            free(path);
    }
    file_names_dispose(&all);
    free(root);
}

static void collect_hub(struct places *p) {
    static const char where[] = "hugging face";
    char *hub = hub_folder();
    struct file_names all = file_list(hub, MAX_ENTRIES);
    for (size_t i = 0; i < all.n; i++) {
        char *name = hub_name(all.items[i]), *repository = file_join(hub, all.items[i]),
             *snapshot = name ? hub_snapshot(repository, NULL) : NULL;
        char *config = snapshot ? file_join(snapshot, "config.json") : NULL;
        if (snapshot && (file_is_there(config) || add_gguf_files(p, name, snapshot, where) == 0))
            add_take(p, mem_text(name), mem_text(snapshot), where);
        free(name);
        free(repository);
        free(snapshot);
        free(config);
    }
    file_names_dispose(&all);
    free(hub);
}

/* The model layer's blob of an Ollama manifest. NULL: no such layer. Owned by the caller. */
static char *ollama_blob(const char *root, const char *manifest) {
    char *text, *path = NULL;
    size_t n;
    if (file_read(&text, &n, manifest, MAX_MANIFEST, NULL) != ERR_OK)
        return NULL;
    cJSON *json = cJSON_ParseWithLength(text, n);
    const cJSON *layer;
    cJSON_ArrayForEach(layer, cJSON_GetObjectItemCaseSensitive(json, "layers")) {
        const cJSON *kind = cJSON_GetObjectItemCaseSensitive(layer, "mediaType"),
                    *digest = cJSON_GetObjectItemCaseSensitive(layer, "digest");
        if (path || !cJSON_IsString(kind) || !cJSON_IsString(digest) ||
            strcmp(kind->valuestring, "application/vnd.ollama.image.model") != 0)
            continue;
        const char *hex = digest->valuestring + strlen("sha256:");
        if (strncmp(digest->valuestring, "sha256:", 7) == 0 &&
            strspn(hex, "0123456789abcdef") == strlen(hex))
            path = mem_format("%s/blobs/sha256-%s", root, hex);
    }
    cJSON_Delete(json);
    free(text);
    return path;
}

/* What `ollama run` takes: the default registry and its library are left out. */
static char *ollama_name(char *const part[4]) {
    bool own = strcmp(part[0], "registry.ollama.ai") == 0,
         library = own && strcmp(part[1], "library") == 0;
    if (library)
        return mem_format("%s:%s", part[2], part[3]);
    return own ? mem_format("%s/%s:%s", part[1], part[2], part[3])
               : mem_format("%s/%s/%s:%s", part[0], part[1], part[2], part[3]);
}

/* manifests/<registry>/<namespace>/<model>/<tag>: goes down to the tags. */
static void collect_manifests(struct places *p, const char *root, const char *folder, char *part[4],
                              int depth) {
    struct file_names all = file_list(folder, MAX_ENTRIES);
    for (size_t i = 0; i < all.n && p->n < MAX_PLACES; i++) {
        char *path = file_join(folder, all.items[i]);
        bool is_folder = file_is_folder(path);
        part[depth] = all.items[i];
        if (depth < 3 && is_folder) {
            collect_manifests(p, root, path, part, depth + 1);
        } else if (depth == 3 && !is_folder) {
            char *blob = ollama_blob(root, path);
            if (blob)
                add_take(p, ollama_name(part), blob, "ollama");
        }
        free(path);
    }
    file_names_dispose(&all);
}

static void collect_ollama(struct places *p) {
    const char *given = getenv("OLLAMA_MODELS");
    char *roots[] = {mem_text(given && *given ? given : NULL), file_home(".ollama/models"),
                     mem_text("/usr/share/ollama/.ollama/models")};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        char *manifests = roots[i] ? file_join(roots[i], "manifests") : NULL, *part[4];
        if (manifests)
            collect_manifests(p, roots[i], manifests, part, 0);
        free(manifests);
        free(roots[i]);
    }
}

/* publisher/model/file.gguf, or a folder in the Hugging Face layout (its MLX models). */
static void collect_lm_studio(struct places *p) {
    static const char where[] = "lm studio";
    char *roots[] = {file_home(".lmstudio/models"), file_home(".cache/lm-studio/models")};
    for (size_t r = 0; r < sizeof roots / sizeof *roots; r++) {
        struct file_names publishers = file_list(roots[r], MAX_ENTRIES);
        for (size_t i = 0; i < publishers.n; i++) {
            char *folder = file_join(roots[r], publishers.items[i]);
            struct file_names models = file_list(folder, MAX_ENTRIES);
            for (size_t k = 0; k < models.n; k++) {
                char *name = file_join(publishers.items[i], models.items[k]),
                     *path = file_join(folder, models.items[k]);
                if (file_is_folder(path) && add_gguf_files(p, name, path, where) == 0)
                    add_take(p, mem_text(name), mem_text(path), where);
                free(name);
                free(path);
            }
            file_names_dispose(&models);
            free(folder);
        }
        file_names_dispose(&publishers);
        free(roots[r]);
    }
}

void places_collect(struct places *out) {
    *out = (struct places){0};
    collect_own(out);
    collect_hub(out);
    collect_ollama(out);
    collect_lm_studio(out);
}

void places_dispose(struct places *p) {
    for (size_t i = 0; i < p->n; i++) {
        free(p->items[i].name);
        free(p->items[i].path);
    }
    free(p->items);
    *p = (struct places){0};
}
