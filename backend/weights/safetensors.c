/*
 * safetensors: a u64 with the header's length, the header in JSON (name → dtype, shape, [begin,
 * end) from the header's end), the data.
 */
#include "backend/base/json.h"
#include "backend/base/mem.h"
#include "backend/weights/quantization.h"
#include "backend/weights/store.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#define MAX_HEADER (100u << 20) /* the reference implementation's limit */

/* cJSON keeps numbers as doubles: whole ones are exact up to 2⁵³. */
static bool whole_number(uint64_t *value, const cJSON *item) {
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= 0x1p53) ||
        item->valuedouble != (double)(uint64_t)item->valuedouble)
        return false;
    *value = (uint64_t)item->valuedouble;
    return true;
}

static bool dtype_of(enum weight_type *type, const char *name) {
    static const struct {
        const char *name;
        enum weight_type type;
    } table[] = {{"F64", WEIGHT_F64},   {"F32", WEIGHT_F32},         {"F16", WEIGHT_F16},
                 {"BF16", WEIGHT_BF16}, {"F8_E4M3", WEIGHT_F8_E4M3}, {"F8_E5M2", WEIGHT_F8_E5M2},
                 {"I8", WEIGHT_I8},     {"I16", WEIGHT_I16},         {"I32", WEIGHT_I32},
                 {"I64", WEIGHT_I64},   {"U8", WEIGHT_U8},           {"U16", WEIGHT_U16},
                 {"U32", WEIGHT_U32},   {"U64", WEIGHT_U64},         {"BOOL", WEIGHT_U8}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(name, table[i].name) == 0) {
            *type = table[i].type;
            return true;
        }
    return false;
}

static enum err_code read_shape(struct weight_info *info, const cJSON *shape, const char *file,
                                struct err *e) {
    const cJSON *dim;
    cJSON_ArrayForEach(dim, shape) {
        uint64_t value;
        if (!whole_number(&value, dim))
            return err_set(e, ERR_FORMAT, "%s: damaged: tensor %s has an impossible shape", file,
                           info->name);
        if (info->n_dims == WEIGHT_MAX_DIMS)
            return err_set(e, ERR_UNSUPPORTED, "%s: tensor %s has more than %d dimensions", file,
                           info->name, WEIGHT_MAX_DIMS);
        info->dims[info->n_dims++] = (int64_t)value;
    }
    return ERR_OK;
}

static enum err_code read_tensor(struct weights *w, const cJSON *entry, const unsigned char *data,
                                 size_t n, const char *file, struct err *e) {
    const char *name = entry->string;
    const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(entry, "dtype"),
                *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape"),
                *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    uint64_t begin, end;
    if (!cJSON_IsString(dtype) || !cJSON_IsArray(shape) || !cJSON_IsArray(offsets) ||
        cJSON_GetArraySize(offsets) != 2 || !whole_number(&begin, cJSON_GetArrayItem(offsets, 0)) ||
        !whole_number(&end, cJSON_GetArrayItem(offsets, 1)))
        return err_set(e, ERR_FORMAT, "%s: damaged: the header's entry for tensor %s", file, name);
    if (begin > end || end > n)
        return err_set(e, ERR_FORMAT,
                       "%s: cut short or damaged: tensor %s lies in bytes %llu to %llu of %zu",
                       file, name, (unsigned long long)begin, (unsigned long long)end, n);
    enum weight_type type = WEIGHT_F32;
    if (!dtype_of(&type, dtype->valuestring))
        return err_set(
            e, ERR_UNSUPPORTED,
            "%s: tensor %s is stored as %.40s; F64, F32, F16, BF16, F8_E4M3, F8_E5M2 and "
            "whole numbers are read here",
            file, name, dtype->valuestring);
    struct stored_tensor *t = store_add_tensor(w, name, strlen(name), e);
    if (!t)
        return e->code;
    t->info.type = type;
    enum err_code code = read_shape(&t->info, shape, file, e);
    if (code)
        goto out;
    code = store_size_tensor(w, t, e);
    if (code)
        goto out;
    if (t->n_bytes != end - begin)
        code = err_set(e, ERR_FORMAT, "%s: damaged: tensor %s needs %zu bytes and has %llu", file,
                       name, t->n_bytes, (unsigned long long)(end - begin));
out:
    t->data = data + begin;
    return code;
}

static enum err_code read_metadata(struct weights *w, const cJSON *object, struct err *e) {
    const cJSON *entry;
    cJSON_ArrayForEach(entry, object) {
        if (!cJSON_IsString(entry) || !entry->string || !*entry->string)
            continue;
        struct meta_entry *m = store_add_meta(w, entry->string, strlen(entry->string), e);
        if (!m)
            return e->code;
        m->kind = META_TEXT;
        m->n = strlen(entry->valuestring);
        m->text = m->owned_text = mem_text_n(entry->valuestring, m->n);
    }
    return ERR_OK;
}

enum err_code safetensors_read(struct weights *w, const unsigned char *data, size_t n,
                               struct err *e) {
    const char *file = w->file;
    struct reader r = {.data = data, .n = n};
    uint64_t n_header = reader_u64(&r);
    if (n_header > MAX_HEADER)
        return err_set(e, ERR_FORMAT, "%s: damaged: a header of %llu bytes", file,
                       (unsigned long long)n_header);
    const char *text = (const char *)reader_take(&r, n_header);
    if (!text)
        return err_set(e, ERR_FORMAT, "%s: cut short: a header of %llu bytes in a file of %zu",
                       file, (unsigned long long)n_header, n);
    cJSON *header = cJSON_ParseWithLength(text, (size_t)n_header);
    if (!cJSON_IsObject(header)) {
        cJSON_Delete(header);
        return err_set(e, ERR_FORMAT, "%s: damaged: the header is no JSON object", file);
    }
    if (json_holds_nul(text, (size_t)n_header)) {
        cJSON_Delete(header);
        return err_set(e, ERR_FORMAT, "%s: damaged: a name in the header holds a NUL", file);
    }
    enum err_code code = ERR_OK;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, header) {
        if (strcmp(entry->string, "__metadata__") == 0)
            code = read_metadata(w, entry, e);
        else
            code = read_tensor(w, entry, data + r.at, n - r.at, file, e);
        if (code)
            break;
    }
    cJSON_Delete(header);
    return code;
}
