#include "backend/base/folder.h"

#include "backend/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int by_name(const void *a, const void *b) {
    const struct folder_entry *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static void add(struct folder *f, DIR *d, const char *name) {
    struct stat s;
    const bool known = fstatat(dirfd(d), name, &s, 0) == 0;
    if ((f->n & (f->n + 1)) == 0) /* grows at 0, 1, 3, 7, … */
        f->items = mem_resize(f->items, (f->n * 2 + 1) * sizeof *f->items);
    f->items[f->n++] = (struct folder_entry){.name = mem_text(name),
                                             .folder = known && S_ISDIR(s.st_mode),
                                             .file = known && S_ISREG(s.st_mode),
                                             .size = known ? (int64_t)s.st_size : 0,
                                             .modified = known ? (int64_t)s.st_mtime : 0};
}

enum err_code folder_read(struct folder *out, const char *path, size_t most, struct err *e) {
    DIR *d = opendir(path);
    *out = (struct folder){0};
    if (!d)
        return err_set(e, ERR_IO, "%s", strerror(errno));
    for (struct dirent *entry; (entry = readdir(d));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        out->more = out->n == most;
        if (out->more)
            break;
        add(out, d, entry->d_name);
    }
    closedir(d);
    if (out->n)
        qsort(out->items, out->n, sizeof *out->items, by_name);
    return ERR_OK;
}

void folder_dispose(struct folder *f) {
    for (size_t i = 0; i < f->n; i++)
        free(f->items[i].name);
    free(f->items);
    *f = (struct folder){0};
}
