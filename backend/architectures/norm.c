#include "backend/architectures/norm.h"

struct value *norm_apply(const struct stack *s, struct tape *t, const struct norm *w,
                         struct value *x) {
    return s->plan->norm == NORM_RMS ? tape_rms_norm(t, x, w, s->sizes->norm_epsilon)
                                     : tape_layer_norm(t, x, w, s->sizes->norm_epsilon);
}
