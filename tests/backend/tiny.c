#include "tests/backend/tiny.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/backend/tree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "tests/fixtures/tiny"
#define LONGEST 300
#define MOST 200

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Where those made from seeds are; owned by the caller. */
static char *seeded_folder(void) {
    const char *build = getenv("TINSEQ_BUILD");
    return mem_format("%s/families", build ? build : "build");
}

static size_t add_folders(char **folders, char *texts, size_t n, const char *from) {
    DIR *d = opendir(from);
    for (struct dirent *entry; d && n < MOST && (entry = readdir(d));) {
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "made") == 0)
            continue;
        folders[n] = texts + n * LONGEST;
        snprintf(folders[n++], LONGEST, "%.200s/%.60s", from, entry->d_name);
    }
    if (d)
        closedir(d);
    return n;
}

char **tiny_folders(size_t *n) {
    char **folders = mem_alloc(MOST * (sizeof *folders + LONGEST)),
         *texts = (char *)(folders + MOST), *seeded = seeded_folder();
    *n = add_folders(folders, texts, 0, FOLDER);
    *n = add_folders(folders, texts, *n, seeded);
    qsort(folders, *n, sizeof *folders, by_text);
    free(seeded);
    return folders;
}

char *tiny_folder(const char *name) {
    char *path = mem_format(FOLDER "/%s", name), *seeded = seeded_folder();
    if (!file_exists(path)) {
        free(path);
        path = file_join(seeded, name);
    }
    free(seeded);
    return path;
}

char *tiny_mistral(int window) {
    char *folder = tree_copy(FOLDER "/llama"),
         *type = mem_format("\"model_type\": \"mistral\", \"sliding_window\": %d", window);
    tree_edit(folder, "config.json", "LlamaForCausalLM", "MistralForCausalLM");
    tree_edit(folder, "config.json", "\"model_type\": \"llama\"", type);
    free(type);
    return folder;
}

struct tiny_text tiny_text_of(const struct model_config *c) {
    static const struct tiny_text alone = {.target = {5, 270, 31, 44, 290, 12, 77, 301, 9},
                                           .n_target = 9},
                                  pair = {
                                      {4, 9, 17, 30, 52, 0}, {0, 7, 61, 80, 22, 90, 5, 0}, 6, 8};
    struct tiny_text text = c->encoder_decoder ? pair : alone;
    for (int64_t i = 0; i < text.n_source; i++)
        text.source[i] %= (int32_t)c->n_vocab;
    for (int64_t i = 0; i < text.n_target; i++)
        text.target[i] %= (int32_t)c->n_vocab;
    if (c->encoder_decoder)
        text.target[0] = c->decoder_start_token_id;
    return text;
}
