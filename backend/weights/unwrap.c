/*
 * A language model among what sees pictures: its tensors are named as they would be alone, those of
 * the rest are left out. Older and newer files differ in what stands first. Reference: transformers
 * 4.57, _checkpoint_conversion_mapping of each such model.
 */
#include "backend/base/mem.h"
#include "backend/weights/store.h"

#include <stdlib.h>

/* `to` NULL: of another part of the model. */
static const struct {
    const char *from, *to;
} prefixes[] = {
    {"language_model.model.", "model."},
    {"language_model.lm_head.", "lm_head."},
    {"model.language_model.", "model."},
    {"model.text_model.", "model."},
    {"vision_tower.", NULL},
    {"vision_model.", NULL},
    {"visual.", NULL},
    {"multi_modal_projector.", NULL},
    {"image_newline", NULL},
    {"model.vision_tower.", NULL},
    {"model.vision_model.", NULL},
    {"model.visual.", NULL},
    {"model.multi_modal_projector.", NULL},
    {"model.connector.", NULL},
    {"model.image_newline", NULL},
};
#define N_PREFIXES (sizeof prefixes / sizeof *prefixes)

/* Its row, or N_PREFIXES. */
static size_t find_prefix(const char *name) {
    size_t i = 0;
    while (i < N_PREFIXES && strncmp(name, prefixes[i].from, strlen(prefixes[i].from)) != 0)
        i++;
    return i;
}

static void rename_tensor(struct stored_tensor *t, size_t row) {
    char *name = mem_format("%s%s", prefixes[row].to, t->info.name + strlen(prefixes[row].from));
    free((char *)t->info.name);
    t->info.name = name;
}

/* "vision_tower, model.visual" of those that were left out. Owned by the caller. */
static char *list_left_out(const bool seen[N_PREFIXES]) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < N_PREFIXES; i++) {
        const size_t n = strlen(prefixes[i].from);
        const int shown = (int)(n - (prefixes[i].from[n - 1] == '.'));
        if (seen[i])
            text_buffer_format(&b, "%s%.*s", b.n ? ", " : "", shown, prefixes[i].from);
    }
    return text_buffer_take(&b);
}

enum err_code weights_unwrap(struct weights *w, char **left_out, size_t *n_left_out,
                             struct err *e) {
    bool seen[N_PREFIXES] = {false};
    const size_t before = w->n_tensors;
    size_t n = 0;
    for (size_t i = 0; i < before; i++) {
        struct stored_tensor *t = &w->tensors[i];
        const size_t row = find_prefix(t->info.name);
        const bool other = row < N_PREFIXES && !prefixes[row].to;
        if (row < N_PREFIXES && !other)
            rename_tensor(t, row);
        if (other) {
            seen[row] = true;
            store_dispose_tensor(t);
        } else {
            w->tensors[n++] = *t;
        }
    }
    w->n_tensors = n;
    *n_left_out = before - n;
    *left_out = list_left_out(seen);
    return store_index(w, "the checkpoint", e);
}
