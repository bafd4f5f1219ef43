#include "views/terminal/clipboard.h"

#include "backend/base/base64.h"
#include "backend/base/file.h"

#include <stdlib.h>
#include <string.h>

/* What common terminals accept; longer sequences may be shown as text. */
#define BASE64_MOST 74000

bool clipboard_sequence(struct text_buffer *out, const char *text, size_t n) {
    if ((n + 2) / 3 * 4 > BASE64_MOST)
        return false;
    text_buffer_puts(out, "\033]52;c;");
    base64_add(out, text, n);
    text_buffer_puts(out, "\a");
    return true;
}

enum err_code clipboard_write_file(const char **path, const char *text, size_t n, struct err *e) {
    static char *last;
    char *folder = file_xdg("XDG_CACHE_HOME", ".cache", "");
    free(last);
    last = file_join(folder, "clipboard.txt");
    *path = last;
    enum err_code code = file_make_folders(folder, e);
    free(folder);
    if (code)
        return code;
    return file_write(last, text, n, e);
}
