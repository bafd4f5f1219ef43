#include "methods/declare/foil.h"

#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

bool foil_equal(const struct foil *a, const struct foil *b) {
    return optional_equal(&a->step, &b->step) && a->id == b->id && a->rank == b->rank &&
           text_same(a->text, b->text);
}

/* Digits that begin a word, as a number of at least 1; where they end. NULL: there are none, or too
 * many. */
static const char *read_count(int64_t *out, const char *word) {
    const size_t digits = strspn(word, "0123456789");
    if (digits == 0 || digits > 8)
        return NULL;
    *out = strtoll(word, NULL, 10);
    return *out > 0 ? word + digits : NULL;
}

enum err_code foil_parse(struct foil *out, const char *word, struct err *e) {
    int64_t step = 0, rank = 1;
    const char *after = read_count(&step, word), *text = NULL;
    if (after && after[0] == '=' && after[1])
        text = after + 1;
    else if (after && after[0] == ':')
        after = read_count(&rank, after + 1);
    if (!after || (!text && *after)) {
        *out = (struct foil){0};
        return err_set(
            e, ERR_USAGE,
            "%.40s is not a step such as 3, a step and a rank such as 3:2, or a step and "
            "a word such as 3=Rome",
            word);
    }
    *out = (struct foil){.step = optional_of(step - 1), /* people count from 1 */
                         .rank = text ? 0 : rank,
                         .text = text};
    return ERR_OK;
}

bool foil_read(struct foil *out, const struct json_value *v) {
    struct optional number;
    if (json_named(v, "foil_text") && v->type == JSON_STRING) {
        free((char *)out->text);
        out->text = mem_text_n(v->text, v->n_text);
        return true;
    }
    if (!position_read(&number, v) || number.value < 0)
        return false;
    if (json_named(v, "foil_step"))
        out->step = number;
    else if (json_named(v, "foil_id"))
        out->id = (int32_t)number.value;
    else if (json_named(v, "foil_rank"))
        out->rank = number.value;
    else
        return false;
    return true;
}

void foil_write(struct text_buffer *b, const struct foil *f) {
    if (!foil_given(f))
        return;
    json_put_number(b, "foil_step", (double)f->step.value);
    if (f->rank)
        json_put_number(b, "foil_rank", (double)f->rank);
    else if (!f->text)
        json_put_number(b, "foil_id", f->id);
    json_put_string(b, "foil_text", f->text);
}
