/*
 * Texts made of a row's fields: "{subject} is {relation|trim|default:in}", "{{" and "}}" for braces
 * themselves. A text without braces is a field's name. "{prompt}" is what the row's input was made
 * into, once there is one. Untrusted. Any thread.
 */
#ifndef TINSEQ_APP_TEMPLATE_H
#define TINSEQ_APP_TEMPLATE_H

#include "app/dataset/dataset.h"

#define TEMPLATE_PROMPT "prompt"

struct template;
/* `field`: what has no braces is a field's name; else it is a text as it stands. `input`: it makes
 * the input, in which "{prompt}" is a field like others. ERR_USAGE: a brace alone, an unknown
 * filter (names those there are), a filter without its argument. */
enum err_code template_parse(struct template **out, const char *text, bool field, bool input,
                             struct err *e) ERR_CHECKED;
void template_free(struct template *t); /* NULL is legal */

/* Appends the fields that it asks for to `columns` [*n]; the names are borrowed. */
void template_columns(const struct template *t, struct data_column **columns, size_t *n);

/* What it makes of a row, owned by the caller. `prompt`: what the input was made into; NULL: there
 * is none. `seen` (or NULL) is told of every field that is no text, and how it was written. Errors:
 * FORMAT: a field that is missing or null and has no default, a text without the {} to fill. */
enum err_code template_render(char **out, const struct template *t, const struct data_row *row,
                              const char *prompt,
                              void (*seen)(void *user, const char *field, enum data_kind kind),
                              void *user, struct err *e) ERR_CHECKED;

#endif
