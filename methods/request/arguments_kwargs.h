/* --attribution_kwargs: options of the method and of the step functions, a contrast, a span, and
 * arguments of Inseq's attribute() itself. Any thread. */
#ifndef TINSEQ_METHODS_ARGUMENTS_KWARGS_H
#define TINSEQ_METHODS_ARGUMENTS_KWARGS_H

#include "methods/request/arguments.h"

#define MAX_NAMES 128

/* Puts a JSON object's members into arguments whose method and functions are known. ERR_USAGE:
 * names what no one has, and the nearest; what was said otherwise before. */
enum err_code arguments_take_kwargs(struct run_arguments *a, const char *json,
                                    struct err *e) ERR_CHECKED;
/* ERR_USAGE for a word that is none of `names` [n]: unknown WHAT "word"; the nearest. */
enum err_code arguments_unknown(const char *what, const char *word, const char *const *names,
                                size_t n, struct err *e) ERR_CHECKED;

#endif
