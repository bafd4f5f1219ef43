/* What the keys are for where a result would be and none is. Interface thread only. */
#ifndef TINSEQ_APP_NOTHING_H
#define TINSEQ_APP_NOTHING_H

struct app;

/* A hint, as view.h has them; NULL: there is a result. */
const char *hints_of_nothing(const struct app *a);

#endif
