/* What becomes of a result on the command line: saved, printed, drawn. Main thread only. */
#ifndef TINSEQ_APP_CLI_OUTPUT_H
#define TINSEQ_APP_CLI_OUTPUT_H

#include "app/cli/options.h"
#include "methods/result/attribution.h"
#include "views/export/export.h"

/* Names in the output options that are wrong, and folders that are not there, before anything is
 * computed. `method` may be NULL. */
enum err_code cli_check_output(const struct cli_arguments *a, const char *method,
                               struct err *e) ERR_CHECKED;
/* The same without files, for what writes its own. */
enum err_code cli_check_shown(const struct cli_arguments *a, const char *method,
                              struct err *e) ERR_CHECKED;

/* A result made ready to be written as the options say. */
struct cli_output {
    struct attribution *shown;
    struct attribution *sides[2]; /* of --pair; NULL: there is none */
    bool aggregated;              /* what is kept is what is shown */
    struct info_texts told;       /* what a person should know of what was written */
    struct export_input in;       /* of the result, which is borrowed */
};
enum err_code cli_output_make(struct cli_output *o, const struct attribution *result,
                              const struct cli_arguments *a, struct err *e) ERR_CHECKED;
void cli_output_dispose(struct cli_output *o);
/* Adds what is told to what was told before, once each; and says it. */
void cli_output_told(struct info_texts *to, const struct cli_output *o);
void cli_output_tell(const struct info_texts *told);

/* The parts of it: what formats are given, of a result that is shown so (`aggregated`: and is kept
 * so); and the tables, below others of the method `above` (NULL: none). */
struct export_input cli_output_input(const struct attribution *result,
                                     const struct attribution *shown, bool aggregated,
                                     const struct cli_arguments *a);
enum err_code cli_output_tables(const struct export_input *in, const struct cli_arguments *a,
                                const char *above, struct err *e) ERR_CHECKED;

/* Columns of the terminal that standard output is; else what COLUMNS says, 0: nothing. */
int cli_output_columns(void);

/* Saves, prints and draws as the options say. The table is still printed when a file could not be
 * written. */
enum err_code cli_deliver(const struct attribution *result, const struct cli_arguments *a,
                          struct err *e) ERR_CHECKED;
/* The same of one of several whose tables stand below each other. *above is what those before say
 * of their method, NULL at first; what this one says replaces it. */
enum err_code cli_deliver_below(const struct attribution *result, char **above,
                                const struct cli_arguments *a, struct err *e) ERR_CHECKED;
/* Whether what is printed has colours: --color, else on a terminal that NO_COLOR does not forbid.
 */
bool cli_prints_colours(const struct cli_arguments *a);
/* Scores per token of a raw sequence, as the options say: tokens that they merge have the scores of
 * what they are merged into. */
enum err_code cli_aggregate(struct attribution_sequence *out, const struct attribution_sequence *in,
                            const struct cli_arguments *a, struct err *e) ERR_CHECKED;

#endif
