#include "backend/weights/pickle_machine.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>

/* --- containers -------------------------------------------------------------------------- */

/* Where the last mark's values begin; the mark is taken off. */
static size_t take_mark(struct machine *m) {
    for (size_t i = m->stack.n_items; i > 0; i--)
        if (m->stack.items[i - 1]->kind == PICKLE_MARK)
            return i;
    machine_damaged(m, "an opcode that needs a mark");
    return m->stack.n_items;
}

/* Moves the values from the last mark on to the end of `to`. */
static void take_marked(struct machine *m, struct pickle_value *to) {
    const size_t first = take_mark(m);
    for (size_t i = first; i < m->stack.n_items; i++)
        pickle_append(to, m->stack.items[i]);
    m->stack.n_items = first ? first - 1 : 0;
}

static void push_container(struct machine *m, enum pickle_kind kind) {
    struct pickle_value *v = machine_new(m, kind);
    take_marked(m, v);
    machine_push(m, v);
}

static void push_tuple(struct machine *m, int n) {
    struct pickle_value *v = machine_new(m, PICKLE_TUPLE), *items[3];
    for (int i = n - 1; i >= 0; i--)
        items[i] = machine_pop(m);
    for (int i = 0; i < n; i++)
        pickle_append(v, items[i]);
    machine_push(m, v);
}

/* The container below the values that are to go into it. */
static struct pickle_value *container(struct machine *m, enum pickle_kind kind) {
    struct pickle_value *v = machine_top(m);
    if (v->kind == kind)
        return v;
    machine_damaged(m, "values for something that takes none");
    return machine_new(m, kind);
}

/* From the last mark on, or the last n. */
static void fill(struct machine *m, enum pickle_kind kind, bool marked, size_t n) {
    const size_t all = m->stack.n_items;
    size_t first = n < all ? all - n : 0;
    if (marked)
        first = take_mark(m);
    m->stack.n_items = first - (marked && first > 0);
    struct pickle_value *to = container(m, kind);
    if (kind == PICKLE_DICT && (all - first) % 2 != 0)
        machine_damaged(m, "a key without a value");
    for (size_t i = first; !m->code && i < all; i++)
        pickle_append(to, m->stack.items[i]);
}

/* --- names, calls, the memo -------------------------------------------------------------- */

static void refuse(struct machine *m, const char *name) {
    char *shown = text_sanitise(name, strlen(name), false);
    machine_fail(m, ERR_UNSUPPORTED, "calls %.200s: refused, a checkpoint never runs code", shown);
    free(shown);
}

static void push_global(struct machine *m, const char *module, const char *name) {
    char *whole = mem_format("%s.%s", module, name);
    size_t i = 0;
    while (i < m->n_globals && strcmp(m->globals[i].name, whole) != 0)
        i++;
    if (i == m->n_globals && !m->r->bad)
        refuse(m, whole);
    machine_push_number(m, PICKLE_GLOBAL, (int64_t)i);
    free(whole);
}

static void push_named(struct machine *m) {
    char module[PICKLE_LONGEST_LINE], name[PICKLE_LONGEST_LINE];
    machine_line(m, module);
    machine_line(m, name);
    push_global(m, module, name);
}

static void push_named_by_stack(struct machine *m) {
    const struct pickle_value *name = machine_pop(m), *module = machine_pop(m);
    if (name->kind != PICKLE_TEXT || module->kind != PICKLE_TEXT ||
        name->n_text > PICKLE_LONGEST_LINE || module->n_text > PICKLE_LONGEST_LINE) {
        machine_damaged(m, "a name that is no text");
        return;
    }
    char *a = mem_text_n(module->text, module->n_text), *b = mem_text_n(name->text, name->n_text);
    push_global(m, a, b);
    free(a);
    free(b);
}

/* OrderedDict([(k, v), …]), as Python 2 wrote it. */
static void fill_from_pairs(struct machine *m, struct pickle_value *dict,
                            const struct pickle_value *pairs) {
    machine_count(m, pairs->n_items);
    for (size_t i = 0; !m->code && i < pairs->n_items; i++) {
        const struct pickle_value *pair = pairs->items[i];
        if (pair->n_items != 2) {
            machine_damaged(m, "a dict made from no pairs");
            return;
        }
        pickle_append(dict, pair->items[0]);
        pickle_append(dict, pair->items[1]);
    }
}

static void call(struct machine *m) {
    struct pickle_value *arguments = machine_pop(m), *function = machine_pop(m);
    if (function->kind != PICKLE_GLOBAL || arguments->kind != PICKLE_TUPLE) {
        machine_damaged(m, "a call of what is no function");
        return;
    }
    if (m->code)
        return;
    const bool dict = m->globals[function->integer].dict;
    struct pickle_value *v = machine_new(m, dict ? PICKLE_DICT : PICKLE_CALL);
    machine_push(m, v);
    if (dict && arguments->n_items > 0) {
        fill_from_pairs(m, v, arguments->items[0]);
    } else if (!dict) {
        pickle_append(v, function);
        pickle_append(v, arguments);
    }
}

static void push_persistent(struct machine *m) {
    struct pickle_value *id = machine_pop(m), *v = machine_new(m, PICKLE_PERSISTENT);
    pickle_append(v, id);
    machine_push(m, v);
}

/* An index is at most the number of bytes before it: writers count them up. */
static void remember(struct machine *m, uint64_t index) {
    struct pickle_value *v = machine_top(m);
    if (index > m->r->at - m->start) {
        machine_damaged(m, "a memo's index");
        return;
    }
    while (m->memo.n_items <= index)
        pickle_append(&m->memo, NULL);
    m->memo.items[index] = v;
}

static void recall(struct machine *m, uint64_t index) {
    if (index < m->memo.n_items && m->memo.items[index])
        machine_push(m, m->memo.items[index]);
    else
        machine_damaged(m, "a memo's index");
}

/* --- opcodes ----------------------------------------------------------------------------- */

/* Marks, tuples, lists and dicts. */
static bool step_container(struct machine *m, unsigned char op) {
    switch (op) {
    case '(':
        return machine_push_number(m, PICKLE_MARK, 0), true;
    case ')':
        return machine_push_number(m, PICKLE_TUPLE, 0), true;
    case ']':
        return machine_push_number(m, PICKLE_LIST, 0), true;
    case '}':
        return machine_push_number(m, PICKLE_DICT, 0), true;
    case 't':
        return push_container(m, PICKLE_TUPLE), true;
    case 'l':
        return push_container(m, PICKLE_LIST), true;
    case 'd':
        push_container(m, PICKLE_DICT);
        if (machine_top(m)->n_items % 2 != 0)
            machine_damaged(m, "a key without a value");
        return true;
    case 0x85:
    case 0x86:
    case 0x87:
        return push_tuple(m, op - 0x84), true;
    case 'a':
        return fill(m, PICKLE_LIST, false, 1), true;
    case 'e':
        return fill(m, PICKLE_LIST, true, 0), true;
    case 's':
        return fill(m, PICKLE_DICT, false, 2), true;
    case 'u':
        return fill(m, PICKLE_DICT, true, 0), true;
    default:
        return false;
    }
}

static bool step_memo(struct machine *m, unsigned char op) {
    switch (op) {
    case 'g':
        return recall(m, (uint64_t)machine_decimal(m)), true;
    case 'h':
        return recall(m, machine_u8(m)), true;
    case 'j':
        return recall(m, reader_u32(m->r)), true;
    case 'p':
        return remember(m, (uint64_t)machine_decimal(m)), true;
    case 'q':
        return remember(m, machine_u8(m)), true;
    case 'r':
        return remember(m, reader_u32(m->r)), true;
    case 0x94:
        return remember(m, m->memo.n_items), true;
    default:
        return false;
    }
}

static void step_other(struct machine *m, unsigned char op) {
    switch (op) {
    case '.':
        m->done = true;
        break;
    case '0':
        (void)machine_pop(m);
        break;
    case '2':
        machine_push(m, machine_top(m));
        break;
    case 'c':
        push_named(m);
        break;
    case 0x93:
        push_named_by_stack(m);
        break;
    case 'i': /* module and name, as GLOBAL has them, called at once: nothing that torch writes */
        push_named(m);
        machine_damaged(m, "opcode INST, which torch.save does not write");
        break;
    case 'R':
    case 0x81:
        call(m);
        break;
    case 'Q':
        push_persistent(m);
        break;
    case 'b': /* an attribute: OrderedDict's _metadata, hooks of parameters */
        (void)machine_pop(m);
        break;
    case 0x80:
        if (machine_u8(m) > 5)
            machine_fail(m, ERR_UNSUPPORTED, "a pickle of a newer protocol than 5");
        break;
    case 0x95:
        (void)reader_u64(m->r);
        break;
    default:
        machine_fail(m, ERR_UNSUPPORTED,
                     "pickle opcode 0x%02X at byte %zu, which torch.save does not write", op,
                     m->r->at - 1);
    }
}

static void step(struct machine *m) {
    const unsigned char op = machine_u8(m);
    if (!m->r->bad && !machine_atom(m, op) && !step_container(m, op) && !step_memo(m, op))
        step_other(m, op);
    if (m->r->bad)
        machine_damaged(m, "a pickle's opcode");
}

enum err_code pickle_read(struct pickle **out, struct pickle_value **value, struct reader *r,
                          const struct pickle_global *globals, size_t n, const char *file,
                          struct err *e) {
    struct machine m = {.pickle = pickle_new(),
                        .r = r,
                        .globals = globals,
                        .n_globals = n,
                        .start = r->at,
                        .file = file,
                        .e = e};
    while (!m.done && !m.code)
        step(&m);
    *value = machine_pop(&m);
    free(m.stack.items);
    free(m.memo.items);
    *out = m.code ? NULL : m.pickle;
    if (m.code)
        pickle_free(m.pickle);
    return m.code;
}
