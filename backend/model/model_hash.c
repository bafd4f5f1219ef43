/* Which checkpoint it is, without reading all of it: a hash (FNV-1a, 64 bits: it tells files apart,
 * and protects from nobody) of the configuration, and of each file of weights its size, 256 blocks
 * of 4 KB spread evenly over it, and its end: all of a file of up to 1 MB. */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/model/model.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 4096
#define BLOCKS 256

static void mix(uint64_t *hash, const void *bytes, size_t n) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < n; i++)
        *hash = (*hash ^ at[i]) * 1099511628211u;
}

static void mix_block(uint64_t *hash, int fd, int64_t at) {
    unsigned char block[BLOCK];
    const ssize_t n = pread(fd, block, BLOCK, (off_t)at);
    mix(hash, block, n > 0 ? (size_t)n : 0);
}

/* A file that is not there changes nothing. */
static void mix_file(uint64_t *hash, const char *path) {
    struct stat about;
    struct err ignored;
    int fd;
    if (!*path || file_open(&fd, path, &ignored) != ERR_OK)
        return;
    if (fstat(fd, &about) == 0) {
        const int64_t size = about.st_size, step = size / BLOCKS;
        mix(hash, &size, sizeof size);
        for (int64_t at = 0; at<size; at += step> BLOCK ? step : BLOCK)
            mix_block(hash, fd, at);
        mix_block(hash, fd, size > BLOCK ? size - BLOCK : 0);
    }
    close(fd);
}

/* Shards that an index names, and parts of a split file, lie beside it. */
static bool is_shard(const char *name, const char *leaf, const char *index, size_t n_index) {
    const char *of = strstr(leaf, "-00001-of-");
    if (of)
        return strncmp(name, leaf, (size_t)(of - leaf)) == 0 && strstr(name, "-of-");
    return index && memmem(index, n_index, name, strlen(name));
}

static void mix_shards(uint64_t *hash, const char *weights) {
    const char *slash = strrchr(weights, '/'), *leaf = slash ? slash + 1 : weights;
    char *folder = file_folder(weights), *index = NULL;
    struct err ignored;
    size_t n = 0;
    if (strstr(leaf, ".index.json"))
        (void)!file_read(&index, &n, weights, 1 << 26, &ignored);
    struct file_names names = {0};
    if (index || strstr(leaf, "-00001-of-"))
        names = file_list(folder, 10000);
    for (size_t i = 0; i < names.n; i++) {
        char *path = file_join(folder, names.items[i]);
        if (strcmp(names.items[i], leaf) != 0 && is_shard(names.items[i], leaf, index, n))
            mix_file(hash, path);
        free(path);
    }
    file_names_dispose(&names);
    free(index);
    free(folder);
}

char *model_files_hash(const struct model_files *f) {
    const char *const files[] = {f->config, f->decoder_yaml, f->weights, f->adapter_config,
                                 f->adapter};
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i])
            mix_file(&hash, files[i]);
    if (f->weights)
        mix_shards(&hash, f->weights);
    return mem_format("fnv1a64:%016llx", (unsigned long long)hash);
}
