/* The comparison of two runs, taken out: the first text of both, aggregated as it is shown. */
#include "app/commands/output_compare.h"

#include "aggregators/aggregate.h"
#include "app/files/export_file.h"
#include "app/tui/state.h"
#include "methods/result/join.h"
#include "views/export/exports.h"

/* What is shown as A and as B, which may be swapped. */
static void find_sides(const struct attribution *sides[2], const char *names[2],
                       const struct app *a) {
    const bool swapped = a->compare.a.shown != &a->shown_a;
    sides[swapped] = a->result_a;
    sides[!swapped] = a->result_b;
    names[0] = a->compare.a.title;
    names[1] = a->compare.b.title;
}

/* Both sides and A − B; the pair subtracts what it begins with. Released by the caller. */
static enum err_code make_pair(struct attribution *made[3], const struct attribution *const of[2],
                               const char *name, struct err *e) {
    struct pipeline p = {0};
    struct attribution a = attribution_part(of[0], 0), b = attribution_part(of[1], 0);
    pipeline_insert_default(&p);
    enum err_code code = aggregate_result(&made[0], &a, &p, NULL, NULL, e);
    if (code)
        goto out;
    code = aggregate_result(&made[1], &b, &p, NULL, NULL, e);
    if (code)
        goto out;
    pipeline_append(&p, "pair", NULL);
    code = aggregate_result(&made[2], &b, &p, &a, name, e);
out:
    pipeline_dispose(&p);
    result_info_dispose(&a.info);
    result_info_dispose(&b.info);
    return code;
}

static void tell(struct info_texts *told, const struct attribution *const sides[2],
                 const struct export *format) {
    if (sides[0]->n_sequences > 1 || sides[1]->n_sequences > 1)
        info_texts_add(told, "the first text of both is compared; tinseq show FILE --pair FILE "
                             "compares all");
    if (format != export_find("html"))
        info_texts_add(told, "only A - B is in it; a page has both runs, too");
}

enum err_code app_write_compared(const struct app *a, const char *path, struct info_texts *told,
                                 struct err *e) {
    const struct attribution *sides[2];
    const char *names[2];
    struct attribution *made[3] = {0};
    const struct export *format;
    enum err_code code = export_of_path(&format, path, e);
    if (code)
        return code;
    find_sides(sides, names, a);
    code = make_pair(made, sides, names[0], e);
    if (code)
        goto out;
    tell(told, sides, format);
    if (a->many.n)
        info_texts_add(told, "A and B alone are in it: the others have a file each by themselves");
    const struct export_input in = {
        .result = made[2],
        .shown = made[2],
        .choices = made[2],
        .pair = {{made[0], made[1]}, {"A", "B"}, {names[0], names[1]}, 0},
        .function = export_file_function(&sides[0]->info),
        .map = a->diverging,
        .told = told};
    code = export_file_write(path, format, &in, e);
out:
    for (int i = 0; i < 3; i++)
        attribution_release(made[i]);
    return code;
}
