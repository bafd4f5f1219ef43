#include "backend/weights/pickle_machine.h"

#include "backend/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST_VALUES (1u << 22) /* a state of 100,000 tensors has 2 million */
#define CHUNK 256

struct chunk {
    struct chunk *next;
    size_t n;
    struct pickle_value values[CHUNK];
};

struct pickle {
    struct chunk *chunks;
    size_t n_values;
};

struct pickle *pickle_new(void) {
    return mem_alloc(sizeof(struct pickle));
}

void machine_fail(struct machine *m, enum err_code code, const char *format, ...) {
    char text[ERR_MESSAGE_SIZE];
    va_list args;
    if (m->code)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    m->code = err_set(m->e, code, "%s: %s", m->file, text);
}

void machine_damaged(struct machine *m, const char *what) {
    machine_fail(m, ERR_FORMAT, "damaged or cut short: %s at byte %zu of %zu", what, m->r->at,
                 m->r->n);
}

void machine_count(struct machine *m, size_t n) {
    m->pickle->n_values += n;
    if (m->pickle->n_values > MOST_VALUES)
        machine_fail(m, ERR_FORMAT, "a pickle of more than %u values", MOST_VALUES);
    if (m->pickle->n_values > m->r->at - m->start + 1)
        machine_damaged(m, "more values than opcodes");
}

struct pickle_value *machine_new(struct machine *m, enum pickle_kind kind) {
    struct pickle *p = m->pickle;
    machine_count(m, 1);
    if (!p->chunks || p->chunks->n == CHUNK) {
        struct chunk *c = mem_alloc(sizeof *c);
        c->next = p->chunks;
        p->chunks = c;
    }
    struct pickle_value *v = &p->chunks->values[p->chunks->n++];
    *v = (struct pickle_value){.kind = kind};
    return v;
}

void pickle_append(struct pickle_value *to, struct pickle_value *item) {
    if (to->n_items == to->capacity) {
        to->capacity = to->capacity ? 2 * to->capacity : 4;
        to->items = mem_resize(to->items, to->capacity * sizeof *to->items);
    }
    to->items[to->n_items++] = item;
}

void machine_push(struct machine *m, struct pickle_value *v) {
    pickle_append(&m->stack, v);
}

struct pickle_value *machine_pop(struct machine *m) {
    if (m->stack.n_items > 0)
        return m->stack.items[--m->stack.n_items];
    machine_damaged(m, "an opcode that needs more values than there are");
    return machine_new(m, PICKLE_NONE);
}

struct pickle_value *machine_top(struct machine *m) {
    struct pickle_value *v = machine_pop(m);
    machine_push(m, v);
    return v;
}

void machine_push_number(struct machine *m, enum pickle_kind kind, int64_t integer) {
    struct pickle_value *v = machine_new(m, kind);
    v->integer = integer;
    machine_push(m, v);
}

void pickle_free(struct pickle *p) {
    if (!p)
        return;
    for (struct chunk *c = p->chunks, *next; c; c = next) {
        next = c->next;
        for (size_t i = 0; i < c->n; i++)
            free(c->values[i].items);
        free(c);
    }
    free(p);
}
