#include "app/cli/output.h"

#include "aggregators/aggregate.h"
#include "aggregators/spread.h"
#include "app/cli/aggregation.h"
#include "app/cli/alignments.h"
#include "app/cli/files.h"
#include "app/cli/keep.h"
#include "app/cli/print.h"
#include "app/cli/summary.h"
#include "app/files/export_file.h"
#include "app/files/result_file.h"
#include "app/files/result_rows.h"
#include "views/export/exports.h"
#include "views/export/result_json.h"
#include "views/export/table.h"
#include "views/terminal/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static enum err_code check_look(const struct cli_arguments *a, struct err *e) {
    const char *colour = cli_text(a, CLI_OPT_COLOUR), *theme = cli_text(a, CLI_OPT_THEME),
               *map = cli_text(a, CLI_OPT_COLOUR_MAP);
    const char *names[64];
    size_t n;
    if (colour && strcmp(colour, "auto") && strcmp(colour, "always") && strcmp(colour, "never"))
        return err_set(e, ERR_USAGE, "--color is auto, always or never, not \"%s\"", colour);
    const struct theme *const *themes = theme_list(&n);
    for (size_t i = 0; i < n && i < 64; i++)
        names[i] = themes[i]->id;
    if (theme && !theme_find(theme))
        return cli_unknown("unknown theme", theme, names, n, "see 'tinseq list themes'", e);
    const struct colour_map *const *maps = colour_map_list(&n);
    for (size_t i = 0; i < n && i < 64; i++)
        names[i] = maps[i]->id;
    if (map && !colour_map_find(map))
        return cli_unknown("unknown colour map", map, names, n, "see 'tinseq list colour_maps'", e);
    return ERR_OK;
}

/* Two things to print instead of the table, but for a summary as JSON. */
static enum err_code check_printed(const struct cli_arguments *a, struct err *e) {
    const bool csv = cli_flag(a, CLI_OPT_CSV), json = cli_flag(a, CLI_OPT_JSON),
               summary = cli_flag(a, CLI_OPT_SUMMARY);
    if (csv && (json || summary))
        return err_set(e, ERR_USAGE, "--csv or %s, not both", json ? "--json" : "--summary");
    struct heat_ends ends;
    enum err_code code = cli_alignments_check(a, e);
    if (code)
        return code;
    return cli_text(a, CLI_OPT_SCALE) ? heat_ends_read(&ends, cli_text(a, CLI_OPT_SCALE), e)
                                      : ERR_OK;
}

enum err_code cli_check_shown(const struct cli_arguments *a, const char *method, struct err *e) {
    enum err_code code = cli_check_aggregation(a, method, e);
    if (code)
        return code;
    code = check_look(a, e);
    if (code)
        return code;
    return check_printed(a, e);
}

enum err_code cli_check_output(const struct cli_arguments *a, const char *method, struct err *e) {
    enum err_code code = cli_check_shown(a, method, e);
    return code ? code : cli_files_check(a, e);
}

/* --- aggregation ------------------------------------------------------------------------- */

enum err_code cli_aggregate(struct attribution_sequence *out, const struct attribution_sequence *in,
                            const struct cli_arguments *a, struct err *e) {
    struct grouping made = {0};
    struct pipeline p;
    enum err_code code = cli_pipeline(&p, a, e);
    if (code)
        goto out;
    code = aggregate_sequence(out, in, &p, &(struct aggregate_context){.made = &made}, e);
    if (!code && (made.source.items || made.target.items))
        code = spread_tokens(out, in, &made, e);
out:
    grouping_dispose(&made);
    pipeline_dispose(&p);
    return code;
}

/* The other result of --pair; of it, too, only the text that is asked for. */
static enum err_code load_pair(struct attribution **out, const char *path,
                               const struct cli_arguments *a, struct err *e) {
    const int64_t i = cli_integer(a, CLI_OPT_SEQUENCE, 1);
    struct result_rows *rows;
    if (!a->values[CLI_OPT_SEQUENCE].given)
        return result_file_load(out, path, e);
    enum err_code code = result_rows_open(&rows, path, e);
    if (code)
        return code;
    if (i < 1 || i > (int64_t)result_rows_count(rows))
        code = err_set(e, ERR_USAGE, "--sequence %lld: %.200s has %zu text%s", (long long)i, path,
                       result_rows_count(rows), result_rows_count(rows) == 1 ? "" : "s");
    else
        code = result_rows_load(out, rows, (size_t)i - 1, e);
    result_rows_close(rows);
    return code;
}

/* Both results of a pair, each by itself: all but the last stage, which subtracts them. */
static enum err_code aggregate_sides(struct cli_output *o, const struct attribution *in,
                                     const struct attribution *paired, const struct pipeline *p,
                                     struct err *e) {
    const struct pipeline alone = {p->stages, p->n - 1};
    enum err_code code = aggregate_result(&o->sides[0], in, &alone, NULL, NULL, e);
    return code ? code : aggregate_result(&o->sides[1], paired, &alone, NULL, NULL, e);
}

static enum err_code aggregate_all(struct cli_output *o, const struct attribution *in,
                                   const struct cli_arguments *a, struct err *e) {
    const char *path = cli_text(a, CLI_OPT_PAIR);
    struct attribution *paired = NULL;
    struct pipeline p;
    enum err_code code = cli_pipeline(&p, a, e);
    if (code)
        goto out;
    if (path)
        code = load_pair(&paired, path, a, e);
    if (code)
        goto out;
    code = aggregate_result(&o->shown, in, &p, paired, path, e);
    if (!code && paired)
        code = aggregate_sides(o, in, paired, &p, e);
out:
    attribution_release(paired);
    pipeline_dispose(&p);
    return code;
}

/* --- looks ------------------------------------------------------------------------------- */

/* As the terminal program finds it out; "always" also where nothing is known of a terminal. */
static enum colour_depth output_depth(const struct cli_arguments *a) {
    const char *when = cli_text(a, CLI_OPT_COLOUR);
    const bool always = when && strcmp(when, "always") == 0,
               never = when && strcmp(when, "never") == 0;
    struct terminal_environment env = terminal_environment_now();
    struct terminfo_facts facts = {.colours = env.term && strstr(env.term, "256") ? 256 : 16};
    struct err unknown;
    char *entry;
    size_t n;
    if (never || (!always && (!isatty(STDOUT_FILENO) || terminal_check(&env, &unknown))))
        return COLOUR_MONO;
    if (always)
        env.no_color = NULL;
    if (terminfo_read(&entry, &n, env.term, &unknown) == ERR_OK)
        (void)!terminfo_facts(&facts, entry, n, &unknown);
    free(entry);
    const enum colour_depth depth = terminal_depth(&env, &facts);
    return always && depth < COLOUR_256 ? COLOUR_256 : depth;
}

int cli_output_columns(void) {
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    int value = columns ? atoi(columns) : 0;
    return value > 0 && value < 10000 ? value : 0; /* a file: as wide as it gets */
}

/* The given map where it fits the kind of scores, else the theme's. */
static const struct colour_map *chosen_map(const struct cli_arguments *a, bool diverging) {
    const char *map = cli_text(a, CLI_OPT_COLOUR_MAP), *name = cli_text(a, CLI_OPT_THEME);
    const struct theme *theme = theme_find(name ? name : "dark");
    return colour_map_on(heat_map(diverging, map ? colour_map_find(map) : NULL, theme),
                         theme->dark);
}

static bool is_map(const struct attribution *shown) {
    return shown->n_sequences && shown->sequences[0].map_of;
}

enum err_code cli_output_tables(const struct export_input *in, const struct cli_arguments *a,
                                const char *above, struct err *e) {
    const struct table_options look = {.columns = cli_output_columns(),
                                       .depth = output_depth(a),
                                       .diverging = chosen_map(a, true),
                                       .sequential = chosen_map(a, false),
                                       .function = in->function,
                                       .above = above,
                                       .ends = in->ends,
                                       .shades = is_map(in->shown),
                                       .ascii = is_map(in->shown) && !terminal_set_locale()};
    struct text_buffer b = {0};
    enum err_code code = table_write_all(&b, in->shown, &look, e);
    if (!code)
        code = cli_print(b.text, b.n, e);
    text_buffer_dispose(&b);
    return code;
}

/* --- delivery ---------------------------------------------------------------------------- */

/* The JSON of -o, and a line's end. */
static enum err_code print_json(const struct export_input *in, struct err *e) {
    struct text_buffer b = {0};
    result_json_write(&b, in->result, &in->how);
    text_buffer_puts(&b, "\n");
    enum err_code code = cli_print(b.text, b.n, e);
    text_buffer_dispose(&b);
    return code;
}

static enum err_code print_csv(const struct export_input *in, struct err *e) {
    struct text_buffer b = {0};
    enum err_code code = export_find("csv")->write(&b, in, e);
    if (!code)
        code = cli_print(b.text, b.n, e);
    text_buffer_dispose(&b);
    return code;
}

static enum err_code print_result(const struct export_input *in, const struct cli_arguments *a,
                                  const char *above, struct err *e) {
    if (cli_flag(a, CLI_OPT_SUMMARY))
        return cli_summary(in->result, in->function, cli_flag(a, CLI_OPT_JSON), e);
    if (cli_flag(a, CLI_OPT_JSON))
        return print_json(in, e);
    if (cli_flag(a, CLI_OPT_CSV))
        return print_csv(in, e);
    if (cli_aligns(a))
        return cli_alignments_print(in->shown, a, in->told, e);
    if (cli_flag(a, CLI_OPT_QUIET) || cli_flag(a, CLI_OPT_HIDE))
        return ERR_OK;
    return cli_output_tables(in, a, above, e);
}

bool cli_prints_colours(const struct cli_arguments *a) {
    static const enum cli_option_id instead[] = {CLI_OPT_SUMMARY, CLI_OPT_JSON, CLI_OPT_CSV,
                                                 CLI_OPT_QUIET, CLI_OPT_HIDE};
    for (size_t i = 0; i < sizeof instead / sizeof *instead; i++)
        if (cli_flag(a, instead[i]))
            return false;
    return !cli_aligns(a) && output_depth(a) != COLOUR_MONO;
}

/* Options of colours where there are none. */
static void tell_of_colours(const struct cli_arguments *a, struct info_texts *told) {
    static const struct {
        enum cli_option_id id;
        const char *name;
    } looks[] = {{CLI_OPT_SCALE, "--scale"},
                 {CLI_OPT_COLOUR_MAP, "--colour_map"},
                 {CLI_OPT_THEME, "--theme"}};
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        if (!cli_text(a, looks[i].id) || cli_prints_colours(a) || cli_files_coloured(a))
            continue;
        char *text = mem_format("%s changes nothing here: what is printed has no colours (--color "
                                "always), and no page or picture is saved",
                                looks[i].name);
        info_texts_add(told, text);
        free(text);
    }
}

void cli_output_tell(const struct info_texts *told) {
    for (size_t i = 0; i < told->n; i++)
        cli_note(told->items[i]);
}

void cli_output_told(struct info_texts *to, const struct cli_output *o) {
    for (size_t i = 0; i < o->told.n; i++)
        if (!info_texts_hold(to, o->told.items[i]))
            info_texts_add(to, o->told.items[i]);
}

/* Notices that aggregating added. */
static void tell_of_aggregation(const struct attribution *result, const struct attribution *shown,
                                struct info_texts *told) {
    for (size_t i = result->info.notices.n; i < shown->info.notices.n; i++)
        info_texts_add(told, shown->info.notices.items[i]);
}

static const char *leaf_of(const char *path) {
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path;
}

/* By their files' names. */
static struct export_pair pair_of(const struct cli_output *o, const struct cli_arguments *a) {
    return (struct export_pair){
        .sides = {o->sides[0], o->sides[1]},
        .labels = {"first", "second"},
        .names = {a->n_words ? leaf_of(a->words[0]) : NULL, leaf_of(cli_text(a, CLI_OPT_PAIR))},
        .minuend = 1};
}

struct export_input cli_output_input(const struct attribution *result,
                                     const struct attribution *shown, bool aggregated,
                                     const struct cli_arguments *a) {
    const char *map = cli_text(a, CLI_OPT_COLOUR_MAP), *theme = cli_text(a, CLI_OPT_THEME);
    struct export_input in = {.result = aggregated ? shown : result,
                              .shown = shown,
                              .choices = cli_changes_scores(a) ? shown : result,
                              .function = export_file_function(&result->info),
                              .map = map ? colour_map_find(map) : NULL,
                              .theme = theme ? theme_find(theme) : NULL,
                              .how = cli_keep_how(a)};
    struct err checked_before;
    if (cli_text(a, CLI_OPT_SCALE))
        (void)!heat_ends_read(&in.ends, cli_text(a, CLI_OPT_SCALE), &checked_before);
    return in;
}

enum err_code cli_output_make(struct cli_output *o, const struct attribution *result,
                              const struct cli_arguments *a, struct err *e) {
    *o = (struct cli_output){0};
    enum err_code code = aggregate_all(o, result, a, e);
    if (code) {
        cli_output_dispose(o);
        return code;
    }
    o->aggregated = cli_aggregates(a) || cli_flag(a, CLI_OPT_AGGREGATE_OUTPUT);
    if (o->aggregated && !steps_copy(&o->shown->steps, &result->steps))
        export_tell(&(struct export_input){.told = &o->told}, "no memory for step attributions");
    o->in = cli_output_input(result, o->shown, o->aggregated, a);
    o->in.pair = pair_of(o, a);
    o->in.told = &o->told;
    tell_of_aggregation(result, o->shown, &o->told);
    return ERR_OK;
}

void cli_output_dispose(struct cli_output *o) {
    info_texts_dispose(&o->told);
    attribution_release(o->shown);
    attribution_release(o->sides[0]);
    attribution_release(o->sides[1]);
    *o = (struct cli_output){0};
}

enum err_code cli_deliver(const struct attribution *result, const struct cli_arguments *a,
                          struct err *e) {
    return cli_deliver_below(result, NULL, a, e);
}

enum err_code cli_deliver_below(const struct attribution *result, char **above,
                                const struct cli_arguments *a, struct err *e) {
    struct cli_output o;
    struct err latest = {0};
    enum err_code code = cli_output_make(&o, result, a, e);
    if (code)
        return code;
    tell_of_colours(a, &o.told);
    code = cli_files_write(a, &o.in, e);
    cli_keep_error(&code, e, print_result(&o.in, a, above ? *above : NULL, &latest), &latest);
    if (above)
        mem_replace(above, table_method(&result->info, o.in.function));
    if (!code && !cli_flag(a, CLI_OPT_QUIET)) {
        cli_files_tell(a, o.aggregated, result->n_sequences);
        struct info_texts once = {0};
        cli_output_told(&once, &o);
        cli_output_tell(&once);
        info_texts_dispose(&once);
    }
    cli_output_dispose(&o);
    return code;
}
