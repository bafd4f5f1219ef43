#include "backend/base/memory.h"

#include "backend/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The number after `key` at the beginning of a line (key "": of the file); −1: there is none
 * ("max"). */
static int64_t read_number(const char *root, const char *folder, const char *leaf,
                           const char *key) {
    char line[256], *path = mem_format("%s%s%s", root, folder, leaf);
    long long value = -1;
    FILE *f = fopen(path, "r");
    free(path);
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, key, strlen(key)) == 0) {
            if (sscanf(line + strlen(key), "%lld", &value) != 1)
                value = -1;
            break;
        }
    if (f)
        fclose(f);
    return value;
}

static int64_t least(int64_t a, int64_t b) {
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* What one group's limit leaves. Pages of files that nothing holds count as used by the group but
 * are given back when asked for. */
static int64_t left_of(const char *root, const char *folder, const char *limit_name,
                       const char *used_name, const char *stat_key) {
    int64_t limit = read_number(root, folder, limit_name, ""),
            used = read_number(root, folder, used_name, "");
    int64_t given_back = read_number(root, folder, "/memory.stat", stat_key);
    if (limit < 0 || used < 0)
        return -1;
    int64_t left = limit - used + (given_back > 0 ? given_back : 0);
    return left > 0 ? left : 0;
}

/* A group and all those above it: each may have a limit. */
static int64_t left_of_groups(const char *root, const char *base, const char *group,
                              const char *limit_name, const char *used_name, const char *stat_key) {
    char *folder = mem_format("%s%s", base, strcmp(group, "/") == 0 ? "" : group);
    size_t n_base = strlen(base);
    int64_t left = -1;
    for (;;) {
        left = least(left, left_of(root, folder, limit_name, used_name, stat_key));
        char *slash = strrchr(folder, '/');
        if (strlen(folder) <= n_base || !slash || (size_t)(slash - folder) < n_base)
            break;
        *slash = '\0';
    }
    free(folder);
    return left;
}

int64_t memory_available_in(const char *root) {
    int64_t kilobytes = read_number(root, "/proc", "/meminfo", "MemAvailable:"),
            left = kilobytes < 0 ? -1 : kilobytes * 1024;
    char line[512], *path = mem_format("%s/proc/self/cgroup", root);
    FILE *f = fopen(path, "r");
    free(path);
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':'),
             *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group || !*group)
            continue;
        *group++ = '\0';
        if (strcmp(controllers + 1, "") == 0) /* version 2 */
            left = least(left, left_of_groups(root, "/sys/fs/cgroup", group, "/memory.max",
                                              "/memory.current", "inactive_file"));
        else if (strcmp(controllers + 1, "memory") == 0)
            left = least(left, left_of_groups(root, "/sys/fs/cgroup/memory", group,
                                              "/memory.limit_in_bytes", "/memory.usage_in_bytes",
                                              "total_inactive_file"));
    }
    if (f)
        fclose(f);
    return left;
}

int64_t memory_available(void) {
    return memory_available_in("");
}

void *memory_array(size_t bytes) {
    const size_t page = (size_t)2 << 20, whole = (bytes + page - 1) / page * page;
    if (bytes < 16 * page || whole < bytes)
        return malloc(bytes ? bytes : 1);
    void *array = aligned_alloc(page, whole);
    if (array)
        (void)madvise(array, whole, MADV_HUGEPAGE); /* only a wish */
    return array;
}
