#include "app/cli/stats_maps.h"

#include "aggregators/aggregate.h"
#include "app/cli/files.h"
#include "app/cli/output.h"
#include "app/files/export_file.h"
#include "backend/base/mem.h"
#include "views/export/exports.h"

#include <math.h>
#include <string.h>

/* --- files --- */

/* A file that a map goes to; from {0}. */
struct map_file {
    size_t i;
    const char *path;
    const struct export *format;
};

static const char *path_at(const struct cli_arguments *a, size_t i) {
    const struct cli_value *exports = &a->values[CLI_OPT_EXPORT];
    const char *save = cli_text(a, CLI_OPT_SAVE);
    if (i == 0)
        return save && !cli_stats_is_text(save) ? save : NULL;
    if (i == 1)
        return cli_text(a, CLI_OPT_VIZ);
    return i - 2 < exports->n ? exports->texts[i - 2] : NULL;
}

/* The next one; *more is false where there is none. */
static enum err_code next_file(struct map_file *f, bool *more, const struct cli_arguments *a,
                               struct err *e) {
    const size_t n = a->values[CLI_OPT_EXPORT].n + 2;
    *more = false;
    while (f->i < n && !*more) {
        f->path = path_at(a, f->i++);
        *more = f->path != NULL;
    }
    if (!*more)
        return ERR_OK;
    if (f->i == 2) {
        f->format = export_find("html");
        return ERR_OK;
    }
    return export_of_path(&f->format, f->path, e);
}

static enum err_code check_file(const struct map_file *f, const struct stats_request *r,
                                struct err *e) {
    if (r->column)
        return err_set(e, ERR_USAGE, "%.200s: correlations are no map; .csv and .json hold them",
                       f->path);
    if (r->spec.n_by < 1 || r->spec.n_by > 2)
        return err_set(e, ERR_USAGE,
                       "%.200s: a map has rows and columns, which are two groupings (--by layer "
                       "role); .csv and .json hold any",
                       f->path);
    enum err_code code = cli_file_check(f->path, e);
    return code || !f->format->ready ? code : f->format->ready(e);
}

enum err_code cli_stats_check_maps(const struct cli_arguments *a, const struct stats_request *r,
                                   struct err *e) {
    struct map_file f = {0};
    bool more;
    enum err_code code;
    while (!(code = next_file(&f, &more, a, e)) && more)
        if ((code = check_file(&f, r, e)))
            break;
    return code;
}

bool cli_stats_wants_map(const struct cli_arguments *a, const struct stats_request *r) {
    struct map_file f = {0};
    struct err ignored;
    bool more = false;
    const bool printed =
        r->spec.n_by == 2 && !r->column && !cli_flag(a, CLI_OPT_CSV) && !cli_flag(a, CLI_OPT_JSON);
    return printed || (next_file(&f, &more, a, &ignored) == ERR_OK && more);
}

static enum err_code save(const struct export_input *in, const struct cli_arguments *a,
                          struct err *e) {
    struct map_file f = {0};
    bool more;
    enum err_code code;
    while (!(code = next_file(&f, &more, a, e)) && more) {
        code = cli_file_write(a, f.path, f.format, in, e);
        if (code)
            break;
        if (!cli_flag(a, CLI_OPT_QUIET))
            cli_file_tell(a, f.path, f.format, true, in->shown->n_sequences);
    }
    return code;
}

/* --- a map --- */

static char *only_one(const struct info_texts *names) {
    return names->n == 1 ? mem_text(names->items[0]) : NULL;
}

/* Several maps have one scale. */
static void share_scale(struct export_input *in) {
    float least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < in->shown->n_sequences; i++) {
        const struct heat h = heat_of(&in->shown->sequences[i], NULL);
        least = fminf(least, h.from);
        most = fmaxf(most, h.to);
    }
    if (in->ends.given || in->shown->n_sequences < 2 || !(least < most))
        return;
    in->ends = (struct heat_ends){true, least < 0 ? -fmaxf(-least, most) : least,
                                  least < 0 ? fmaxf(-least, most) : most};
}

enum err_code cli_stats_deliver_map(struct attribution *map, bool saved,
                                    const struct stats_collection *found,
                                    const struct cli_arguments *a, struct err *e) {
    const bool instead = saved || cli_flag(a, CLI_OPT_CSV) || cli_flag(a, CLI_OPT_JSON);
    map->info.method = only_one(&found->methods);
    map->info.model_name = only_one(&found->models);
    map->info.function.id = only_one(&found->functions);
    struct export_input in = cli_output_input(map, map, true, a);
    struct info_texts told = {0};
    in.told = &told;
    share_scale(&in);
    enum err_code code = save(&in, a, e);
    if (!code && !instead && !cli_flag(a, CLI_OPT_QUIET))
        code = cli_output_tables(&in, a, NULL, e);
    cli_output_tell(&told);
    info_texts_dispose(&told);
    return code;
}
