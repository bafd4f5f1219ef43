#include "views/widgets/edit_undo.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define MOST_STEPS 1000
#define MOST_BYTES (4u << 20)

static void forget(struct edit_undo *u, size_t i) {
    struct edit_step *s = &u->steps[i];
    u->bytes -= s->n_removed + s->n_added;
    free(s->removed);
    free(s->added);
}

void edit_undo_dispose(struct edit_undo *u) {
    for (size_t i = 0; i < u->n; i++)
        forget(u, i);
    free(u->steps);
    *u = (struct edit_undo){0};
}

/* What was taken back can no more be done again. */
static void cut(struct edit_undo *u) {
    while (u->n > u->done)
        forget(u, --u->n);
}

static void make_room(struct edit_undo *u, size_t bytes) {
    while (u->n > 0 && (u->n >= MOST_STEPS || u->bytes + bytes > MOST_BYTES)) {
        forget(u, 0);
        memmove(u->steps, u->steps + 1, --u->n * sizeof *u->steps);
        u->done = u->n;
    }
}

static bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t';
}

/* The text `more` after `text`; both are freed. */
static char *joined(char *text, size_t n, char *more, size_t n_more) {
    char *all = mem_alloc(n + n_more + 1);
    if (n)
        memcpy(all, text, n);
    if (n_more)
        memcpy(all + n, more, n_more);
    free(text);
    free(more);
    return all;
}

/* Letters go on where the step before ended; a word that begins does not. */
static bool goes_on(const struct edit_step *before, const struct edit_step *s) {
    return !s->n_removed && !before->n_removed && before->at + before->n_added == s->at &&
           !(is_blank(before->added[before->n_added - 1]) && !is_blank(s->added[0]));
}

/* Letters are erased that lie right before, or right behind, those of the step before. */
static bool erases_on(const struct edit_step *before, const struct edit_step *s) {
    return !s->n_added && !before->n_added &&
           (s->at + s->n_removed == before->at || s->at == before->at);
}

static void join(struct edit_step *to, const struct edit_step *s) {
    const bool behind = s->at == to->at;
    if (s->n_added)
        to->added = joined(to->added, to->n_added, s->added, s->n_added);
    else if (behind)
        to->removed = joined(to->removed, to->n_removed, s->removed, s->n_removed);
    else
        to->removed = joined(s->removed, s->n_removed, to->removed, to->n_removed);
    free(s->n_added ? s->removed : s->added);
    to->at = s->n_added ? to->at : s->at;
    to->n_added += s->n_added;
    to->n_removed += s->n_removed;
}

void edit_undo_note_take(struct edit_undo *u, struct edit_step step, bool typed) {
    cut(u);
    struct edit_step *before = u->n ? &u->steps[u->n - 1] : NULL;
    const bool joins =
        typed && u->open && before && (goes_on(before, &step) || erases_on(before, &step));
    u->open = typed;
    if (!joins)
        make_room(u, step.n_removed + step.n_added);
    u->bytes += step.n_removed + step.n_added;
    if (joins) {
        join(before, &step);
        return;
    }
    u->steps = mem_resize(u->steps, (u->n + 1) * sizeof *u->steps);
    u->steps[u->n++] = step;
    u->done = u->n;
}

const struct edit_step *edit_undo_back(struct edit_undo *u) {
    u->open = false;
    return u->done ? &u->steps[--u->done] : NULL;
}

const struct edit_step *edit_undo_again(struct edit_undo *u) {
    u->open = false;
    return u->done < u->n ? &u->steps[u->done++] : NULL;
}
