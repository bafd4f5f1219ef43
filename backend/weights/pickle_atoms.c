#include "backend/weights/pickle_machine.h"

#include <errno.h>
#include <stdlib.h>

/* Bytes of the stream, borrowed. */
static void push_bytes(struct machine *m, enum pickle_kind kind, uint64_t n) {
    const unsigned char *at = reader_take(m->r, n);
    struct pickle_value *v = machine_new(m, kind);
    v->text = at ? (const char *)at : "";
    v->n_text = at ? (size_t)n : 0;
    machine_push(m, v);
}

uint8_t machine_u8(struct machine *m) {
    const unsigned char *p = reader_take(m->r, 1);
    return p ? *p : 0;
}

static uint16_t take_u16(struct machine *m) {
    const unsigned char *p = reader_take(m->r, 2);
    return p ? (uint16_t)(p[0] | p[1] << 8) : 0;
}

/* Little-endian two's complement, as many bytes as there are; more than eight stay bytes. */
static void push_long(struct machine *m, uint32_t n) {
    push_bytes(m, PICKLE_LONG, n);
    struct pickle_value *v = machine_top(m);
    if (v->n_text > 8)
        return;
    uint64_t bits = v->n_text > 0 && (unsigned char)v->text[v->n_text - 1] >> 7 ? UINT64_MAX : 0;
    memcpy(&bits, v->text, v->n_text);
    v->kind = PICKLE_INT;
    v->integer = (int64_t)bits;
}

void machine_line(struct machine *m, char out[PICKLE_LONGEST_LINE]) {
    const unsigned char *from = m->r->data + m->r->at;
    const size_t left = m->r->bad ? 0 : m->r->n - m->r->at;
    const unsigned char *end = left ? memchr(from, '\n', left) : NULL;
    *out = '\0';
    if (!end || end - from >= PICKLE_LONGEST_LINE) {
        m->r->bad = true;
        return;
    }
    const size_t n = (size_t)(end - from);
    memcpy(out, from, n);
    out[n] = '\0';
    (void)reader_take(m->r, n + 1);
}

int64_t machine_decimal(struct machine *m) {
    char line[PICKLE_LONGEST_LINE], *end;
    machine_line(m, line);
    errno = 0;
    const long long value = strtoll(line, &end, 10);
    if (errno || end == line || (*end && strcmp(end, "L") != 0))
        m->r->bad = true;
    return value;
}

/* I: a number, or 00 and 01, which are False and True. */
static void push_int_line(struct machine *m) {
    const size_t at = m->r->at;
    const bool two = m->r->n - at >= 3 && m->r->data[at] == '0' && m->r->data[at + 2] == '\n';
    const int64_t value = machine_decimal(m);
    machine_push_number(m, two ? PICKLE_BOOL : PICKLE_INT, value);
}

/* S: a text in quotes, in which no escape is known here; torch writes none. */
static void push_quoted(struct machine *m) {
    const unsigned char *from = m->r->data + m->r->at;
    char line[PICKLE_LONGEST_LINE];
    machine_line(m, line);
    const size_t n = strlen(line);
    struct pickle_value *v = machine_new(m, PICKLE_TEXT);
    v->text = "";
    machine_push(m, v);
    if (n < 2 || line[0] != line[n - 1] || strchr(line, '\\')) {
        m->r->bad = true;
        return;
    }
    v->text = (const char *)from + 1;
    v->n_text = n - 2;
}

/* V: a line of text; an escape in it is not undone, for torch writes none. */
static void push_line(struct machine *m) {
    const unsigned char *from = m->r->data + m->r->at;
    char line[PICKLE_LONGEST_LINE];
    machine_line(m, line);
    struct pickle_value *v = machine_new(m, PICKLE_TEXT);
    v->text = (const char *)from;
    v->n_text = strlen(line);
    m->r->bad |= strchr(line, '\\') != NULL;
    machine_push(m, v);
}

bool machine_atom(struct machine *m, unsigned char op) {
    switch (op) {
    case 'N':
        return machine_push_number(m, PICKLE_NONE, 0), true;
    case 0x88:
    case 0x89:
        return machine_push_number(m, PICKLE_BOOL, op == 0x88), true;
    case 'I':
        return push_int_line(m), true;
    case 'L':
        return machine_push_number(m, PICKLE_INT, machine_decimal(m)), true;
    case 'J':
        return machine_push_number(m, PICKLE_INT, (int32_t)reader_u32(m->r)), true;
    case 'K':
        return machine_push_number(m, PICKLE_INT, machine_u8(m)), true;
    case 'M':
        return machine_push_number(m, PICKLE_INT, take_u16(m)), true;
    case 0x8A:
        return push_long(m, machine_u8(m)), true;
    case 0x8B:
        return push_long(m, reader_u32(m->r)), true;
    case 'G': /* no tensor is made from one */
        (void)reader_u64(m->r);
        return machine_push_number(m, PICKLE_REAL, 0), true;
    case 'S':
        return push_quoted(m), true;
    case 'V':
        return push_line(m), true;
    case 'U':
    case 'C':
    case 0x8C:
        return push_bytes(m, PICKLE_TEXT, machine_u8(m)), true;
    case 'T':
    case 'B':
    case 'X':
        return push_bytes(m, PICKLE_TEXT, reader_u32(m->r)), true;
    case 0x8D:
    case 0x8E:
        return push_bytes(m, PICKLE_TEXT, reader_u64(m->r)), true;
    default:
        return false;
    }
}
