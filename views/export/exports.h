/*
 * All formats, those of exports.def: the program's menu, the command line's options and the check
 * of a file name's ending are loops over them. Any thread.
 */
#ifndef TINSEQ_VIEWS_EXPORTS_H
#define TINSEQ_VIEWS_EXPORTS_H

#include "views/export/export.h"

/* In a menu's order. */
const struct export *const *export_list(size_t *n);
/* NULL: there is none of that id. */
const struct export *export_find(const char *id);
/* The format that a file's name says by its ending. ERR_USAGE, with a message that lists the
 * endings: none. */
enum err_code export_of_path(const struct export **out, const char *path,
                             struct err *e) ERR_CHECKED;
/* The theme that a picture's name asks for, as "map.dark.png" does; NULL: none. */
const struct theme *export_theme_of_path(const char *path, const struct export *x);
/* ".json, .json.gz": a format's endings, or all (NULL). Owned by the caller. */
char *export_endings(const struct export *x);

#endif
