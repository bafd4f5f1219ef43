/*
 * What is kept between sessions: theme, colour maps, map options, the last model and the last form.
 * One JSON file, written atomically, in
 * ${XDG_CONFIG_HOME:-~/.config}/tinseq/settings.json. Interface thread only.
 */
#ifndef TINSEQ_APP_SETTINGS_H
#define TINSEQ_APP_SETTINGS_H

#include "backend/base/err.h"
#include "methods/request/attribute.h"

#include <stdbool.h>

struct settings {
    char *path;
    char *theme, *diverging, *sequential, *model; /* NULL: none; the last model that loaded */
    int zoom, scale, range, norm;                 /* −1: none */
    bool no_numbers, no_detail, no_mouse, raw_tokens;
    struct attribute_request request; /* of the last form */
    bool has_request;
};

/* A missing file gives the defaults; so does one that cannot be read, with its error: IO, FORMAT.
 */
enum err_code settings_load(struct settings *s, const char *path, struct err *e) ERR_CHECKED;
enum err_code settings_save(const struct settings *s, struct err *e) ERR_CHECKED;
void settings_dispose(struct settings *s);
/* Replaces a text member. */
void settings_set(char **member, const char *text);

#endif
