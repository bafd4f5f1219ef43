#include "tests/backend/tiny.h"

#include "backend/base/mem.h"

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
