#include "app/cli/aggregation.h"

#include "aggregators/registry.h"
#include "app/cli/alignments.h"
#include "backend/base/json.h"
#include "methods/declare/declare.h"

#include <stdlib.h>
#include <string.h>

#define MAX_STEPS (SCORES_MAX_DIMS - 2)

bool cli_aggregates(const struct cli_arguments *a) {
    static const enum cli_option_id ids[] = {
        CLI_OPT_AGGREGATORS, CLI_OPT_SELECTORS, CLI_OPT_AGGREGATION_KWARGS,
        CLI_OPT_UNIT,        CLI_OPT_WEIGHT,    CLI_OPT_PAIR};
    bool any = false;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        any |= a->values[ids[i]].given;
    return any;
}

bool cli_changes_scores(const struct cli_arguments *a) {
    return cli_aggregates(a) || a->values[CLI_OPT_NORMALIZE].given ||
           a->values[CLI_OPT_RESCALE].given;
}

static void set_text(struct aggregate_stage *s, const char *key, const char *text, size_t n) {
    struct text_buffer b = {0};
    json_write_flat_string(&b, text, n);
    pipeline_set(s, key, b.text);
    text_buffer_dispose(&b);
}

/* --weight_attributions aggregates as usual first. */
static void add_weight(struct pipeline *p, const struct cli_arguments *a) {
    const char *name = cli_text(a, CLI_OPT_WEIGHT);
    if (!name)
        return;
    pipeline_append(p, "default", NULL);
    set_text(pipeline_append(p, "weight", NULL), "step_score", name, strlen(name));
}

/* Each picks an entry of the next stage that reduces; more of them are stages of their own. */
static void add_selectors(struct pipeline *p, const struct cli_arguments *a) {
    const struct cli_value *selectors = &a->values[CLI_OPT_SELECTORS];
    size_t at = 0;
    for (size_t i = 0; i < selectors->n; i++) {
        while (at < p->n && !p->stages[at].aggregator->reduces)
            at++;
        if (at == p->n)
            pipeline_append(p, "scores", NULL);
        char *entry = mem_format("%lld", (long long)selectors->integers[i]);
        pipeline_set(&p->stages[at++], "select_idx", entry);
        free(entry);
    }
}

/* --- units --- */

/* "rows", "columns", or both where nothing is said; the unit begins behind it. */
static const char *take_side(const char **side, const char *word) {
    static const char *const sides[] = {"rows", "columns"};
    *side = NULL;
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        const size_t n = strlen(sides[i]);
        if (strncmp(word, sides[i], n) == 0 && word[n] == '=') {
            *side = sides[i];
            return word + n + 1;
        }
    }
    return word;
}

struct unit_sides {
    bool rows, columns;
};

/* One side's unit, once. */
static enum err_code set_side(struct aggregate_stage *s, bool *given, const char *side,
                              const char *name, size_t n, struct err *e) {
    if (*given)
        return err_set(e, ERR_USAGE, "--unit says twice what %s are", side);
    *given = true;
    set_text(s, side, name, n);
    return ERR_OK;
}

/* NULL: both. */
static enum err_code set_sides(struct aggregate_stage *s, struct unit_sides *given,
                               const char *side, const char *name, size_t n, struct err *e) {
    enum err_code code = ERR_OK;
    if (!side || strcmp(side, "rows") == 0)
        code = set_side(s, &given->rows, "rows", name, n, e);
    if (code || (side && strcmp(side, "columns") != 0))
        return code;
    return set_side(s, &given->columns, "columns", name, n, e);
}

/* NAME or NAME:FUNCTION, of both sides or of one; the sum where no function is given. */
static enum err_code set_unit(struct aggregate_stage *s, struct unit_sides *given, const char *word,
                              struct err *e) {
    const char *side, *name = take_side(&side, word), *colon = strchr(name, ':');
    const struct aggregate_function *before = s->function;
    const size_t n = colon ? (size_t)(colon - name) : strlen(name);
    enum err_code code = set_sides(s, given, side, name, n, e);
    if (code)
        return code;
    code = pipeline_set_function(s, colon ? colon + 1 : "sum", e);
    if (!code && before && before != s->function)
        code = err_set(e, ERR_USAGE,
                       "--unit merges rows and columns by one function, not by %s and by %s",
                       before->id, s->function->id);
    return code;
}

/* spans and the like are aggregators already: a unit by hand. */
static enum err_code add_unit_by_hand(bool *added, struct pipeline *p, const char *word,
                                      struct err *e) {
    const size_t n = strcspn(word, ":");
    *added = n == strlen("spans") && strncmp(word, "spans", n) == 0;
    if (!*added)
        return ERR_OK;
    struct aggregate_stage *s = pipeline_append(p, "spans", NULL);
    return pipeline_set_function(s, word[n] ? word + n + 1 : "sum", e);
}

static enum err_code add_units(struct pipeline *p, const struct cli_arguments *a, struct err *e) {
    const struct cli_value *units = &a->values[CLI_OPT_UNIT];
    struct aggregate_stage *s = NULL;
    struct unit_sides given = {0};
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < units->n && !code; i++) {
        bool by_hand;
        code = add_unit_by_hand(&by_hand, p, units->texts[i], e);
        if (code || by_hand)
            continue;
        if (!s || s != &p->stages[p->n - 1])
            s = pipeline_append(p, "units", NULL);
        code = set_unit(s, &given, units->texts[i], e);
    }
    return code;
}

/* --- options of all stages --- */

/* To every stage from `first` on that scales; where none does, one is added. */
static void set_scaling(struct pipeline *p, size_t first, const char *key, bool on) {
    bool taken = false;
    for (size_t i = first; i < p->n; i++)
        if (pipeline_takes(&p->stages[i], key)) {
            pipeline_set(&p->stages[i], key, on ? "true" : "false");
            taken = true;
        }
    if (!taken && on)
        pipeline_set(pipeline_append(p, "default", NULL), key, "true");
}

/* Weighted columns are not normalised afterwards: that is of the aggregation before. */
static void add_scaling(struct pipeline *p, const struct cli_arguments *a) {
    const size_t behind = a->values[CLI_OPT_WEIGHT].given ? 2 : 0;
    if (a->values[CLI_OPT_NORMALIZE].given)
        set_scaling(p, 0, "normalize", cli_flag(a, CLI_OPT_NORMALIZE));
    if (cli_flag(a, CLI_OPT_RESCALE))
        set_scaling(p, behind, "rescale", true);
}

static enum err_code set_punctuation(struct pipeline *p, const struct cli_arguments *a,
                                     struct err *e) {
    const char *how = cli_text(a, CLI_OPT_PUNCTUATION);
    bool taken = false;
    for (size_t i = 0; i < p->n && how; i++)
        if (pipeline_takes(&p->stages[i], "punctuation")) {
            set_text(&p->stages[i], "punctuation", how, strlen(how));
            taken = true;
        }
    if (how && !taken)
        return err_set(e, ERR_USAGE,
                       "--punctuation says what a word is: it needs --unit word, or subwords");
    return ERR_OK;
}

/* NAME=FUNCTION: members of span_rules. */
static enum err_code set_span_rules(struct pipeline *p, const struct cli_arguments *a,
                                    struct err *e) {
    const struct cli_value *rules = &a->values[CLI_OPT_SPAN_RULE];
    struct text_buffer b = {0};
    bool taken = false;
    for (size_t i = 0; i < rules->n; i++) {
        const char *equals = strrchr(rules->texts[i], '=');
        if (!equals || equals == rules->texts[i]) {
            text_buffer_dispose(&b);
            return err_set(e, ERR_USAGE, "--span_rule is NAME=FUNCTION, as in entropy=mean");
        }
        char *name = mem_text_n(rules->texts[i], (size_t)(equals - rules->texts[i]));
        json_put_string(&b, name, equals + 1);
        free(name);
    }
    char *object = json_take_object(&b);
    for (size_t i = 0; i < p->n && rules->n; i++)
        if (pipeline_takes(&p->stages[i], "span_rules")) {
            pipeline_set(&p->stages[i], "span_rules", object);
            taken = true;
        }
    free(object);
    if (rules->n && !taken)
        return err_set(e, ERR_USAGE,
                       "--span_rule says how the step scores of merged tokens merge: it needs "
                       "--unit, or an aggregator that merges tokens");
    return ERR_OK;
}

static enum err_code set_options(struct pipeline *p, const struct cli_arguments *a, struct err *e) {
    const char *kwargs = cli_text(a, CLI_OPT_AGGREGATION_KWARGS);
    enum err_code code = set_punctuation(p, a, e);
    if (code)
        return code;
    code = set_span_rules(p, a, e);
    if (!code && kwargs)
        code = pipeline_options(p, kwargs, e);
    return code;
}

/* --- the pipeline --- */

static bool has_stage(const struct pipeline *p, const char *id) {
    bool has = false;
    for (size_t i = 0; i < p->n; i++)
        has |= strcmp(p->stages[i].aggregator->id, id) == 0;
    return has;
}

/* `pair` is the last stage, whether it is named or --pair says it. */
static enum err_code add_pair(struct pipeline *p, const struct cli_arguments *a, struct err *e) {
    if (has_stage(p, "pair") && !a->values[CLI_OPT_PAIR].given)
        return err_set(e, ERR_USAGE, "pair needs another result: show FILE --pair FILE");
    if (a->values[CLI_OPT_PAIR].given && !has_stage(p, "pair"))
        pipeline_append(p, "pair", NULL);
    return ERR_OK;
}

static enum err_code add_named(struct pipeline *p, const struct cli_arguments *a, struct err *e) {
    const struct cli_value *names = &a->values[CLI_OPT_AGGREGATORS];
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < names->n && !code; i++)
        code = pipeline_add(p, names->texts[i], e);
    return code;
}

static bool joins_tokens(const struct pipeline *p) {
    bool any = false;
    for (size_t i = 0; i < p->n; i++)
        any |= p->stages[i].aggregator->changes_tokens && p->stages[i].aggregator->function;
    return any;
}

/* What is aligned where no unit is given. */
static enum err_code add_words(struct pipeline *p, struct err *e) {
    struct unit_sides given = {0};
    return set_unit(pipeline_append(p, "units", NULL), &given, "word", e);
}

/* Left to right: the weights, what is named (without it what is usual), the unit, the pair. */
static enum err_code add_stages(struct pipeline *p, const struct cli_arguments *a, struct err *e) {
    const bool weighted = a->values[CLI_OPT_WEIGHT].given;
    add_weight(p, a);
    enum err_code code = add_named(p, a, e);
    if (code)
        return code;
    add_selectors(p, a);
    if (weighted && pipeline_reductions(p))
        return err_set(e, ERR_USAGE,
                       "--weight_attributions aggregates as usual first: nothing is left that "
                       "another aggregation of scores could reduce");
    if (p->n == 0 || (p->n == 1 && has_stage(p, "pair")) ||
        (cli_flag(a, CLI_OPT_AGGREGATE_OUTPUT) && !has_stage(p, "pair") && !weighted))
        pipeline_insert_default(p);
    add_scaling(p, a);
    code = add_units(p, a, e);
    if (code)
        return code;
    if (cli_aligns(a) && !joins_tokens(p))
        code = add_words(p, e);
    if (code)
        return code;
    return add_pair(p, a, e);
}

enum err_code cli_pipeline(struct pipeline *out, const struct cli_arguments *a, struct err *e) {
    *out = (struct pipeline){0};
    enum err_code code = add_stages(out, a, e);
    if (code)
        return code;
    code = set_options(out, a, e);
    if (code)
        return code;
    return pipeline_check(out, e);
}

/* --- checks before a run --- */

/* Dimensions beyond rows and columns that a method's scores may have. Several layers, or heads,
 * have one of their own. Of a file (no model is given) nothing is known before it is read. */
static size_t inner_dimensions(const struct method_decl *m, bool model) {
    static const int dimensions[] = {[AXES_TOKENS] = 0,
                                     [AXES_TOKENS_WIDTH] = 1,
                                     [AXES_TOKENS_LAYERS] = 1,
                                     [AXES_TOKENS_LAYERS_HEADS] = 2};
    size_t most = model ? (size_t)dimensions[m->axes] : MAX_STEPS;
    for (size_t i = 0; i < m->n_options; i++) {
        const char *name = m->options[i].name;
        most += m->axes == AXES_TOKENS_WIDTH && strcmp(name, "layers") == 0;
        most += m->axes == AXES_TOKENS_LAYERS &&
                (strcmp(name, "per_head") == 0 || strcmp(name, "output") == 0);
    }
    return most;
}

/* Of a run the step scores are known before it begins. */
static enum err_code check_weight(const struct cli_arguments *a, struct err *e) {
    const char *name = cli_text(a, CLI_OPT_WEIGHT);
    const struct cli_value *scores = &a->values[CLI_OPT_STEP_SCORES];
    bool asked = !name || !a->values[CLI_OPT_MODEL].given || strcmp(name, "deltas") == 0;
    for (size_t i = 0; i < scores->n; i++)
        asked |= name && strcmp(scores->texts[i], name) == 0;
    if (!asked)
        return err_set(e, ERR_USAGE,
                       "--weight_attributions %.60s: ask for these step scores with --step_scores",
                       name);
    return ERR_OK;
}

enum err_code cli_check_aggregation(const struct cli_arguments *a, const char *method,
                                    struct err *e) {
    struct pipeline p;
    const struct method_decl *m = method_decl_find(method ? method : "saliency");
    enum err_code code = ERR_OK;
    if (a->values[CLI_OPT_NORMALIZE].given && cli_flag(a, CLI_OPT_NORMALIZE) &&
        cli_flag(a, CLI_OPT_RESCALE))
        return err_set(e, ERR_USAGE,
                       "--normalize_attributions or --rescale_attributions, not both");
    code = cli_pipeline(&p, a, e);
    if (code)
        goto out;
    code = check_weight(a, e);
    if (code)
        goto out;
    const size_t most = m ? inner_dimensions(m, a->values[CLI_OPT_MODEL].given) : MAX_STEPS,
                 steps = pipeline_reductions(&p);
    if (steps > most)
        code = err_set(e, ERR_USAGE, "%zu aggregations for %zu dimension%s beyond rows and columns",
                       steps, most, most == 1 ? "" : "s");
out:
    pipeline_dispose(&p);
    return code;
}
