/*
 * The stack machine of a pickle, which pickle.c runs: its values, and what pushes numbers and
 * texts. After the first error every function does nothing more than keep the machine whole.
 */
#ifndef TINSEQ_BACKEND_WEIGHTS_PICKLE_MACHINE_H
#define TINSEQ_BACKEND_WEIGHTS_PICKLE_MACHINE_H

#include "backend/weights/pickle.h"

#define PICKLE_LONGEST_LINE 4096

struct machine {
    struct pickle *pickle;
    struct reader *r;
    const struct pickle_global *globals;
    size_t n_globals;
    struct pickle_value stack, memo; /* lists, so that they grow as lists do */
    size_t start;                    /* of the stream */
    bool done;
    const char *file;
    enum err_code code;
    struct err *e;
};

void machine_fail(struct machine *m, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* At this byte. */
void machine_damaged(struct machine *m, const char *what);

struct pickle *pickle_new(void);
/* There are n values, or places for values, more: never more than bytes of the stream. */
void machine_count(struct machine *m, size_t n);
/* Always one, also after an error. */
struct pickle_value *machine_new(struct machine *m, enum pickle_kind kind);
void pickle_append(struct pickle_value *to, struct pickle_value *item);
void machine_push(struct machine *m, struct pickle_value *v);
void machine_push_number(struct machine *m, enum pickle_kind kind, int64_t integer);
/* Always one, also after an error. */
struct pickle_value *machine_pop(struct machine *m);
struct pickle_value *machine_top(struct machine *m);

uint8_t machine_u8(struct machine *m);
/* A line of the text opcodes without its end, NUL-terminated. */
void machine_line(struct machine *m, char out[PICKLE_LONGEST_LINE]);
/* A decimal line as an index or a number. */
int64_t machine_decimal(struct machine *m);
/* Carries out an opcode of a number or text. False: it is another. */
bool machine_atom(struct machine *m, unsigned char op);

#endif
