#include "app/files/rows_lists.h"

#include "app/files/rows_said.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "methods/result/join.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 65536 /* bytes that are copied at once */

/* How a list grows with a row, as methods/result/join.c has it: */
enum growth {
    GROWS_WITH_ALL,   /* by its text, unless one serves all */
    GROWS_WHERE_SAID, /* by an object, where the row has one */
    GROWS_BY_PAIRS,
    GROWS_BY_NEW,       /* by each text that is not there yet */
    GROWS_BY_CANDIDATES /* one text, of all of them */
};

/* Where the info has it, and where its JSON; the object NULL: on top. */
static const struct {
    const char *object, *key;
    size_t offset;
    enum growth growth;
} decls[] = {
#define AT(member) offsetof(struct result_info, member)
    {NULL, "generated_texts", AT(generated_texts), GROWS_WITH_ALL},
    {NULL, "input_texts", AT(input_texts), GROWS_WITH_ALL},
    {"tinseq", "target_prefixes", AT(target_prefixes), GROWS_WITH_ALL},
    {"tinseq", "command", AT(commands), GROWS_WITH_ALL},
    {"tinseq", "context", AT(context), GROWS_WHERE_SAID},
    {"tinseq", "faithfulness", AT(faithfulness), GROWS_WHERE_SAID},
    {"tinseq", "fields", AT(fields), GROWS_WHERE_SAID},
    {"tinseq", "citations", AT(citations), GROWS_WHERE_SAID},
    {"attributed_fn_args", "contrast_targets", AT(function_args.contrast.targets), GROWS_WITH_ALL},
    {"attributed_fn_args", "contrast_sources", AT(function_args.contrast.sources), GROWS_WITH_ALL},
    {"attributed_fn_args", "contrast_targets_alignments", AT(function_args.contrast),
     GROWS_BY_PAIRS},
    {"step_scores_args", "contrast_targets", AT(score_args.contrast.targets), GROWS_WITH_ALL},
    {"step_scores_args", "contrast_sources", AT(score_args.contrast.sources), GROWS_WITH_ALL},
    {"step_scores_args", "contrast_targets_alignments", AT(score_args.contrast), GROWS_BY_PAIRS},
    {"tinseq", "notices", AT(notices), GROWS_BY_NEW},
    {"tinseq", "candidates", 0, GROWS_BY_CANDIDATES},
#undef AT
};
#define N_LISTS (sizeof decls / sizeof *decls)

struct list {
    FILE *file; /* NULL: the first row's is that of all so far */
    size_t n;
    uint64_t n_bytes;
};

struct rows_lists {
    char *beside;
    int inside; /* depth of what the info holds */
    struct attribution *first;
    size_t n_rows;
    struct list lists[N_LISTS];
    struct rows_said said; /* notices in their file */
    struct result_json_slot slots[N_LISTS];
    size_t list_of[N_LISTS]; /* of a slot */
    size_t n_slots;
    int error; /* errno of a file that could not be read again */
};

struct rows_lists *rows_lists_new(const char *beside, bool primitives) {
    struct rows_lists *l = mem_alloc(sizeof *l);
    l->beside = mem_text(beside);
    l->inside = primitives ? 2 : 3;
    return l;
}

void rows_lists_free(struct rows_lists *l) {
    if (!l)
        return;
    for (size_t i = 0; i < N_LISTS; i++)
        if (l->lists[i].file)
            fclose(l->lists[i].file);
    rows_said_dispose(&l->said);
    free(l->beside);
    free(l);
}

/* --- a list's file --- */

static enum err_code fail(struct err *e, const struct rows_lists *l, int number) {
    return err_set(e, ERR_IO, "a temporary file beside %.200s: %s", l->beside, strerror(number));
}

/* It has no name: however the process ends, it is gone. */
static enum err_code open_file(FILE **out, const struct rows_lists *l, struct err *e) {
    char *path = mem_format("%s-XXXXXX", l->beside);
    const int fd = mkostemp(path, O_CLOEXEC);
    int number = fd < 0 ? errno : 0;
    if (fd >= 0)
        (void)unlink(path);
    *out = fd < 0 ? NULL : fdopen(fd, "w+");
    if (fd >= 0 && !*out) {
        number = errno;
        close(fd);
    }
    free(path);
    return *out ? ERR_OK : fail(e, l, number);
}

/* The depth of its items. */
static int depth_of(const struct rows_lists *l, size_t i) {
    return l->inside + 1 + (decls[i].object != NULL);
}

/* Within the quotes of one text. */
static void put_quoted(struct text_buffer *b, const char *json) {
    struct text_buffer quoted = {0};
    json_write_string(&quoted, json, strlen(json));
    text_buffer_add(b, quoted.text + 1, quoted.n - 2);
    text_buffer_dispose(&quoted);
}

static void put_pretty(struct text_buffer *b, const char *json, int depth) {
    struct json_document *d;
    struct err ignored;
    json_write_line(b, depth);
    if (json_parse(&d, json, strlen(json), &ignored) != ERR_OK) {
        text_buffer_puts(b, "null");
        return;
    }
    json_write(b, json_root(d), depth);
    json_free(d);
}

/* Appends an item; what went wrong the file remembers. */
static void put(struct rows_lists *l, size_t i, const char *json) {
    struct list *list = &l->lists[i];
    struct text_buffer b = {0};
    text_buffer_puts(&b, list->n++ ? "," : "");
    if (decls[i].growth == GROWS_BY_CANDIDATES)
        put_quoted(&b, json);
    else
        put_pretty(&b, json, depth_of(l, i));
    (void)fwrite(b.text, 1, b.n, list->file);
    list->n_bytes += b.n;
    text_buffer_dispose(&b);
}

/* --- an item --- */

static const void *member_of(const struct attribution *a, size_t i) {
    return (const char *)&a->info + decls[i].offset;
}

/* The JSON of a row's own, or of one of several; NULL: it has none. Owned by the caller. */
static char *text_json(const struct attribution *a, size_t i, size_t k) {
    struct text_buffer b = {0};
    const char *text = info_text_of(member_of(a, i), k);
    if (!text || decls[i].growth != GROWS_WITH_ALL)
        return mem_text(text);
    json_write_flat_string(&b, text, strlen(text));
    return text_buffer_take(&b);
}

static void put_text(struct rows_lists *l, size_t i, const struct attribution *a, size_t k) {
    char *json = text_json(a, i, k);
    put(l, i, json ? json : "null");
    free(json);
}

static void pad(struct rows_lists *l, size_t i, size_t n) {
    while (l->lists[i].n < n)
        put(l, i, "null");
}

static void put_pairs(struct rows_lists *l, size_t i, const struct attribution *a) {
    const struct info_contrast *c = member_of(a, i);
    for (size_t k = 0; k < c->n_alignments; k++) {
        struct text_buffer b = {0};
        alignment_write_pairs(&b, &c->alignments[k]);
        put(l, i, b.text);
        text_buffer_dispose(&b);
    }
}

/* --- what is kept once --- */

/* As it stands in the file. */
static struct text_buffer written(const char *text) {
    struct text_buffer b = {0};
    if (text)
        json_write_string(&b, text, strlen(text));
    else
        text_buffer_puts(&b, "null");
    return b;
}

static bool is_said(const struct rows_lists *l, size_t i, const char *text) {
    FILE *file = l->lists[i].file;
    if (!file)
        return info_texts_hold(member_of(l->first, i), text);
    struct text_buffer b = written(text);
    const bool said = rows_said_have(&l->said, file, b.text, b.n);
    text_buffer_dispose(&b);
    return said;
}

static bool says_new(const struct rows_lists *l, size_t i, const struct attribution *one) {
    const struct info_texts *own = member_of(one, i);
    for (size_t k = 0; k < own->n; k++)
        if (!is_said(l, i, own->items[k]))
            return true;
    return false;
}

static void put_said(struct rows_lists *l, size_t i, const struct attribution *a, bool all) {
    const struct info_texts *own = member_of(a, i);
    for (size_t k = 0; k < own->n; k++) {
        if (!all && is_said(l, i, own->items[k]))
            continue;
        struct text_buffer b = written(own->items[k]);
        put(l, i, b.text);
        rows_said_add(&l->said, b.text, b.n, l->lists[i].n_bytes - b.n);
        text_buffer_dispose(&b);
    }
}

/* --- a row --- */

/* Whether the row makes the list longer. */
static bool grows(const struct rows_lists *l, size_t i, const struct attribution *one) {
    const struct info_texts *own = member_of(one, i), *to = member_of(l->first, i);
    const struct info_contrast *c = member_of(one, i), *before = member_of(l->first, i);
    switch (decls[i].growth) {
    case GROWS_WITH_ALL:
        return to->items && own->items &&
               (l->lists[i].file || !to->alone || !own->alone ||
                !text_same(info_text_of(to, 0), info_text_of(own, 0)));
    case GROWS_WHERE_SAID:
        return info_text_of(own, 0) != NULL;
    case GROWS_BY_PAIRS:
        return c->n_alignments && before->n_alignments;
    case GROWS_BY_NEW:
        return says_new(l, i, one);
    default:
        return l->lists[i].file || one->sequences->candidates;
    }
}

/* What was said before the first row that differs. */
static void put_first(struct rows_lists *l, size_t i) {
    const enum growth growth = decls[i].growth;
    if (growth == GROWS_BY_PAIRS)
        put_pairs(l, i, l->first);
    for (size_t k = 0; k < l->n_rows && growth == GROWS_WITH_ALL; k++)
        put_text(l, i, l->first, k);
    if (growth == GROWS_WHERE_SAID)
        put_text(l, i, l->first, 0);
    if (growth == GROWS_BY_NEW)
        put_said(l, i, l->first, true);
}

static void put_row(struct rows_lists *l, size_t i, const struct attribution *one) {
    struct text_buffer b = {0};
    if (decls[i].growth == GROWS_BY_PAIRS) {
        put_pairs(l, i, one);
        return;
    }
    if (decls[i].growth == GROWS_BY_NEW) {
        put_said(l, i, one, false);
        return;
    }
    pad(l, i, l->n_rows);
    if (decls[i].growth != GROWS_BY_CANDIDATES) {
        put_text(l, i, one, 0);
        return;
    }
    result_json_candidates(&b, one->sequences);
    put(l, i, b.text);
    text_buffer_dispose(&b);
}

static enum err_code take(struct rows_lists *l, size_t i, const struct attribution *one,
                          struct err *e) {
    enum err_code code = ERR_OK;
    if (!grows(l, i, one))
        return ERR_OK;
    if (!l->lists[i].file) {
        code = open_file(&l->lists[i].file, l, e);
        if (code)
            return code;
        put_first(l, i);
    }
    put_row(l, i, one);
    return code;
}

/* What is in the files is no more in the row. */
static void strip(struct attribution *one) {
    for (size_t i = 0; i < N_LISTS; i++) {
        void *member = (char *)&one->info + decls[i].offset;
        if (decls[i].growth != GROWS_BY_PAIRS && decls[i].growth != GROWS_BY_CANDIDATES)
            info_texts_dispose(member);
    }
    info_contrast_drop_alignments(&one->info.function_args.contrast);
    info_contrast_drop_alignments(&one->info.score_args.contrast);
    attribution_sequence_dispose(one->sequences);
    one->n_sequences = 0;
}

enum err_code rows_lists_take(struct rows_lists *l, struct attribution *one, struct err *e) {
    enum err_code code = ERR_OK;
    const bool is_first = !l->first;
    if (is_first)
        l->first = one;
    for (size_t i = 0; i < N_LISTS && !code; i++)
        if (!is_first || decls[i].growth == GROWS_BY_CANDIDATES)
            code = take(l, i, one, e);
    if (!is_first)
        strip(one);
    l->n_rows++;
    return code;
}

/* --- the end --- */

/* A list that only later rows have needs a place in the first one's info. */
static void make_place(struct attribution *first, size_t i) {
    struct info_texts *t = (void *)((char *)&first->info + decls[i].offset);
    struct attribution_sequence *s = first->sequences;
    if ((decls[i].growth == GROWS_WHERE_SAID || decls[i].growth == GROWS_BY_NEW) && !t->items)
        info_texts_put_take(t, 0, mem_text("{}"));
    if (decls[i].growth == GROWS_BY_CANDIDATES && !s->candidates)
        s->candidates = mem_alloc(((size_t)attribution_steps(s) + 1) * sizeof *s->candidates);
}

enum err_code rows_lists_end(struct rows_lists *l, struct attribution *first, struct err *e) {
    for (size_t i = 0; i < N_LISTS; i++) {
        FILE *file = l->lists[i].file;
        if (!file)
            continue;
        if (fflush(file) != 0 || ferror(file))
            return fail(e, l, errno);
        make_place(first, i);
        l->list_of[l->n_slots] = i;
        l->slots[l->n_slots++] = (struct result_json_slot){decls[i].object, decls[i].key};
    }
    return ERR_OK;
}

static void copy_file(struct rows_lists *l, FILE *file, struct text_buffer *b) {
    char piece[PIECE];
    size_t n;
    rewind(file);
    while ((n = fread(piece, 1, sizeof piece, file)) > 0) {
        text_buffer_add(b, piece, n);
        text_buffer_drain(b);
    }
    if (ferror(file))
        l->error = errno;
}

static void write_slot(void *user, struct text_buffer *b, size_t slot) {
    struct rows_lists *l = user;
    const size_t i = l->list_of[slot];
    const bool quoted = decls[i].growth == GROWS_BY_CANDIDATES;
    text_buffer_puts(b, quoted ? "\"[" : "[");
    copy_file(l, l->lists[i].file, b);
    if (!quoted)
        json_write_line(b, depth_of(l, i) - 1);
    text_buffer_puts(b, quoted ? "]\"" : "]");
}

struct result_json_fill rows_lists_fill(struct rows_lists *l) {
    return (struct result_json_fill){l->slots, l->n_slots, write_slot, l};
}

enum err_code rows_lists_check(const struct rows_lists *l, struct err *e) {
    return l->error ? fail(e, l, l->error) : ERR_OK;
}
