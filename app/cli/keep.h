/* How results are kept in files: precision, packing, one file or several. Main thread only. */
#ifndef TINSEQ_APP_CLI_KEEP_H
#define TINSEQ_APP_CLI_KEEP_H

#include "app/cli/options.h"
#include "app/files/result_rows.h"
#include "views/export/export.h"

/* ERR_USAGE: a precision that is none, or options that no file would follow. `keeps`: a file or the
 * output is one that keeps a result; `rows`: one of rows. */
enum err_code cli_keep_check(const struct cli_arguments *a, bool keeps, bool rows,
                             struct err *e) ERR_CHECKED;
/* What the options say, checked before. */
struct export_how cli_keep_how(const struct cli_arguments *a);
/* Tells which scores are other than they were in the precision that is asked for. */
void cli_keep_tell(const struct export_input *in);

#endif
