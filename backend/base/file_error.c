#include "backend/base/file_error.h"

#include <string.h>

#define SHOWN_PATH 300 /* bytes of a path in a message: the reason after it must still fit */

const char *file_shown(const char *path) {
    size_t n = strlen(path);
    if (n <= SHOWN_PATH)
        return path;
    path += n - SHOWN_PATH;
    while (((unsigned char)*path & 0xC0) == 0x80)
        path++;
    return path;
}

enum err_code file_fail(struct err *e, const char *path, int number) {
    char text[128];
    return err_set(e, ERR_IO, "%s: %s", file_shown(path), strerror_r(number, text, sizeof text));
}
