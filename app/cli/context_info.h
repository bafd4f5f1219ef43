/* With which options a context attribution was made, for its file. Main thread only. */
#ifndef TINSEQ_APP_CLI_CONTEXT_INFO_H
#define TINSEQ_APP_CLI_CONTEXT_INFO_H

#include "app/cli/options.h"
#include "app/files/context_text.h"

/* All options of Inseq 0.7.1's attribute-context by their names, as AttributeContextArgs has them,
 * and what was found beside them; owned by the caller. */
struct cJSON *context_info(const struct cli_arguments *a, const struct context_told *told);

#endif
