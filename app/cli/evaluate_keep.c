#include "app/cli/evaluate_keep.h"

#include "app/cli/output.h"
#include "app/files/export_file.h"
#include "methods/result/join.h"
#include "views/export/exports.h"

enum err_code evaluate_keep_check(const struct cli_arguments *a, size_t n_methods, struct err *e) {
    const char *path = cli_text(a, CLI_OPT_KEEP);
    const struct export *format;
    if (!path)
        return ERR_OK;
    if (a->n_words > 1 || n_methods > 1)
        return err_set(
            e, ERR_USAGE,
            "--keep writes one method's scores with its curves: give one file or method");
    return export_of_path(&format, path, e);
}

void evaluate_keep_curves(struct attribution *result, size_t i, const struct faithfulness *f,
                          const char *function) {
    struct curves c = faithfulness_method_curves(f, 0, function);
    info_texts_put_take(&result->info.faithfulness, i, curves_json(&c));
    curves_dispose(&c);
}

void evaluate_keep_take(struct attribution **all, struct attribution *one) {
    if (*all)
        attribution_join_take(*all, one);
    else
        *all = one;
}

enum err_code evaluate_keep_write(const struct attribution *all, const struct cli_arguments *a,
                                  struct err *e) {
    const char *path = cli_text(a, CLI_OPT_KEEP);
    const struct export *format;
    struct cli_output o;
    if (!path || !all)
        return ERR_OK;
    enum err_code code = export_of_path(&format, path, e);
    if (code)
        return code;
    code = cli_output_make(&o, all, a, e);
    if (code)
        return code;
    code = export_file_write(path, format, &o.in, e);
    if (!code)
        cli_output_tell(&o.told);
    cli_output_dispose(&o);
    return code;
}
