#include "backend/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum err_code err_set(struct err *e, enum err_code code, const char *format, ...) {
    if (!e)
        return code;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(e->message, sizeof e->message, format, args);
    va_end(args);
    if (n >= (int)sizeof e->message) { /* never leave half a character at the cut */
        size_t end = sizeof e->message - 1;
        while (end > 0 && ((unsigned char)e->message[end - 1] & 0xC0) == 0x80)
            end--;
        if (end > 0 && (unsigned char)e->message[end - 1] >= 0xC0)
            end--;
        e->message[end] = '\0';
    }
    e->code = code;
    return code;
}

void err_clear(struct err *e) {
    e->code = ERR_OK;
    e->message[0] = '\0';
}

const char *err_code_name(enum err_code code) {
    static const char *const names[] = {
#define X(name, text) [ERR_##name] = #name,
        ERR_CODES(X)
#undef X
    };
    return names[code];
}
