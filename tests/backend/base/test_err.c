#include "backend/base/err.h"

#include <criterion/criterion.h>
#include <string.h>

Test(err, keeps_code_and_message) {
    struct err e = {0};
    cr_assert_eq(err_set(&e, ERR_IO, "%s: no such file", "x.gguf"), ERR_IO);
    cr_assert_eq(e.code, ERR_IO);
    cr_assert_str_eq(e.message, "x.gguf: no such file");
    err_clear(&e);
    cr_assert_eq(e.code, ERR_OK);
}

Test(err, never_cuts_a_character_in_half) {
    struct err e = {0};
    char text[ERR_MESSAGE_SIZE + 8];
    for (size_t shift = 0; shift < 3; shift++) {
        size_t n = shift;
        memset(text, 'a', shift);
        while (n + 3 < sizeof text) {
            memcpy(text + n, "€", 3);
            n += 3;
        }
        text[n] = '\0';
        (void)err_set(&e, ERR_FORMAT, "%s", text);
        size_t length = strlen(e.message);
        cr_assert((length - shift) % 3 == 0, "cut inside a character: %zu bytes", length);
    }
}
