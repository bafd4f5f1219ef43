#include "app/cli/stats_spec.h"

#include "app/cli/aggregation.h"
#include "app/cli/print.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OF_TOKENS "attribution" /* the score of --score and --correlate that is each token's */

static char *own(struct stats_request *r, char *taken) {
    r->texts = mem_resize(r->texts, (r->n_texts + 1) * sizeof *r->texts);
    return r->texts[r->n_texts++] = taken;
}

/* --- --by --- */

static enum err_code add_by(struct stats_spec *s, const char *word, struct err *e) {
    if (s->n_by == GROUPS_MOST_KEYS)
        return err_set(e, ERR_USAGE, "--by takes %d groupings at most", GROUPS_MOST_KEYS);
    s->by[s->n_by++] = stats_by_read(word);
    for (size_t i = 0; i + 1 < s->n_by; i++)
        if (strcmp(stats_by_name(&s->by[i]), stats_by_name(&s->by[s->n_by - 1])) == 0)
            return err_set(e, ERR_USAGE, "--by %.60s is given twice", word);
    return ERR_OK;
}

static enum err_code read_by(struct stats_request *r, const struct cli_arguments *a,
                             struct err *e) {
    const struct cli_value *by = &a->values[CLI_OPT_BY];
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < by->n && !code; i++)
        code = add_by(&r->spec, by->texts[i], e);
    return code;
}

/* --- --role, --where, --layers --- */

static enum err_code read_roles(struct stats_request *r, const struct cli_arguments *a,
                                struct err *e) {
    const struct cli_value *roles = &a->values[CLI_OPT_ROLE];
    r->roles = mem_alloc((roles->n + 1) * sizeof *r->roles);
    for (size_t i = 0; i < roles->n; i++) {
        char *text = own(r, mem_text(roles->texts[i])), *equals = strchr(text, '=');
        if (!equals || equals == text || !equals[1])
            return err_set(e, ERR_USAGE,
                           "--role is NAME=COLUMN, as in subject=subject: the column says what of "
                           "the input it is, not \"%.60s\"",
                           text);
        *equals = '\0';
        r->roles[r->spec.n_roles++] = (struct stats_role){text, equals + 1};
    }
    r->spec.roles = r->roles;
    return ERR_OK;
}

static enum err_code read_filter(struct stats_request *r, const char *word, struct err *e) {
    char *text = own(r, mem_text(word)), *at = text + strcspn(text, "=!<>");
    struct stats_filter f = {.test = STATS_IS};
    const char test = *at;
    if (at == text || !test || (test == '!' && at[1] != '='))
        return err_set(e, ERR_USAGE,
                       "--where is KEY=VALUE, KEY!=VALUE, KEY<NUMBER or KEY>NUMBER, not \"%.60s\"",
                       word);
    f.value = at + (test == '!' ? 2 : 1);
    if (test == '!')
        f.test = STATS_IS_NOT;
    else if (test != '=')
        f.test = test == '<' ? STATS_BELOW : STATS_ABOVE;
    *at = '\0';
    f.by = stats_by_read(text);
    r->filters[r->spec.n_filters++] = f;
    return ERR_OK;
}

/* "3", "3:", ":6", "3:6". */
static bool is_range(const char *text) {
    const size_t from = strspn(text, "0123456789"), colon = text[from] == ':';
    const size_t to = strspn(text + from + colon, "0123456789");
    return from + to > 0 && !text[from + colon + to];
}

static enum err_code read_filters(struct stats_request *r, const struct cli_arguments *a,
                                  struct err *e) {
    const struct cli_value *where = &a->values[CLI_OPT_WHERE];
    const char *layers = cli_text(a, CLI_OPT_LAYERS);
    enum err_code code = ERR_OK;
    r->filters = mem_alloc((where->n + 1) * sizeof *r->filters);
    for (size_t i = 0; i < where->n && !code; i++)
        code = read_filter(r, where->texts[i], e);
    if (layers && !is_range(layers))
        return err_set(e, ERR_USAGE, "--layers is A:B, up to but not including B, not \"%.40s\"",
                       layers);
    if (layers)
        r->filters[r->spec.n_filters++] =
            (struct stats_filter){{.id = STATS_KEY_LAYER}, STATS_IS, layers};
    r->spec.filters = r->filters;
    return code;
}

/* --- which scores --- */

static enum err_code read_side(struct stats_request *r, const struct cli_arguments *a,
                               struct err *e) {
    static const char *const names[] = {"source", "target", "both"};
    const char *side = cli_text(a, CLI_OPT_SIDE);
    bool known = !side;
    for (size_t i = 0; side && i < 3; i++)
        known |= strcmp(side, names[i]) == 0;
    if (!known)
        return cli_unknown("unknown side", side, names, 3, "it is source, target or both", e);
    r->spec.source = side && strcmp(side, "target") != 0;
    r->spec.target = side && strcmp(side, "source") != 0;
    return ERR_OK;
}

static void set_score(struct stats_request *r, const char *score) {
    r->spec.score = score && strcmp(score, OF_TOKENS) != 0 ? score : NULL;
}

static enum err_code read_correlate(struct stats_request *r, const struct cli_arguments *a,
                                    struct err *e) {
    const struct cli_value *v = &a->values[CLI_OPT_CORRELATE];
    const char *from = cli_text(a, CLI_OPT_DISTANCE), *score = cli_text(a, CLI_OPT_SCORE);
    char *end = NULL;
    r->distance_from = from ? strtod(from, &end) : NAN;
    if (from && (end == from || *end || !isfinite(r->distance_from)))
        return err_set(e, ERR_USAGE, "--distance_from takes a number, not \"%.40s\"", from);
    if (from && !v->given)
        return err_set(e, ERR_USAGE, "--distance_from is about --correlate, which is not given");
    set_score(r, score);
    if (!v->given)
        return ERR_OK;
    if (v->n > 2)
        return err_set(e, ERR_USAGE,
                       "--correlate takes a score and a column, or a column: files stand before "
                       "the options, or behind --");
    if (v->n == 2 && score)
        return err_set(e, ERR_USAGE, "--correlate %.60s names the score: leave out --score",
                       v->texts[0]);
    if (v->n == 2)
        set_score(r, v->texts[0]);
    r->column = v->texts[v->n - 1];
    return ERR_OK;
}

static enum err_code read_bootstrap(struct stats_request *r, const struct cli_arguments *a,
                                    struct err *e) {
    const int64_t draws = cli_integer(a, CLI_OPT_RESAMPLES, 1000);
    const char *level = cli_text(a, CLI_OPT_LEVEL);
    char *end = NULL;
    r->level = level ? strtod(level, &end) / 100 : 0.95;
    if (draws < 0 || draws > 1000000)
        return err_set(e, ERR_USAGE, "--resamples takes 0 to 1000000, not %lld", (long long)draws);
    if (level && (end == level || *end || !(r->level > 0 && r->level < 1)))
        return err_set(e, ERR_USAGE, "--level takes percents between 0 and 100, not \"%.40s\"",
                       level);
    r->draws = (size_t)draws;
    r->seed = (uint64_t)cli_integer(a, CLI_OPT_SEED, 0);
    return ERR_OK;
}

bool cli_stats_is_text(const char *path) {
    return text_ends_with(path, ".csv") || text_ends_with(path, ".json");
}

static bool is_text_file(const struct cli_arguments *a) {
    const char *path = cli_text(a, CLI_OPT_SAVE);
    return path && cli_stats_is_text(path);
}

/* A map a text is of layers, which then stay. */
static enum err_code read_multiples(struct stats_request *r, const struct cli_arguments *a,
                                    struct err *e) {
    static const char *const names[] = {"example"};
    const char *word = cli_text(a, CLI_OPT_MULTIPLES);
    if (!word)
        return ERR_OK;
    if (strcmp(word, names[0]) != 0)
        return cli_unknown("unknown --multiples", word, names, 1, "there is example", e);
    if (r->spec.n_by || r->column)
        return err_set(e, ERR_USAGE,
                       "--multiples makes a map of each text by token and layer: leave out --%s",
                       r->column ? "correlate" : "by");
    if (cli_flag(a, CLI_OPT_CSV) || cli_flag(a, CLI_OPT_JSON) || is_text_file(a))
        return err_set(e, ERR_USAGE,
                       "--multiples makes maps: as numbers it is --by text position layer");
    r->spec.by[r->spec.n_by++] = (struct stats_by){.id = STATS_KEY_LAYER};
    r->n_examples = (size_t)cli_integer(a, CLI_OPT_MOST, 12);
    return ERR_OK;
}

/* --- the pipeline --- */

static bool has_units(const struct pipeline *p) {
    bool has = false;
    for (size_t i = 0; i < p->n; i++)
        has |= strcmp(p->stages[i].aggregator->id, "units") == 0;
    return has;
}

/* Whether rows are words by --unit. */
static bool are_words(const struct cli_arguments *a) {
    const struct cli_value *units = &a->values[CLI_OPT_UNIT];
    bool words = false;
    for (size_t i = 0; i < units->n; i++) {
        const char *equals = strchr(units->texts[i], '='),
                   *name = equals ? equals + 1 : units->texts[i];
        words |= strncmp(name, "word", 4) == 0 && (!name[4] || name[4] == ':') &&
                 strncmp(units->texts[i], "columns=", 8) != 0;
    }
    return words;
}

static enum err_code add_words(struct pipeline *p, struct err *e) {
    struct aggregate_stage *s = pipeline_append(p, "units", NULL);
    pipeline_set(s, "rows", "\"word\"");
    return pipeline_set_function(s, "sum", e);
}

/* Layers stay, so what is usual where nothing is named is left out; words are joined. */
static enum err_code read_pipeline(struct stats_request *r, const struct cli_arguments *a,
                                   struct err *e) {
    const bool layers = stats_uses_scope(&r->spec, STATS_LAYER) ||
                        stats_uses_scope(&r->spec, STATS_HEAD),
               words = stats_uses_key(&r->spec, STATS_KEY_WORD),
               units = stats_uses_key(&r->spec, STATS_KEY_UNIT);
    enum err_code code = cli_pipeline(&r->pipeline, a, e);
    if (code)
        return code;
    if (layers && (a->values[CLI_OPT_NORMALIZE].given || a->values[CLI_OPT_RESCALE].given))
        return err_set(e, ERR_USAGE,
                       "by layer or head scores are as they were saved: columns are scaled once "
                       "those are aggregated");
    if (layers)
        pipeline_drop_default(&r->pipeline);
    if (units && !has_units(&r->pipeline))
        return err_set(e, ERR_USAGE, "--by unit needs --unit, which says what it is");
    if (words && has_units(&r->pipeline) && !are_words(a))
        return err_set(e, ERR_USAGE, "--by word is of words: with another --unit it is --by unit");
    if (words && !has_units(&r->pipeline))
        code = add_words(&r->pipeline, e);
    r->spec.pipeline = &r->pipeline;
    return code ? code : pipeline_check(&r->pipeline, e);
}

enum err_code cli_stats_read(struct stats_request *out, const struct cli_arguments *a,
                             struct err *e) {
    static enum err_code (*const parts[])(struct stats_request *, const struct cli_arguments *,
                                          struct err *) = {
        read_by,        read_roles,     read_filters,   read_side,
        read_correlate, read_multiples, read_bootstrap, read_pipeline};
    enum err_code code = ERR_OK;
    *out = (struct stats_request){0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !code; i++)
        code = parts[i](out, a, e);
    return code;
}

void cli_stats_dispose(struct stats_request *r) {
    pipeline_dispose(&r->pipeline);
    for (size_t i = 0; i < r->n_texts; i++)
        free(r->texts[i]);
    free(r->texts);
    free(r->filters);
    free(r->roles);
    *r = (struct stats_request){0};
}
