#include "tests/backend/damaged.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/weights.h"
#include "tests/backend/tree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool condition, const char *what) {
    if (condition)
        return;
    fprintf(stderr, "a checkpoint could not be damaged: %s\n", what);
    abort();
}

static bool is_weights(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && (strcmp(dot, ".safetensors") == 0 || strcmp(dot, ".bin") == 0);
}

/* The tensor's bytes are found by what they are. */
static void damage(const char *path, const char *tensor, int64_t element, float value) {
    struct err e = {0};
    struct weights *w;
    must(weights_open(&w, path, &e) == ERR_OK, e.message);
    const struct weight_info *info = weights_find(w, tensor);
    must(info && info->type == WEIGHT_F32 && element < info->n_elements, tensor);
    const size_t size = (size_t)info->n_elements * sizeof(float);
    float *numbers = mem_alloc(size);
    must(weights_read_f32(w, info, numbers, &e) == ERR_OK, e.message);
    weights_close(w);
    char *bytes;
    size_t n;
    must(file_read(&bytes, &n, path, 64 << 20, &e) == ERR_OK, e.message);
    char *at = memmem(bytes, n, numbers, size);
    must(at != NULL, "its bytes were not found");
    memcpy(at + element * (int64_t)sizeof value, &value, sizeof value);
    must(file_write(path, bytes, n, &e) == ERR_OK, e.message);
    free(bytes);
    free(numbers);
}

char *damaged_copy(const char *name, const char *tensor, int64_t element, float value) {
    char *folder = tree_new(), *from = mem_format("%s/tiny/%s", getenv("TINSEQ_FIXTURES"), name),
         *weights = NULL;
    DIR *d = opendir(from);
    must(d != NULL, from);
    for (struct dirent *entry; (entry = readdir(d));) {
        struct err e = {0};
        char *bytes, *path = file_join(from, entry->d_name), *copy = NULL;
        size_t n;
        if (entry->d_name[0] != '.') {
            must(file_read(&bytes, &n, path, 64 << 20, &e) == ERR_OK, e.message);
            copy = tree_write_bytes(folder, entry->d_name, bytes, n);
            free(bytes);
        }
        if (copy && is_weights(copy)) {
            weights = copy;
            copy = NULL;
        }
        free(copy);
        free(path);
    }
    closedir(d);
    must(weights != NULL, "it has no weights");
    damage(weights, tensor, element, value);
    free(weights);
    free(from);
    return folder;
}
