/*
 * What a text has beside its scores: the fields of the data set's row that it came from, those of a
 * table beside the results, and the texts themselves (input_text, generated_text). Untrusted. Any
 * thread.
 */
#ifndef TINSEQ_APP_STATISTICS_FIELDS_H
#define TINSEQ_APP_STATISTICS_FIELDS_H

#include "backend/base/json.h"
#include "methods/result/attribution.h"

struct stats_fields {
    struct json_document *own, *joined; /* NULL: the row kept none, no table has it */
    const struct result_info *info;     /* of one text */
};

/* Dispose of it in any case. `joined` is a table's row as a JSON object, or NULL; it must live as
 * long. */
void stats_fields_read(struct stats_fields *out, const struct result_info *info,
                       const char *joined);
void stats_fields_dispose(struct stats_fields *f);

/* A value as text, owned by the caller; NULL: there is no such field, or it is null. Of two of the
 * same name the table's counts. [3, 6] is 3:6. */
char *stats_field(const struct stats_fields *f, const char *name);
/* "subject, relation", for who asked for another; owned by the caller. */
char *stats_field_names(const struct stats_fields *f);

#endif
