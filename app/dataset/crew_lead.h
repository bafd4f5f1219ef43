/* The process that leads a crew. Internal to app/dataset. All with the crew's lock. */
#ifndef TINSEQ_APP_CREW_LEAD_H
#define TINSEQ_APP_CREW_LEAD_H

#include "app/dataset/crew_common.h"

/* What is to be done again and again, on the thread that has MPI. */
void crew_lead_turn(struct crew *c);
/* The end of all. */
void crew_lead_end(struct crew *c);
/* See crew_next and crew_put. */
enum err_code crew_lead_next(int64_t *number, struct crew *c, struct err *e) ERR_CHECKED;
enum err_code crew_lead_put(struct crew *c, const struct batch *b, const char *said, size_t n_said,
                            struct err *e) ERR_CHECKED;

#endif
