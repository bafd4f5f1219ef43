/*
 * Makes tiny checkpoints again from seeds, so that the repository need not hold their weights:
 *
 *     seeded_weights FAMILIES OUT
 *
 * For every folder of FAMILIES that has a tensors.txt (lines: name, mean, scale, dimensions), OUT
 * gets one of the same name with the weights in model.safetensors and links to the other files. The
 * numbers are those of tests/fixtures/seeded.py to the bit.
 */
#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SQRT_3 1.7320508075688772
#define MOST_DIMS 4

struct tensor {
    char name[200];
    double mean, scale;
    long long dims[MOST_DIMS];
    int n_dims;
    size_t n;
};

static _Noreturn void die(const char *what, const char *message) {
    fprintf(stderr, "seeded_weights: %s: %s\n", what, message);
    exit(1);
}

static uint64_t name_hash(const char *name) { /* FNV-1a */
    uint64_t h = 0xcbf29ce484222325u;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 0x100000001b3u;
    return h;
}

/* Number i of a tensor: uniform, from 24 bits of splitmix64, which float32 holds exactly. */
static float number(const struct tensor *t, uint64_t hash, size_t i) {
    uint64_t z = hash + (i + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    const double u = ((double)(z >> 40) - 8388607.5) / 8388608.0;
    return (float)(t->mean + t->scale * SQRT_3 * u);
}

static void read_line(struct tensor *t, const char *path, char *line) {
    int end;
    *t = (struct tensor){.n = 1};
    if (sscanf(line, "%199s %lf %lf%n", t->name, &t->mean, &t->scale, &end) != 3)
        die(path, "a line is not name, mean, scale, dimensions");
    for (char *at = line + end; t->n_dims < MOST_DIMS; t->n_dims++) {
        char *next;
        const long long n = strtoll(at, &next, 10);
        if (next == at)
            break;
        if (n <= 0 || t->n > 100000000 / (size_t)n)
            die(path, "a tensor is too large");
        t->dims[t->n_dims] = n;
        t->n *= (size_t)n;
        at = next;
    }
}

static struct tensor *read_tensors(size_t *n, const char *path) {
    struct tensor *all = NULL;
    char line[512];
    FILE *f = fopen(path, "r");
    if (!f)
        die(path, strerror(errno));
    for (*n = 0; fgets(line, sizeof line, f); (*n)++) {
        all = mem_resize(all, (*n + 1) * sizeof *all);
        read_line(&all[*n], path, line);
    }
    fclose(f);
    return all;
}

static void write_header(FILE *f, const struct tensor *all, size_t n) {
    char *text = NULL;
    size_t n_text = 0, offset = 0;
    FILE *header = open_memstream(&text, &n_text);
    fputc('{', header);
    for (size_t i = 0; i < n; i++) {
        fprintf(header, "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[", i ? "," : "", all[i].name);
        for (int k = 0; k < all[i].n_dims; k++)
            fprintf(header, "%s%lld", k ? "," : "", all[i].dims[k]);
        fprintf(header, "],\"data_offsets\":[%zu,%zu]}", offset, offset + all[i].n * 4);
        offset += all[i].n * 4;
    }
    fputc('}', header);
    while (ftell(header) % 8)
        fputc(' ', header);
    fclose(header);
    const uint64_t size = n_text;
    fwrite(&size, sizeof size, 1, f);
    fwrite(text, 1, n_text, f);
    free(text);
}

static void write_weights(const char *path, const struct tensor *all, size_t n) {
    FILE *f = fopen(path, "wb");
    if (!f)
        die(path, strerror(errno));
    write_header(f, all, n);
    for (size_t i = 0; i < n; i++) {
        const uint64_t hash = name_hash(all[i].name);
        for (size_t k = 0; k < all[i].n; k++) {
            const float x = number(&all[i], hash, k);
            fwrite(&x, sizeof x, 1, f);
        }
    }
    if (fclose(f) != 0)
        die(path, strerror(errno));
}

static void link_others(const char *from, const char *to) {
    DIR *d = opendir(from);
    for (struct dirent *entry; d && (entry = readdir(d));) {
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "tensors.txt") == 0)
            continue;
        char *target = file_join(from, entry->d_name), *path = file_join(to, entry->d_name);
        unlink(path);
        if (symlink(target, path) != 0)
            die(path, strerror(errno));
        free(target);
        free(path);
    }
    if (d)
        closedir(d);
}

static void make(const char *from, const char *to) {
    char *list = file_join(from, "tensors.txt"), *weights = file_join(to, "model.safetensors");
    size_t n;
    if (file_exists(list)) {
        struct tensor *all = read_tensors(&n, list);
        if (mkdir(to, 0777) != 0 && errno != EEXIST)
            die(to, strerror(errno));
        link_others(from, to);
        write_weights(weights, all, n);
        free(all);
    }
    free(list);
    free(weights);
}

int main(int argc, char **argv) {
    char *families = argc == 3 ? realpath(argv[1], NULL) : NULL;
    DIR *d = families ? opendir(families) : NULL;
    if (!d)
        die(argc > 1 ? argv[1] : "usage", "give FAMILIES, a folder of folders, and OUT");
    if (mkdir(argv[2], 0777) != 0 && errno != EEXIST)
        die(argv[2], strerror(errno));
    for (struct dirent *entry; (entry = readdir(d));) {
        if (entry->d_name[0] == '.')
            continue;
        char *from = file_join(families, entry->d_name), *to = file_join(argv[2], entry->d_name);
        make(from, to);
        free(from);
        free(to);
    }
    closedir(d);
    free(families);
    return 0;
}
