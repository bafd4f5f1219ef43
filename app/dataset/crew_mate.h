/* The processes of a crew beside the one that leads. Internal to app/dataset. All with the crew's
 * lock. */
#ifndef TINSEQ_APP_CREW_MATE_H
#define TINSEQ_APP_CREW_MATE_H

#include "app/dataset/crew_common.h"

void crew_mate_turn(struct crew *c);
void crew_mate_end(struct crew *c);
enum err_code crew_mate_next(int64_t *number, struct crew *c, struct err *e) ERR_CHECKED;
enum err_code crew_mate_put(struct crew *c, const struct batch *b, const char *said, size_t n_said,
                            struct err *e) ERR_CHECKED;

#endif
