#include "app/dataset/template.h"

#include "backend/base/json.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* What a filter works on. */
struct work {
    char *text; /* NULL: missing or null */
    const char *argument;
    const struct data_row *row;
};

struct filter {
    const char *name, *argument; /* what it takes, as messages call it; NULL: nothing */
    bool fills, defaults;        /* its argument is a field's name; it mends what is missing */
    enum err_code (*run)(struct work *w, struct err *e);
};

struct step {
    const struct filter *filter;
    char *argument;
};

/* A text as it stands, or a field through filters. */
struct part {
    char *text, *field; /* one of both is NULL */
    bool prompt;
    struct step *steps; /* [n_steps] */
    size_t n_steps;
};

struct template {
    struct part *parts; /* [n] */
    size_t n;
};

/* --- filters --- */

static enum err_code run_fill(struct work *w, struct err *e) {
    const char *hole = strstr(w->text, "{}");
    char *with;
    if (!hole)
        return err_set(e, ERR_FORMAT, "\"%.100s\" has no {} that \"%.60s\" could fill", w->text,
                       w->argument);
    (void)data_row_text(&with, w->row, w->argument);
    if (!with)
        return err_set(e, ERR_FORMAT, "its field \"%.100s\", which is to fill another, is %s",
                       w->argument, "missing or null");
    mem_replace(&w->text, mem_format("%.*s%s%s", (int)(hole - w->text), w->text, with, hole + 2));
    free(with);
    return ERR_OK;
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static enum err_code run_trim(struct work *w, struct err *e) {
    const char *from = w->text;
    (void)e;
    while (is_blank(*from))
        from++;
    size_t n = strlen(from);
    while (n && is_blank(from[n - 1]))
        n--;
    mem_replace(&w->text, mem_text_n(from, n));
    return ERR_OK;
}

/* Letter by letter, as Unicode's simple mappings have it. */
static enum err_code change_case(struct work *w, utf8proc_int32_t (*to)(utf8proc_int32_t)) {
    struct text_buffer b = {0};
    utf8proc_int32_t point;
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t n;
    for (const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)w->text; *at; at += n) {
        n = utf8proc_iterate(at, -1, &point);
        if (n <= 0)
            break; /* rows are UTF-8 */
        text_buffer_add(&b, (const char *)bytes, (size_t)utf8proc_encode_char(to(point), bytes));
    }
    mem_replace(&w->text, text_buffer_take(&b));
    return ERR_OK;
}

static enum err_code run_lower(struct work *w, struct err *e) {
    (void)e;
    return change_case(w, utf8proc_tolower);
}

static enum err_code run_upper(struct work *w, struct err *e) {
    (void)e;
    return change_case(w, utf8proc_toupper);
}

static enum err_code run_json(struct work *w, struct err *e) {
    struct text_buffer b = {0};
    (void)e;
    json_write_flat_string(&b, w->text, strlen(w->text));
    mem_replace(&w->text, text_buffer_take(&b));
    return ERR_OK;
}

static enum err_code run_default(struct work *w, struct err *e) {
    (void)e;
    if (!w->text || !*w->text)
        mem_replace(&w->text, mem_text(w->argument));
    return ERR_OK;
}

static const struct filter filters[] = {
    {"fill", "a field's name", true, false, run_fill},
    {"trim", NULL, false, false, run_trim},
    {"lower", NULL, false, false, run_lower},
    {"upper", NULL, false, false, run_upper},
    {"json", NULL, false, false, run_json},
    {"default", "a text", false, true, run_default},
};
#define N_FILTERS (sizeof filters / sizeof *filters)

/* --- parsing --- */

#define MOST_STEPS 8 /* json after json doubles a text each time */

void template_free(struct template *t) {
    if (!t)
        return;
    for (size_t i = 0; i < t->n; i++) {
        for (size_t k = 0; k < t->parts[i].n_steps; k++)
            free(t->parts[i].steps[k].argument);
        free(t->parts[i].steps);
        free(t->parts[i].text);
        free(t->parts[i].field);
    }
    free(t->parts);
    free(t);
}

static struct part *add_part(struct template *t) {
    t->parts = mem_resize(t->parts, (t->n + 1) * sizeof *t->parts);
    t->parts[t->n] = (struct part){0};
    return &t->parts[t->n++];
}

static enum err_code unknown_filter(const char *name, struct err *e) {
    const char *names[N_FILTERS];
    struct text_buffer b = {0};
    for (size_t i = 0; i < N_FILTERS; i++) {
        names[i] = filters[i].name;
        text_buffer_format(&b, "%s%s", i ? ", " : "", names[i]);
    }
    const char *near = text_nearest(name, names, N_FILTERS);
    (void)err_set(e, ERR_USAGE, "there is no filter \"%.60s\"%s%s%s; there are %s", name,
                  near ? "; did you mean " : "", near ? near : "", near ? "?" : "", b.text);
    text_buffer_dispose(&b);
    return ERR_USAGE;
}

static const struct filter *find_filter(const char *name) {
    for (size_t i = 0; i < N_FILTERS; i++)
        if (strcmp(filters[i].name, name) == 0)
            return &filters[i];
    return NULL;
}

/* "name:argument", n bytes. */
static enum err_code add_step(struct part *p, const char *text, size_t n, struct err *e) {
    const char *colon = memchr(text, ':', n);
    char *name = mem_text_n(text, colon ? (size_t)(colon - text) : n);
    const struct filter *f = find_filter(name);
    enum err_code code = ERR_OK;
    if (!f)
        code = unknown_filter(name, e);
    else if (f->argument && !colon)
        code = err_set(e, ERR_USAGE, "the filter %s takes %s: %s:…", name, f->argument, name);
    else if (!f->argument && colon)
        code = err_set(e, ERR_USAGE, "the filter %s takes nothing, not \"%.*s\"", name,
                       (int)(text + n - colon - 1), colon + 1);
    else if (p->n_steps == MOST_STEPS)
        code = err_set(e, ERR_USAGE, "{%.60s|…} has more than %d filters", p->field, MOST_STEPS);
    free(name);
    if (code)
        return code;
    p->steps = mem_resize(p->steps, (p->n_steps + 1) * sizeof *p->steps);
    p->steps[p->n_steps++] = (struct step){
        f, colon ? mem_text_n(colon + 1, (size_t)(text + n - colon - 1)) : mem_text("")};
    return ERR_OK;
}

/* "field|filter|filter", n bytes. */
static enum err_code add_field(struct template *t, const char *text, size_t n, bool input,
                               struct err *e) {
    const char *stop = text + n, *bar = memchr(text, '|', n);
    struct part *p = add_part(t);
    enum err_code code = ERR_OK;
    p->field = mem_text_n(text, bar ? (size_t)(bar - text) : n);
    p->prompt = !input && strcmp(p->field, TEMPLATE_PROMPT) == 0;
    if (!*p->field)
        return err_set(e, ERR_USAGE, "{} names no field; {{}} are braces themselves");
    for (const char *at = bar; at && !code; at = bar) {
        bar = memchr(at + 1, '|', (size_t)(stop - at - 1));
        code = add_step(p, at + 1, (size_t)((bar ? bar : stop) - at - 1), e);
    }
    return code;
}

static void add_text(struct template *t, const char *text, size_t n) {
    if (n)
        add_part(t)->text = mem_text_n(text, n);
}

/* The part at `at`: a brace doubled, a field, or a text up to the next brace; moves behind it. */
static enum err_code take_part(struct template *t, const char **at, bool input, struct err *e) {
    const char *from = *at;
    if ((*from == '{' || *from == '}') && from[1] == *from) {
        add_text(t, from, 1);
        *at += 2;
        return ERR_OK;
    }
    if (*from == '}')
        return err_set(e, ERR_USAGE, "a } without its { (}} is one itself)");
    if (*from != '{') {
        *at += strcspn(from, "{}");
        add_text(t, from, (size_t)(*at - from));
        return ERR_OK;
    }
    const size_t n = strcspn(from + 1, "{}");
    if (from[1 + n] != '}')
        return err_set(e, ERR_USAGE, "a { without its } ({{ is one itself)");
    *at += n + 2;
    return add_field(t, from + 1, n, input, e);
}

enum err_code template_parse(struct template **out, const char *text, bool field, bool input,
                             struct err *e) {
    struct template *t = mem_alloc(sizeof *t);
    struct err inner;
    enum err_code code = ERR_OK;
    const bool plain = !strpbrk(text, "{}");
    *out = NULL;
    if (plain && field)
        add_part(t)->field = mem_text(text);
    else if (plain)
        add_text(t, text, strlen(text));
    for (const char *at = text; !plain && *at && !code;)
        code = take_part(t, &at, input, &inner);
    if (code) {
        template_free(t);
        return err_set(e, code, "in \"%.150s\": %s", text, inner.message);
    }
    *out = t;
    return ERR_OK;
}

static void add_column(struct data_column **columns, size_t *n, const char *name, bool optional) {
    *columns = mem_resize(*columns, (*n + 1) * sizeof **columns);
    (*columns)[(*n)++] = (struct data_column){name, optional};
}

void template_columns(const struct template *t, struct data_column **columns, size_t *n) {
    for (size_t i = 0; i < t->n; i++) {
        const struct part *p = &t->parts[i];
        bool optional = false;
        for (size_t k = 0; k < p->n_steps; k++) {
            optional |= p->steps[k].filter->defaults;
            if (p->steps[k].filter->fills)
                add_column(columns, n, p->steps[k].argument, false);
        }
        if (p->field && !p->prompt)
            add_column(columns, n, p->field, optional);
    }
}

/* --- rendering --- */

struct rendering {
    const struct data_row *row;
    const char *prompt;
    void (*seen)(void *user, const char *field, enum data_kind kind);
    void *user;
};

static enum data_kind read_field(char **out, const struct part *p, const struct rendering *r) {
    if (p->prompt) {
        *out = mem_text(r->prompt);
        return r->prompt ? DATA_TEXT : DATA_MISSING;
    }
    const enum data_kind kind = data_row_text(out, r->row, p->field);
    if (r->seen && kind > DATA_TEXT)
        r->seen(r->user, p->field, kind);
    return kind;
}

/* *meant: the template says what stands where nothing is. */
static enum err_code run_filters(struct work *w, bool *meant, const struct part *p, struct err *e) {
    enum err_code code = ERR_OK;
    *meant = p->prompt;
    for (size_t i = 0; i < p->n_steps && !code; i++) {
        w->argument = p->steps[i].argument;
        *meant |= p->steps[i].filter->defaults;
        if (w->text || p->steps[i].filter->defaults)
            code = p->steps[i].filter->run(w, e);
    }
    return code;
}

static enum err_code render_field(struct text_buffer *b, const struct part *p,
                                  const struct rendering *r, struct err *e) {
    struct work w = {.row = r->row};
    const enum data_kind kind = read_field(&w.text, p, r);
    bool meant;
    enum err_code code = run_filters(&w, &meant, p, e);
    if (code)
        goto out;
    if (!w.text) {
        code = err_set(e, ERR_FORMAT, "its field \"%.100s\" is %s", p->field,
                       kind == DATA_NULL ? "null" : "missing");
        goto out;
    }
    if (!*w.text && !meant && r->seen)
        r->seen(r->user, p->field, DATA_EMPTY);
    text_buffer_puts(b, w.text);
out:
    free(w.text);
    return code;
}

enum err_code template_render(char **out, const struct template *t, const struct data_row *row,
                              const char *prompt,
                              void (*seen)(void *user, const char *field, enum data_kind kind),
                              void *user, struct err *e) {
    const struct rendering r = {row, prompt, seen, user};
    struct text_buffer b = {0};
    enum err_code code = ERR_OK;
    *out = NULL;
    for (size_t i = 0; i < t->n && !code; i++) {
        if (t->parts[i].field)
            code = render_field(&b, &t->parts[i], &r, e);
        else
            text_buffer_puts(&b, t->parts[i].text);
    }
    if (!code)
        *out = text_buffer_take(&b);
    text_buffer_dispose(&b);
    return code;
}
