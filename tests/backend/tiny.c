#include "tests/backend/tiny.h"

#include "backend/base/mem.h"
#include "tests/backend/tree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "tests/fixtures/tiny"
#define LONGEST 100
#define MOST 200

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **tiny_folders(size_t *n) {
    char **folders = mem_alloc(MOST * (sizeof *folders + LONGEST)),
         *texts = (char *)(folders + MOST);
    DIR *d = opendir(FOLDER);
    *n = 0;
    for (struct dirent *entry; d && *n < MOST && (entry = readdir(d));) {
        if (entry->d_name[0] == '.')
            continue;
        folders[*n] = texts + *n * LONGEST;
        snprintf(folders[(*n)++], LONGEST, FOLDER "/%.60s", entry->d_name);
    }
    if (d)
        closedir(d);
    qsort(folders, *n, sizeof *folders, by_text);
    return folders;
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
