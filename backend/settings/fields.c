#include "backend/settings/fields.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void field_fail(struct fields *f, enum err_code code, const char *format, ...) {
    if (f->code)
        return;
    char text[ERR_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    f->code = err_set(f->e, code, "%s: %s", f->file, text);
}

static const cJSON *json_item(const struct fields *f, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(f->json, name);
    return cJSON_IsNull(item) ? NULL : item;
}

static const char *gguf_key(const struct fields *f, const char *name, char *buffer, size_t n) {
    snprintf(buffer, n, "%s%s", field_prefix(f), name);
    return buffer;
}

/* Any kind of value under a GGUF key. */
static bool gguf_has(const struct weights *w, const char *key) {
    int64_t i;
    double d;
    bool b;
    const char *text;
    size_t n;
    return weights_meta_int(w, key, &i) || weights_meta_float(w, key, &d) ||
           weights_meta_bool(w, key, &b) || weights_meta_text(w, key, &text, &n) ||
           weights_meta_array_size(w, key, &n);
}

bool field_present(const struct fields *f, const char *name) {
    char key[128];
    return f->gguf ? gguf_has(f->gguf, gguf_key(f, name, key, sizeof key))
                   : json_item(f, name) != NULL;
}

bool field_null(const struct fields *f, const char *name) {
    return f->json && cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(f->json, name));
}

bool field_says_something(const struct fields *f, const char *name) {
    const cJSON *item = f->gguf ? NULL : json_item(f, name);
    if (!item)
        return f->gguf && field_present(f, name);
    if (cJSON_IsString(item))
        return *item->valuestring;
    if (cJSON_IsNumber(item))
        return item->valuedouble != 0;
    return cJSON_IsTrue(item) || item->child;
}

void field_show(const struct fields *f, const char *name, char *out, size_t n_out) {
    char key[128];
    double number;
    bool flag;
    const char *text;
    size_t n;
    char *raw = NULL;
    if (!f->gguf)
        raw = cJSON_PrintUnformatted(json_item(f, name));
    else if (weights_meta_text(f->gguf, gguf_key(f, name, key, sizeof key), &text, &n))
        raw = mem_format("\"%.*s\"", (int)(n < 60 ? n : 60), text);
    else if (weights_meta_float(f->gguf, key, &number))
        raw = mem_format("%.15g", number);
    else if (weights_meta_bool(f->gguf, key, &flag))
        raw = mem_text(flag ? "true" : "false");
    char *shown = text_sanitise(raw ? raw : "?", raw ? strlen(raw) : 1, false);
    text_fit(out, n_out, shown, 60, false);
    free(shown);
    free(raw);
}

/* 1: found, 0: absent, −1: of another kind. */
static int find_number(double *value, const struct fields *f, const char *name) {
    char key[128];
    if (f->gguf) {
        gguf_key(f, name, key, sizeof key);
        if (weights_meta_float(f->gguf, key, value))
            return 1;
        return gguf_has(f->gguf, key) ? -1 : 0;
    }
    const cJSON *item = json_item(f, name);
    if (!item)
        return 0;
    *value = item->valuedouble;
    return cJSON_IsNumber(item) ? 1 : -1;
}

int64_t field_int(struct fields *f, const char *name, int64_t fallback, int64_t min, int64_t max) {
    double value;
    int found = find_number(&value, f, name);
    if (found == 0)
        return fallback;
    if (found < 0 || !(value >= (double)min && value <= (double)max) || value != floor(value)) {
        field_fail(f, ERR_FORMAT, "%s must be a whole number from %lld to %lld", name,
                   (long long)min, (long long)max);
        return fallback;
    }
    return (int64_t)value;
}

double field_real(struct fields *f, const char *name, double fallback, double min, double max) {
    double value;
    int found = find_number(&value, f, name);
    if (found == 0)
        return fallback;
    if (found < 0 || !(value >= min && value <= max)) {
        field_fail(f, ERR_FORMAT, "%s must be a number from %g to %g", name, min, max);
        return fallback;
    }
    return value;
}

bool field_flag(struct fields *f, const char *name, bool fallback) {
    char key[128];
    bool value;
    if (f->gguf) {
        gguf_key(f, name, key, sizeof key);
        if (weights_meta_bool(f->gguf, key, &value))
            return value;
        if (gguf_has(f->gguf, key))
            field_fail(f, ERR_FORMAT, "%s must be true or false", key);
        return fallback;
    }
    const cJSON *item = json_item(f, name);
    if (!item)
        return fallback;
    if (!cJSON_IsBool(item)) {
        field_fail(f, ERR_FORMAT, "%s must be true or false", name);
        return fallback;
    }
    return cJSON_IsTrue(item);
}

void field_text(struct fields *f, const char *name, const char *fallback, char *out, size_t n_out) {
    char key[128];
    const char *text = fallback;
    size_t n = strlen(fallback);
    if (f->gguf) {
        gguf_key(f, name, key, sizeof key);
        if (!weights_meta_text(f->gguf, key, &text, &n) && gguf_has(f->gguf, key))
            field_fail(f, ERR_FORMAT, "%s must be a text", key);
    } else {
        const cJSON *item = json_item(f, name);
        if (item && !cJSON_IsString(item))
            field_fail(f, ERR_FORMAT, "%s must be a text", name);
        else if (item)
            n = strlen(text = item->valuestring);
    }
    if (n >= n_out)
        n = n_out - 1;
    memcpy(out, text, n);
    out[n] = '\0';
}

int32_t field_token(struct fields *f, const char *name, int32_t fallback, int64_t n_vocab) {
    if (f->json && cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(f->json, name)))
        return -1; /* an explicit null means none, even where the class has a default */
    /* Some configurations name an id beyond the vocabulary (a padding token that was never added):
     * it can never occur. */
    int64_t id = field_int(f, name, fallback, INT32_MIN, UINT32_MAX);
    return id >= 0 && id < n_vocab ? (int32_t)id : -1;
}

bool field_tensor(const struct fields *f, const char *name) {
    return f->gguf && weights_find(f->gguf, name);
}

/* Of two matrices that have as many rows and columns. */
static bool rows_equal(const struct weights *w, const struct weight_info *a,
                       const struct weight_info *b) {
    const size_t n = (size_t)a->dims[1] * sizeof(float);
    float *x = mem_alloc(n), *y = mem_alloc(n);
    bool equal = true;
    for (int64_t i = 0; i < a->dims[0] && equal; i++)
        equal = !weights_read_rows_f32(w, a, i, 1, x, NULL) &&
                !weights_read_rows_f32(w, b, i, 1, y, NULL) && memcmp(x, y, n) == 0;
    free(y);
    free(x);
    return equal;
}

bool field_tensors_equal(const struct fields *f, const char *name, const char *other) {
    const struct weight_info *a = f->gguf ? weights_find(f->gguf, name) : NULL,
                             *b = f->gguf ? weights_find(f->gguf, other) : NULL;
    return a && b && a->type == b->type && a->n_dims == 2 && b->n_dims == 2 &&
           a->dims[0] == b->dims[0] && a->dims[1] == b->dims[1] && rows_equal(f->gguf, a, b);
}

/* Names of Transformers' ACT2FN. Several are one function, up to rounding. */
static const struct {
    const char *name;
    enum activation value;
} activations[] = {
    {"gelu", ACTIVATION_GELU},
    {"gelu_10", ACTIVATION_GELU_10},
    {"gelu_accurate", ACTIVATION_GELU_NEW},
    {"gelu_fast", ACTIVATION_GELU_NEW},
    {"gelu_new", ACTIVATION_GELU_NEW},
    {"gelu_python", ACTIVATION_GELU},
    {"gelu_python_tanh", ACTIVATION_GELU_NEW},
    {"gelu_pytorch_tanh", ACTIVATION_GELU_NEW},
    {"laplace", ACTIVATION_LAPLACE},
    {"leaky_relu", ACTIVATION_LEAKY_RELU},
    {"linear", ACTIVATION_LINEAR},
    {"mish", ACTIVATION_MISH},
    {"quick_gelu", ACTIVATION_QUICK_GELU},
    {"relu", ACTIVATION_RELU},
    {"relu2", ACTIVATION_RELU2},
    {"relu6", ACTIVATION_RELU6},
    {"sigmoid", ACTIVATION_SIGMOID},
    {"silu", ACTIVATION_SILU},
    {"swish", ACTIVATION_SILU},
    {"tanh", ACTIVATION_TANH},
};
#define N_NAMES (sizeof activations / sizeof *activations)

static void refuse_activation(struct fields *f, const char *key, const char *name) {
    const bool weights = strcmp(name, "prelu") == 0 || strcmp(name, "xielu") == 0;
    struct text_buffer list = {0};
    for (size_t i = 0; i < N_NAMES; i++)
        text_buffer_format(&list, "%s%s", i ? ", " : "", activations[i].name);
    field_fail(f, ERR_UNSUPPORTED, "%s is %s, %s; these run here: %s", key, name,
               weights ? "which has weights of its own" : "which is not known", list.text);
    text_buffer_dispose(&list);
}

enum activation field_activation_called(struct fields *f, const char *key, const char *name) {
    for (size_t i = 0; i < N_NAMES; i++)
        if (strcmp(name, activations[i].name) == 0)
            return activations[i].value;
    refuse_activation(f, key, name);
    return ACTIVATION_RELU;
}

enum activation field_activation(struct fields *f, const char *name, const char *fallback) {
    char text[64];
    if (name)
        field_text(f, name, fallback, text, sizeof text);
    return field_activation_called(f, name, name ? text : fallback);
}

/* --- notes --- */

#define MOST_NOTES 250 /* bytes, after which no other begins */
#define MOST_NOTE 100  /* columns */

void setting_note(struct setting_notes *notes, const char *setting, const char *file) {
    char text[ERR_MESSAGE_SIZE];
    if (!notes)
        return;
    if (notes->text.n > MOST_NOTES) {
        notes->n_left_out++;
        return;
    }
    const char *slash = strrchr(file, '/');
    char *raw = mem_format("%s (%s)", setting, slash ? slash + 1 : file);
    char *shown = text_sanitise(raw, strlen(raw), false);
    text_fit(text, sizeof text, shown, MOST_NOTE, false);
    text_buffer_format(&notes->text, "%s%s", notes->text.n ? ", " : "", text);
    free(shown);
    free(raw);
}

void setting_notes_take(struct setting_notes *notes, char *out, size_t n_out) {
    char more[32] = "";
    if (notes->n_left_out)
        snprintf(more, sizeof more, " and %d more", notes->n_left_out);
    if (notes->text.n)
        snprintf(out, n_out, "The model's files have settings that are not followed here: %s%s",
                 notes->text.text, more);
    else
        *out = '\0';
    text_buffer_dispose(&notes->text);
}
