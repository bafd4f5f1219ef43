/*
 * What a user wrote, as a shared object that exports one struct: step functions, aggregators and
 * methods (tinseq-step.h, tinseq-aggregator.h, tinseq-method.h) are opened and checked alike. What
 * is kept stays for ever. The main thread, before there are others.
 */
#ifndef TINSEQ_METHODS_DECLARE_PLUGIN_H
#define TINSEQ_METHODS_DECLARE_PLUGIN_H

#include "backend/base/err.h"
#include "methods/declare/declare.h"

#include <stdint.h>

#define PLUGIN_MOST_OPTIONS 16

/* What is looked for: "step function", "tinseq_step" of "tinseq-step.h", and the version that this
 * program has. The struct begins with two uint32_t: its version, and its own size. */
struct plugin_kind {
    const char *what, *symbol, *header;
    uint32_t abi;
    size_t size;
};

struct plugin {
    const void *exported;
    char *shown; /* its path, for a person */
    void *library;
};

/* Opens a file and hands what it exports to `add`, which checks and registers it; the library stays
 * open where `add` succeeds. ERR_USAGE: it cannot be opened, exports nothing of the kind, or is for
 * another version (the message says what), and what `add` says. */
enum err_code plugin_load(const char *path, const struct plugin_kind *kind,
                          enum err_code (*add)(const struct plugin *p, struct err *e),
                          struct err *e) ERR_CHECKED;

/* 1 to 40 letters, digits and "_", with no digit first: what may be a name. ERR_USAGE. */
enum err_code plugin_check_name(const struct plugin *p, const struct plugin_kind *kind,
                                const char *name, struct err *e) ERR_CHECKED;

/* A number that a person may set. */
struct plugin_option {
    const char *name;
    double default_value, minimum, maximum;
    const char *help; /* NULL: none */
};
/* Declarations of options [n], n at most PLUGIN_MOST_OPTIONS, for ever. ERR_USAGE: one has no good
 * name, or a default outside its range. */
enum err_code plugin_options(const struct option_decl **out, const struct plugin *p,
                             const char *name, const struct plugin_option *options, size_t n,
                             struct err *e) ERR_CHECKED;
/* The text, or what stands in its place where it is NULL. */
const char *plugin_text(const char *text, const char *otherwise);

#endif
