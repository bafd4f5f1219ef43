#include "app/dataset/split.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A number with "%" or without, or nothing; false: something else. */
static bool read_end(struct split_end *out, const char **at) {
    char *end;
    *out = (struct split_end){0};
    if (!strchr("-0123456789", **at) || !**at)
        return true;
    errno = 0;
    out->value = strtoll(*at, &end, 10);
    if (end == *at || errno)
        return false;
    out->given = true;
    out->percent = *end == '%';
    *at = end + out->percent;
    return !out->percent || llabs(out->value) <= 100;
}

enum err_code split_parse(struct split *out, const char *text, struct err *e) {
    const size_t n = strcspn(text, "[");
    const char *at = text + n;
    *out = (struct split){0};
    if (strchr(text, '+'))
        return err_set(e, ERR_USAGE,
                       "--dataset_split %.60s: one slice at a time; a second run takes the other, "
                       "and tinseq merge joins them",
                       text);
    if (n != strlen("train") || strncmp(text, "train", n) != 0)
        return err_set(e, ERR_USAGE,
                       "--dataset_split %.60s: files have one split, which is called train, as in "
                       "the datasets library: train, train[10:20], train[50%%:]",
                       text);
    if (!*at)
        return ERR_OK;
    at++;
    bool good = read_end(&out->from, &at) && *at == ':';
    at += good;
    good = good && read_end(&out->to, &at) && strcmp(at, "]") == 0;
    if (good)
        return ERR_OK;
    return err_set(
        e, ERR_USAGE,
        "--dataset_split %.60s: a slice is [A:B], each a row or a percent from -100%% to "
        "100%%, or nothing",
        text);
}

static int64_t place(const struct split_end *s, int64_t n, int64_t otherwise) {
    int64_t at = s->value;
    if (!s->given)
        return otherwise;
    if (s->percent)
        at = (int64_t)rint((double)s->value * (double)n / 100.0);
    if (at < 0)
        at = n + at > 0 ? n + at : 0;
    return at;
}

void split_place(int64_t *from, int64_t *to, const struct split *s, int64_t n) {
    *from = place(&s->from, n, 0);
    *to = place(&s->to, n, INT64_MAX);
}
