#include "methods/declare/foil.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

struct foil_choice foil_choice_at(const struct foil *f, size_t i) {
    return i == 0 ? (struct foil_choice){f->id, f->rank, f->text} : f->more[i - 1];
}

static bool same_choice(const struct foil_choice *a, const struct foil_choice *b) {
    return a->id == b->id && a->rank == b->rank && text_same(a->text, b->text);
}

bool foil_equal(const struct foil *a, const struct foil *b) {
    bool equal = optional_equal(&a->step, &b->step) && a->n_more == b->n_more;
    for (size_t i = 0; equal && i <= a->n_more; i++) {
        const struct foil_choice x = foil_choice_at(a, i), y = foil_choice_at(b, i);
        equal = same_choice(&x, &y);
    }
    return equal;
}

struct foil foil_copy(const struct foil *from) {
    struct foil to = *from;
    struct foil_choice *more = from->n_more ? mem_alloc(from->n_more * sizeof *more) : NULL;
    to.text = mem_text(from->text);
    for (size_t i = 0; i < from->n_more; i++) {
        more[i] = from->more[i];
        more[i].text = mem_text(from->more[i].text);
    }
    to.more = more;
    return to;
}

void foil_dispose(struct foil *f) {
    for (size_t i = 0; i < f->n_more; i++)
        free((char *)f->more[i].text);
    free((struct foil_choice *)f->more);
    free((char *)f->text);
    *f = (struct foil){0};
}

bool foil_add(struct foil *f, const struct foil_choice *choice) {
    if (f->n_more + 1 >= FOIL_MOST)
        return false;
    struct foil_choice *more =
        mem_resize((struct foil_choice *)f->more, (f->n_more + 1) * sizeof *more);
    more[f->n_more] = *choice;
    more[f->n_more++].text = mem_text(choice->text);
    f->more = more;
    return true;
}

/* --- on the command line --- */

/* Digits that begin a word, as a number of at least 1; where they end. NULL: there are none, or too
 * many. */
static const char *read_count(int64_t *out, const char *word) {
    const size_t digits = strspn(word, "0123456789");
    if (digits == 0 || digits > 8)
        return NULL;
    *out = strtoll(word, NULL, 10);
    return *out > 0 ? word + digits : NULL;
}

/* The first is `choice` itself. */
static bool add_choice(struct foil *f, const struct foil_choice *choice, bool first) {
    if (!first)
        return foil_add(f, choice);
    f->rank = choice->rank;
    f->text = mem_text(choice->text);
    return true;
}

/* "2" or "1-4" behind the colon; NULL: neither. */
static const char *add_ranks(struct foil *out, const char *word) {
    int64_t from, to;
    const char *after = read_count(&from, word);
    to = from;
    if (after && *after == '-')
        after = read_count(&to, after + 1);
    bool good = after && to >= from;
    for (int64_t rank = from; good && rank <= to; rank++)
        good = add_choice(out, &(struct foil_choice){.rank = rank}, rank == from);
    return good ? after : NULL;
}

/* "Rome|London"; false: there are too many, or one is empty. */
static bool add_texts(struct foil *out, const char *words) {
    bool good = true;
    for (const char *at = words; good; at += strcspn(at, "|") + 1) {
        char *text = mem_text_n(at, strcspn(at, "|"));
        good = *text && add_choice(out, &(struct foil_choice){.text = text}, at == words);
        free(text);
        if (!at[strcspn(at, "|")])
            break;
    }
    return good;
}

enum err_code foil_parse(struct foil *out, const char *word, struct err *e) {
    int64_t step = 0;
    const char *after = read_count(&step, word);
    bool good = after != NULL;
    *out = (struct foil){.step = optional_of(step - 1)}; /* people count from 1 */
    if (good && after[0] == '=')
        good = add_texts(out, after + 1);
    else if (good && after[0] == ':')
        good = (after = add_ranks(out, after + 1)) && !*after;
    else if (good)
        good = !*after;
    if (good && !out->text && !out->rank)
        out->rank = 1;
    if (good)
        return ERR_OK;
    foil_dispose(out);
    return err_set(e, ERR_USAGE,
                   "%.40s is not a step such as 3, a step and a rank such as 3:2 or 3:1-4, or a "
                   "step and a word such as 3=Rome or 3=Rome|London (at most %d)",
                   word, FOIL_MOST);
}

/* "3:1-4": ranks that follow one another. */
static bool is_run_of_ranks(const struct foil *f) {
    bool run = f->rank > 0;
    for (size_t i = 0; run && i < f->n_more; i++)
        run = f->more[i].rank == f->rank + (int64_t)i + 1;
    return run;
}

static char *word_of_texts(const struct foil *f) {
    struct text_buffer b = {0};
    text_buffer_format(&b, "%lld=", (long long)f->step.value + 1);
    bool good = true;
    for (size_t i = 0; i < foil_count(f) && good; i++) {
        const struct foil_choice c = foil_choice_at(f, i);
        good = c.text && (f->n_more == 0 || !strchr(c.text, '|'));
        text_buffer_format(&b, "%s%s", i ? "|" : "", c.text ? c.text : "");
    }
    if (good)
        return text_buffer_take(&b);
    text_buffer_dispose(&b);
    return NULL;
}

char *foil_word(const struct foil *f) {
    const long long step = (long long)f->step.value + 1, rank = (long long)f->rank;
    if (f->text)
        return word_of_texts(f);
    if (!is_run_of_ranks(f))
        return NULL;
    return f->n_more ? mem_format("%lld:%lld-%lld", step, rank, rank + (long long)f->n_more)
                     : mem_format("%lld:%lld", step, rank);
}

/* --- in files --- */

static bool read_choice(struct foil_choice *out, const struct json_value *v) {
    struct optional number;
    if (json_named(v, "foil_text") && v->type == JSON_STRING) {
        free((char *)out->text);
        out->text = mem_text_n(v->text, v->n_text);
        return true;
    }
    if (!position_read(&number, v) || number.value < 0)
        return false;
    if (json_named(v, "foil_id"))
        out->id = (int32_t)number.value;
    else if (json_named(v, "foil_rank"))
        out->rank = number.value;
    else
        return false;
    return true;
}

static bool read_more(struct foil *out, const struct json_value *list) {
    bool good = list->type == JSON_ARRAY;
    for (const struct json_value *v = list->first; v && good; v = v->next) {
        struct foil_choice choice = {0};
        good = v->type == JSON_OBJECT;
        for (const struct json_value *m = v->first; m && good; m = m->next)
            good = read_choice(&choice, m);
        good = good && foil_add(out, &choice);
        free((char *)choice.text);
    }
    return good;
}

bool foil_read(struct foil *out, const struct json_value *v) {
    struct foil_choice first = {out->id, out->rank, out->text};
    struct optional number;
    if (json_named(v, "foil_more"))
        return read_more(out, v);
    if (json_named(v, "foil_step")) {
        const bool good = position_read(&number, v) && number.value >= 0;
        out->step = good ? number : out->step;
        return good;
    }
    if (!read_choice(&first, v))
        return false;
    out->id = first.id;
    out->rank = first.rank;
    out->text = first.text;
    return true;
}

static void write_choice(struct text_buffer *b, const struct foil_choice *c) {
    if (c->rank)
        json_put_number(b, "foil_rank", (double)c->rank);
    else if (!c->text)
        json_put_number(b, "foil_id", c->id);
    json_put_string(b, "foil_text", c->text);
}

/* [{"foil_id": 3}, …], owned by the caller. */
static char *list_of_more(const struct foil *f) {
    struct text_buffer list = {0};
    text_buffer_puts(&list, "[");
    for (size_t i = 0; i < f->n_more; i++) {
        struct text_buffer one = {0};
        write_choice(&one, &f->more[i]);
        char *object = json_take_object(&one);
        text_buffer_format(&list, "%s%s", i ? ", " : "", object);
        free(object);
    }
    text_buffer_puts(&list, "]");
    return text_buffer_take(&list);
}

void foil_write(struct text_buffer *b, const struct foil *f) {
    const struct foil_choice first = {f->id, f->rank, f->text};
    if (!foil_given(f))
        return;
    json_put_number(b, "foil_step", (double)f->step.value);
    write_choice(b, &first);
    char *more = f->n_more ? list_of_more(f) : NULL;
    if (more)
        json_put_value(b, "foil_more", more);
    free(more);
}
