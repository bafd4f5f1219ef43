/*
 * Options whose values are made of each row of a data set: texts, foils, spans and positions. Main
 * thread only.
 */
#ifndef TINSEQ_APP_CLI_DATASET_REQUEST_H
#define TINSEQ_APP_CLI_DATASET_REQUEST_H

#include "app/cli/options.h"
#include "app/dataset/template.h"
#include "methods/request/request.h"
#include "methods/result/result_info.h"

#define DATASET_MOST_OPTIONS 16

struct dataset_request {
    const struct cli_arguments *a;
    struct template *templates[DATASET_MOST_OPTIONS]; /* NULL: not given */
    struct info_texts told;                           /* what was said of fields, once each */
    bool quiet;
};

/* Reads the templates; dispose of it in any case. ERR_USAGE: no input, a wrong template, an option
 * that every row would fail with. */
enum err_code dataset_request_init(struct dataset_request *out, const struct cli_arguments *a,
                                   struct err *e) ERR_CHECKED;
void dataset_request_dispose(struct dataset_request *r);

/* The columns that they ask for; *columns is owned by the caller, the names are borrowed. */
size_t dataset_request_columns(const struct dataset_request *r, struct data_column **columns);
/* A row's; it owns all it refers to. Errors: those of templates and of cli_request. */
enum err_code dataset_request_make(struct attribute_request *out, struct dataset_request *r,
                                   const struct data_row *row, struct err *e) ERR_CHECKED;

#endif
