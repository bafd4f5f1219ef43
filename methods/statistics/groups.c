#include "methods/statistics/groups.h"

#include "backend/base/mem.h"

#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct label {
    char *text;
    uint32_t number;
};

struct key {
    struct label **labels; /* by number */
    size_t n;
    void *tree;
};

struct groups {
    struct key keys[GROUPS_MOST_KEYS];
    size_t n_keys;
    struct numbered {
        struct group group;
        size_t number;
    } * *entries; /* in the order of first use */
    size_t n;
    void *tree;
    size_t *touched, n_touched; /* groups that the text under way has values of */
    struct numbered *last;
};

struct groups *groups_new(size_t n_keys) {
    struct groups *g = mem_alloc(sizeof *g);
    g->n_keys = n_keys < GROUPS_MOST_KEYS ? n_keys : GROUPS_MOST_KEYS;
    return g;
}

static void keep(void *p) {
    (void)p; /* what the tree points to is freed by its list */
}

void groups_free(struct groups *g) {
    if (!g)
        return;
    for (size_t k = 0; k < g->n_keys; k++) {
        struct key *key = &g->keys[k];
        tdestroy(key->tree, keep);
        for (size_t i = 0; i < key->n; i++) {
            free(key->labels[i]->text);
            free(key->labels[i]);
        }
        free(key->labels);
    }
    tdestroy(g->tree, keep);
    for (size_t i = 0; i < g->n; i++) {
        text_sample_dispose(&g->entries[i]->group.texts);
        free(g->entries[i]);
    }
    free(g->entries);
    free(g->touched);
    free(g);
}

/* --- labels --- */

static int by_text(const void *a, const void *b) {
    return strcmp(((const struct label *)a)->text, ((const struct label *)b)->text);
}

/* Room for one more in a list that doubles. */
static void *room_for(void *items, size_t n, size_t size) {
    const size_t room = n ? 2 * n : 1;
    return n & (n - 1) ? items : mem_resize(items, room * size);
}

uint32_t groups_label(struct groups *g, size_t key, const char *label) {
    struct key *k = &g->keys[key];
    const struct label wanted = {.text = (char *)label};
    struct label **found = tfind(&wanted, &k->tree, by_text);
    if (found)
        return (*found)->number;
    struct label *made = mem_alloc(sizeof *made);
    *made = (struct label){mem_text(label), (uint32_t)k->n};
    k->labels = room_for(k->labels, k->n, sizeof *k->labels);
    k->labels[k->n++] = made;
    (void)tsearch(made, &k->tree, by_text);
    return made->number;
}

const char *groups_label_text(const struct groups *g, size_t key, uint32_t number) {
    return g->keys[key].labels[number]->text;
}

size_t groups_n_labels(const struct groups *g, size_t key) {
    return g->keys[key].n;
}

/* --- groups --- */

static int by_labels(const void *a, const void *b) {
    return memcmp(((const struct numbered *)a)->group.labels,
                  ((const struct numbered *)b)->group.labels,
                  sizeof((const struct numbered *)a)->group.labels);
}

static struct numbered entry_of(const struct groups *g, const uint32_t *labels) {
    struct numbered out = {0};
    memcpy(out.group.labels, labels, g->n_keys * sizeof *labels);
    return out;
}

static struct numbered *find_entry(const struct groups *g, const uint32_t *labels) {
    const struct numbered wanted = entry_of(g, labels);
    struct numbered **found = tfind(&wanted, &g->tree, by_labels);
    return found ? *found : NULL;
}

static struct numbered *entry_at(struct groups *g, const uint32_t *labels) {
    if (g->last && memcmp(g->last->group.labels, labels, g->n_keys * sizeof *labels) == 0)
        return g->last;
    struct numbered *at = find_entry(g, labels);
    if (!at) {
        at = mem_alloc(sizeof *at);
        *at = entry_of(g, labels);
        at->number = g->n;
        g->entries = room_for(g->entries, g->n, sizeof *g->entries);
        g->touched = room_for(g->touched, g->n, sizeof *g->touched);
        g->entries[g->n++] = at;
        (void)tsearch(at, &g->tree, by_labels);
    }
    return g->last = at;
}

void groups_add(struct groups *g, const uint32_t *labels, double value) {
    struct numbered *at = entry_at(g, labels);
    if (!isfinite(value)) {
        at->group.n_skipped++;
        return;
    }
    if (!at->group.text_n++)
        g->touched[g->n_touched++] = at->number;
    at->group.text_sum += value;
    running_add(&at->group.values, value);
}

void groups_end_text(struct groups *g, void (*each)(void *user, size_t group, double mean),
                     void *user) {
    for (size_t i = 0; i < g->n_touched; i++) {
        struct group *group = &g->entries[g->touched[i]]->group;
        text_sample_add(&group->texts, group->text_sum, group->text_n);
        if (each)
            each(user, g->touched[i], group->text_sum / (double)group->text_n);
        group->n_texts++;
        group->text_sum = 0;
        group->text_n = 0;
    }
    g->n_touched = 0;
}

size_t groups_count(const struct groups *g) {
    return g->n;
}

const struct group *groups_get(const struct groups *g, size_t i) {
    return &g->entries[i]->group;
}

const struct group *groups_find(const struct groups *g, const uint32_t *labels) {
    const struct numbered *at = find_entry(g, labels);
    return at ? &at->group : NULL;
}
