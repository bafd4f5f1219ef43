#include "app/jobs/cost_store.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_SECONDS 0.02
#define NEWEST_SHARE 0.5  /* of the newest run in what is kept */
#define WORTH_WRITING 0.1 /* a change of less stays in memory */
#define MOST_RATES 500    /* then the file begins anew */

/* Runs of one size on an idle machine differ by so much. */
#define SPREAD 1.5
/* One that is four times as large may be so much faster. */
#define FASTER_LARGER 1.6
#define MOST_SIZES 30 /* factors of four */

/* To a factor of four. */
static int size_of(double operations) {
    const double size = operations >= 1 ? floor(log2(operations) / 2) : 0;
    return size < MOST_SIZES ? (int)size : MOST_SIZES;
}

static char *key_of(const char *how, const char *method, int size) {
    return mem_format("%s %s, 4^%d", method, how, size);
}

static struct cost_rate *find(const struct cost_store *s, const char *key) {
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->rates[i].key, key) == 0)
            return &s->rates[i];
    return NULL;
}

static void add(struct cost_store *s, const char *key, double rate) {
    s->rates = mem_resize(s->rates, (s->n + 1) * sizeof *s->rates);
    s->rates[s->n++] = (struct cost_rate){mem_text(key), rate};
}

void cost_store_open(struct cost_store *s, const char *path) {
    char *text;
    size_t n;
    struct err e;
    *s = (struct cost_store){.path = mem_text(path)};
    if (!path || file_read(&text, &n, path, 1 << 20, &e) != ERR_OK)
        return;
    cJSON *json = cJSON_Parse(text), *item;
    free(text);
    cJSON_ArrayForEach(item, json) if (cJSON_IsNumber(item) && item->string &&
                                       item->valuedouble > 0 && isfinite(item->valuedouble) &&
                                       s->n < MOST_RATES) add(s, item->string, item->valuedouble);
    cJSON_Delete(json);
}

static void write(const struct cost_store *s) {
    cJSON *json = cJSON_CreateObject();
    for (size_t i = 0; i < s->n; i++)
        cJSON_AddNumberToObject(json, s->rates[i].key, s->rates[i].rate);
    char *text = cJSON_Print(json), *folder = file_folder(s->path);
    struct err e;
    /* A state folder that cannot be written to only means that the next guess is as good as the
     * first. */
    if (text && file_make_folders(folder, &e) == ERR_OK &&
        file_write(s->path, text, strlen(text), &e) != ERR_OK)
        err_clear(&e);
    cJSON_free(text);
    free(folder);
    cJSON_Delete(json);
}

void cost_store_close(struct cost_store *s) {
    if (s->path && s->changed)
        write(s);
    for (size_t i = 0; i < s->n; i++)
        free(s->rates[i].key);
    free(s->rates);
    free(s->path);
    *s = (struct cost_store){0};
}

static const struct cost_rate *find_size(const struct cost_store *s, const char *how,
                                         const char *method, int size) {
    char *key = key_of(how, method, size);
    const struct cost_rate *r = find(s, key);
    free(key);
    return r;
}

bool cost_store_rates(struct cost_rates *out, const struct cost_store *s, const char *how,
                      const char *method, double operations) {
    const int size = size_of(operations);
    const struct cost_rate *r = NULL;
    int apart = 0; /* how much larger this run is */
    for (int d = 0; d <= 2 * MOST_SIZES && !r; d++) {
        apart = d % 2 ? (d + 1) / 2 : -d / 2;
        r = find_size(s, how, method, size - apart);
    }
    if (!r)
        return false;
    const double more = pow(FASTER_LARGER, abs(apart));
    *out = (struct cost_rates){r->rate / SPREAD / (apart < 0 ? more : 1),
                               r->rate * SPREAD * (apart > 0 ? more : 1)};
    return true;
}

void cost_store_learn(struct cost_store *s, const char *how, const char *method, double operations,
                      double seconds) {
    double rate = operations / seconds;
    if (!(seconds >= LEAST_SECONDS) || !(rate > 0) || !isfinite(rate))
        return;
    char *key = key_of(how, method, size_of(operations));
    struct cost_rate *r = find(s, key);
    if (r) {
        double mixed = NEWEST_SHARE * rate + (1 - NEWEST_SHARE) * r->rate;
        s->changed |= fabs(mixed - r->rate) > WORTH_WRITING * r->rate;
        r->rate = mixed;
    } else if (s->n < MOST_RATES) {
        add(s, key, rate);
        s->changed = true;
    }
    free(key);
}
