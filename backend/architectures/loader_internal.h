/* What a loader wants and has stored. Internal to loader.c and loader_place.c. */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_LOADER_INTERNAL_H
#define TINSEQ_BACKEND_ARCHITECTURES_LOADER_INTERNAL_H

#include "backend/architectures/loader.h"

/* One stored tensor, decoded once however many places it goes to: to float32, or bfloat16 where
 * `half`. */
struct stored {
    const struct weight_info *info;
    char *data;
    bool mapped, half;
    int64_t *order; /* [rows]: where its rows lie in the file; NULL: in order */
};
/* Where (a part of) it goes. Factors of products may be bfloat16. */
struct wanted {
    size_t stored;  /* NOTHING: it is these numbers [dims[0]] */
    float *numbers; /* owned; NULL: ones */
    tn_tensor **out;
    int n_dims;
    int64_t dims[2], offset, first_column, n_columns;
    bool factor, plus_one;
};
#define NOTHING SIZE_MAX

struct loader {
    const struct weights *weights;
    bool half; /* factors of products become bfloat16 */
    struct stored *stored;
    size_t n_stored;
    struct wanted *wanted;
    size_t n_wanted;
    void *memory; /* decoded tensors, one behind the other */
    size_t n_memory;
};

/* Of a stored number, decoded. */
static inline size_t element_bytes(const struct stored *s) {
    return s->half ? sizeof(uint16_t) : sizeof(float);
}

#endif
