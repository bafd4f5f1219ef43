/*
 * The index of a sharded checkpoint: JSON whose "weight_map" says for each tensor which file beside
 * it has it. All of those files are read, whatever it says is where, as Transformers does.
 */
#include "backend/base/json.h"
#include "backend/base/mem.h"
#include "backend/weights/store.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#define MAX_INDEX (100u << 20)
#define MAX_SHARDS 1000u

struct shards {
    char **names;
    size_t n;
};

static enum err_code add_shard(struct shards *s, const char *name, const char *file,
                               struct err *e) {
    for (size_t i = s->n; i > 0; i--)
        if (strcmp(s->names[i - 1], name) == 0)
            return ERR_OK;
    if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return err_set(e, ERR_FORMAT, "%s: a shard must lie beside the index, not in %.200s", file,
                       name);
    if (s->n == MAX_SHARDS)
        return err_set(e, ERR_FORMAT, "%s: more than %u shards", file, MAX_SHARDS);
    s->names = mem_resize(s->names, (s->n + 1) * sizeof *s->names);
    s->names[s->n++] = mem_text(name);
    return ERR_OK;
}

static enum err_code read_map(struct shards *s, const cJSON *map, const char *file, struct err *e) {
    const cJSON *entry;
    enum err_code code = ERR_OK;
    cJSON_ArrayForEach(entry, map) {
        if (cJSON_IsString(entry))
            code = add_shard(s, entry->valuestring, file, e);
        else
            code = err_set(e, ERR_FORMAT, "%s: the entry for %.200s is no file name", file,
                           entry->string);
        if (code)
            break;
    }
    return code;
}

enum err_code index_read(char ***names, size_t *n_names, const unsigned char *data, size_t n,
                         const char *file, struct err *e) {
    struct shards s = {0};
    enum err_code code;
    *names = NULL;
    *n_names = 0;
    if (n > MAX_INDEX)
        return err_set(e, ERR_FORMAT, "%s: an index of %zu bytes", file, n);
    if (json_holds_nul((const char *)data, n))
        return err_set(e, ERR_FORMAT, "%s: a name holds a NUL", file);
    cJSON *index = cJSON_ParseWithLength((const char *)data, n);
    const cJSON *map = cJSON_GetObjectItemCaseSensitive(index, "weight_map");
    if (cJSON_IsObject(map) && map->child)
        code = read_map(&s, map, file, e);
    else
        code = err_set(e, ERR_FORMAT,
                       "%s: JSON, but no index of a sharded checkpoint (\"weight_map\")", file);
    cJSON_Delete(index);
    *names = s.names;
    *n_names = s.n;
    return code;
}
