#include "backend/architectures/norm.h"

struct value *norm_apply(const struct stack *s, struct tape *t, const struct norm *w,
                         struct value *x) {
    return norm_centres(s->plan->norm) ? tape_layer_norm(t, x, w, s->sizes->norm_epsilon)
                                       : tape_rms_norm(t, x, w, s->sizes->norm_epsilon);
}
