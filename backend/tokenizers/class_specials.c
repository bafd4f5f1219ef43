#include "backend/tokenizers/class_specials.h"

#include <stddef.h>
#include <string.h>

const char *const special_keys[ROLE_COUNT] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                              "pad_token", "cls_token", "mask_token"};

static const struct class_specials classes[] = {
#define CLASS(name, rule, bos, eos, unk, sep, pad, cls, mask)                                      \
    {#name, rule, {bos, eos, unk, sep, pad, cls, mask}},
#include "backend/tokenizers/classes.def"
#undef CLASS
};

const struct class_specials *class_specials_find(const char *name) {
    static const struct class_specials plain = {"", AS_FILE, {"", "", "", "", "", "", ""}};
    const size_t n = strcspn(name, " ");
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strlen(classes[i].name) == n && memcmp(classes[i].name, name, n) == 0)
            return &classes[i];
    return &plain;
}
