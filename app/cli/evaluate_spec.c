#include "app/cli/evaluate_spec.h"

#include "app/cli/print.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum err_code whole_number(int64_t *out, const struct cli_arguments *a,
                                  enum cli_option_id id, const char *name, int64_t least,
                                  int64_t most, struct err *e) {
    *out = cli_integer(a, id, *out);
    if (*out < least || *out > most)
        return err_set(e, ERR_USAGE, "%s takes a number from %lld to %lld", name, (long long)least,
                       (long long)most);
    return ERR_OK;
}

static enum err_code number(double *out, const char *text, const char *name, double least,
                            double most, struct err *e) {
    char *end;
    *out = strtod(text, &end);
    if (end == text || *end || !(*out >= least && *out <= most))
        return err_set(e, ERR_USAGE, "%s takes a number from %g to %g, not \"%.40s\"", name, least,
                       most, text);
    return ERR_OK;
}

static enum err_code fill_parts(struct faithfulness_spec *s, const struct cli_arguments *a,
                                struct err *e) {
    const struct cli_value *parts = &a->values[CLI_OPT_PARTS];
    s->counts = cli_flag(a, CLI_OPT_COUNTS);
    if (s->counts && !parts->n)
        return err_set(e, ERR_USAGE, "--counts needs numbers of tokens: --parts 1 2 5 --counts");
    if (parts->n > FAITHFULNESS_MAX_PARTS)
        return err_set(e, ERR_USAGE, "--parts takes at most %d numbers", FAITHFULNESS_MAX_PARTS);
    for (size_t i = 0; i < parts->n; i++) {
        enum err_code code =
            number(&s->parts[i], parts->texts[i], "--parts", 0, s->counts ? 1e6 : 100, e);
        if (code)
            return code;
        if (s->counts && s->parts[i] != floor(s->parts[i]))
            return err_set(e, ERR_USAGE,
                           "with --counts, --parts takes whole numbers, not \"%.40s\"",
                           parts->texts[i]);
    }
    if (parts->n)
        s->n_parts = parts->n;
    return ERR_OK;
}

enum err_code evaluate_intervals(struct over_texts_how *out, const struct cli_arguments *a,
                                 struct err *e) {
    static const char *const kinds[] = {"student", "bootstrap"};
    const char *kind = cli_text(a, CLI_OPT_INTERVAL);
    *out = (struct over_texts_how){.bootstrap = kind && strcmp(kind, "bootstrap") == 0,
                                   .seed = (uint64_t)cli_integer(a, CLI_OPT_SEED, 0)};
    return !kind || out->bootstrap || strcmp(kind, "student") == 0
               ? ERR_OK
               : cli_unknown("unknown interval", kind, kinds, 2,
                             "--interval is student or bootstrap", e);
}

enum err_code evaluate_spec(struct faithfulness_spec *s, const struct cli_arguments *a,
                            struct err *e) {
    *s = faithfulness_defaults();
    int64_t seed = 0;
    const struct {
        int64_t *to;
        enum cli_option_id id;
        const char *name;
        int64_t least, most;
    } numbers[] = {{&s->n_points, CLI_OPT_POINTS, "--points", 1, 1000},
                   {&s->n_random, CLI_OPT_RANDOM, "--random", 0, 1000},
                   {&s->n_top, CLI_OPT_TOP, "--top", 1, 1000},
                   {&s->n_noise, CLI_OPT_NOISE_SAMPLES, "--noise_samples", 0, 1000},
                   {&seed, CLI_OPT_SEED, "--seed", 0, INT64_MAX}};
    enum err_code code = fill_parts(s, a, e);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && !code; i++)
        code = whole_number(numbers[i].to, a, numbers[i].id, numbers[i].name, numbers[i].least,
                            numbers[i].most, e);
    if (!code && cli_text(a, CLI_OPT_NOISE))
        code = number(&s->noise, cli_text(a, CLI_OPT_NOISE), "--noise", 0, 10, e);
    s->seed = (uint64_t)seed;
    return code;
}
