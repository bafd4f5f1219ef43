#include "app/cli/cli.h"

#include "app/files/request.h"
#include "backend/base/json.h"
#include "backend/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err_code check_utf8(const struct cli_value *v, const char *what, struct err *e) {
    for (size_t i = 0; i < v->n; i++) {
        size_t at;
        if (!text_valid_utf8(v->texts[i], strlen(v->texts[i]), &at))
            return err_set(e, ERR_FORMAT, "the %s is not UTF-8 (at byte %zu)", what, at);
    }
    return ERR_OK;
}

/* Options of Inseq's that have no meaning here may only say so. */
static enum err_code check_unused(const struct cli_arguments *a, struct err *e) {
    static const struct {
        enum cli_option_id id;
        const char *name, *instead;
    } kwargs[] = {{CLI_OPT_MODEL_KWARGS, "--model_kwargs", "use --dtype, --device and --threads"},
                  {CLI_OPT_TOKENIZER_KWARGS, "--tokenizer_kwargs",
                   "the model's own files say how its tokenizer works"}};
    for (size_t i = 0; i < sizeof kwargs / sizeof *kwargs; i++) {
        const char *text = cli_text(a, kwargs[i].id);
        struct json_document *d;
        struct err ignored;
        if (!text)
            continue;
        bool empty = json_parse(&d, text, strlen(text), &ignored) == ERR_OK;
        if (empty) {
            empty = json_root(d)->type == JSON_OBJECT && json_root(d)->n_members == 0;
            json_free(d);
        }
        if (!empty)
            return err_set(e, ERR_USAGE, "%s can only be {} here: %s", kwargs[i].name,
                           kwargs[i].instead);
    }
    if (cli_flag(a, CLI_OPT_TARGET_PREFIX))
        return err_set(
            e, ERR_USAGE,
            "--generate_from_target_prefix is not available: give the whole text with -g");
    if (cli_flag(a, CLI_OPT_STEP_ATTRIBUTIONS))
        return err_set(
            e, ERR_USAGE,
            "--output_step_attributions is not available: each column of the result is one step");
    return ERR_OK;
}

/* --seed goes first into the generation options, so that it wins over a "seed" there. Owned by the
 * caller. */
static enum err_code with_seed(char **out, const struct cli_arguments *a, struct err *e) {
    const char *given = cli_text(a, CLI_OPT_GENERATION_KWARGS);
    *out = mem_text(given);
    if (!a->values[CLI_OPT_SEED].given)
        return ERR_OK;
    int64_t seed = cli_integer(a, CLI_OPT_SEED, 0);
    if (seed < 0)
        return err_set(e, ERR_USAGE, "--seed must not be negative");
    struct json_document *d;
    struct err inner;
    const char *json = given ? given : "{}";
    if (json_parse(&d, json, strlen(json), &inner) != ERR_OK)
        return ERR_OK; /* attribute_check says what is wrong with it */
    if (json_root(d)->type != JSON_OBJECT) {
        json_free(d);
        return ERR_OK;
    }
    struct text_buffer b = {0};
    text_buffer_format(&b, "{\"seed\": %lld", (long long)seed);
    for (const struct json_value *v = json_root(d)->first; v; v = v->next) {
        if (v->n_key == 4 && memcmp(v->key, "seed", 4) == 0)
            continue;
        text_buffer_puts(&b, ", ");
        json_write_string(&b, v->key, v->n_key);
        text_buffer_puts(&b, ": ");
        json_write(&b, v, 0);
    }
    text_buffer_puts(&b, "}");
    json_free(d);
    free(*out);
    *out = text_buffer_take(&b);
    return ERR_OK;
}

static enum err_code check_counts(const struct cli_arguments *a, struct err *e) {
    size_t n = a->values[CLI_OPT_INPUT].n, generated = a->values[CLI_OPT_GENERATED].n,
           contrast = a->values[CLI_OPT_CONTRAST].n;
    if (generated && generated != n)
        return err_set(e, ERR_USAGE, "%zu generated texts for %zu input texts: give one for each",
                       generated, n);
    size_t sources = a->values[CLI_OPT_CONTRAST_SOURCES].n;
    if (sources > 1 && sources != n)
        return err_set(e, ERR_USAGE,
                       "%zu contrast sources for %zu input texts: give one, or one for each",
                       sources, n);
    if (contrast > 1 && contrast != n)
        return err_set(e, ERR_USAGE,
                       "%zu contrast texts for %zu input texts: give one, or one for each",
                       contrast, n);
    enum err_code code = check_utf8(&a->values[CLI_OPT_INPUT], "input text", e);
    if (code == ERR_OK)
        code = check_utf8(&a->values[CLI_OPT_GENERATED], "generated text", e);
    if (code == ERR_OK)
        code = check_utf8(&a->values[CLI_OPT_CONTRAST], "contrast text", e);
    if (code == ERR_OK)
        code = check_utf8(&a->values[CLI_OPT_CONTRAST_SOURCES], "contrast source", e);
    return code;
}

/* "3:6". */
static enum err_code read_span(struct attribute_request *out, const char *text, struct err *e) {
    int start, end, length = -1;
    if (!text)
        return ERR_OK;
    if (strlen(text) > 18 || sscanf(text, "%d:%d%n", &start, &end, &length) != 2 || text[length] ||
        (!start && !end))
        return err_set(e, ERR_USAGE,
                       "--span %.40s is not two positions such as 3:6 (the second is exclusive)",
                       text);
    out->span_start = start;
    out->span_end = end;
    return ERR_OK;
}

/* "3", "3:2" or "3=word". */
static enum err_code read_foil(struct attribute_request *out, const char *text, struct err *e) {
    int step = -1, rank = 1, length = 0;
    if (!text)
        return ERR_OK;
    const size_t digits = strspn(text, "0123456789");
    bool good = digits > 0 && digits < 9 && sscanf(text, "%d%n", &step, &length) == 1;
    if (good && text[digits] == '=' && text[digits + 1])
        out->foil_text = text + digits + 1;
    else if (good && text[digits] == ':')
        good = strspn(text + digits + 1, "0123456789") == strlen(text + digits + 1) &&
               strlen(text + digits + 1) < 9 && sscanf(text + digits + 1, "%d", &rank) == 1 &&
               rank > 0;
    else
        good &= text[digits] == 0;
    if (!good || step < 1)
        return err_set(e, ERR_USAGE,
                       "--foil %.40s is not a step such as 3, a step and a rank such as 3:2, or a "
                       "step and a word such as 3=Rome",
                       text);
    if (out->contrast_targets || out->contrast_sources)
        return err_set(e, ERR_USAGE,
                       "--foil contrasts one step with one token: leave --contrast_targets and "
                       "--contrast_sources out");
    size_t at;
    if (out->foil_text && !text_valid_utf8(out->foil_text, strlen(out->foil_text), &at))
        return err_set(e, ERR_FORMAT, "the foil is not UTF-8 (at byte %zu)", at);
    out->foil_step = step - 1; /* people count from 1, as on the screen */
    out->foil_rank = out->foil_text ? 0 : rank;
    return ERR_OK;
}

enum err_code cli_request(struct attribute_request *out, char **generation_kwargs,
                          const struct cli_arguments *a, int64_t i_input, struct err *e) {
    *out = request_defaults();
    *generation_kwargs = NULL;
    enum err_code code = check_counts(a, e);
    if (code == ERR_OK)
        code = check_unused(a, e);
    if (code == ERR_OK)
        code = with_seed(generation_kwargs, a, e);
    if (code != ERR_OK)
        return code;
    const struct cli_value *input = &a->values[CLI_OPT_INPUT],
                           *generated = &a->values[CLI_OPT_GENERATED],
                           *contrast = &a->values[CLI_OPT_CONTRAST];
    size_t i = i_input > 0 ? (size_t)i_input : 0;
    out->input_text = i < input->n ? input->texts[i] : NULL;
    out->generated_text = i < generated->n ? generated->texts[i] : NULL;
    out->contrast_targets = contrast->n == 1  ? contrast->texts[0]
                            : i < contrast->n ? contrast->texts[i]
                                              : NULL;
    const struct cli_value *sources = &a->values[CLI_OPT_CONTRAST_SOURCES];
    out->contrast_sources = sources->n == 1  ? sources->texts[0]
                            : i < sources->n ? sources->texts[i]
                                             : NULL;
    out->contrast_alignment = cli_text(a, CLI_OPT_ALIGNMENTS);
    out->contrast_force_inputs = cli_flag(a, CLI_OPT_FORCE_CONTRAST);
    out->method = cli_text(a, CLI_OPT_METHOD);
    out->attributed_fn = cli_text(a, CLI_OPT_FUNCTION);
    out->step_scores = a->values[CLI_OPT_STEP_SCORES].texts;
    out->n_step_scores = a->values[CLI_OPT_STEP_SCORES].n;
    out->attribute_target = cli_flag(a, CLI_OPT_ATTRIBUTE_TARGET);
    out->attr_pos_start = cli_integer(a, CLI_OPT_START, POSITION_UNSET);
    out->attr_pos_end = cli_integer(a, CLI_OPT_END, POSITION_UNSET);
    out->span_reduce = cli_text(a, CLI_OPT_SPAN_REDUCE);
    code = read_span(out, cli_text(a, CLI_OPT_SPAN), e);
    if (code == ERR_OK)
        code = read_foil(out, cli_text(a, CLI_OPT_FOIL), e);
    if (code != ERR_OK)
        return code;
    out->attribution_kwargs = cli_text(a, CLI_OPT_ATTRIBUTION_KWARGS);
    out->generation_kwargs = *generation_kwargs;
    out->include_eos_baseline = cli_flag(a, CLI_OPT_EOS_BASELINE);
    out->skip_special_tokens = cli_flag(a, CLI_OPT_SKIP_SPECIAL);
    return out->input_text ? attribute_check(out, e)
                           : ERR_OK; /* without a text there is a form to fill in first */
}
