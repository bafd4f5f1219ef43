#include "backend/weights.h"

#include "backend/base/finite.h"

#include <stdlib.h>

#define TOGETHER (1 << 20) /* elements decoded at a time, about */

/* Where the first such element of a tensor is; −1: there is none. */
static int64_t first_not(const struct weights *w, const struct weight_info *info) {
    const int64_t n_rows = info->n_dims ? info->dims[0] : 1,
                  width = n_rows > 0 ? info->n_elements / n_rows : 0;
    if (width == 0)
        return -1;
    const int64_t most = width < TOGETHER ? TOGETHER / width : 1;
    float *rows = malloc((size_t)((n_rows < most ? n_rows : most) * width) * sizeof *rows);
    int64_t found = -1;
    for (int64_t row = 0; rows && row < n_rows && found < 0; row += most) {
        const int64_t n = n_rows - row < most ? n_rows - row : most;
        struct err ignored;
        if (weights_read_rows_f32(w, info, row, n, rows, &ignored))
            break;
        found = finite_first_not(rows, n * width);
        found += found < 0 ? 0 : row * width;
    }
    free(rows);
    return found;
}

const struct weight_info *weights_damage(const struct weights *w, int64_t *element) {
    for (size_t i = 0; i < weights_count(w); i++) {
        *element = first_not(w, weights_at(w, i));
        if (*element >= 0)
            return weights_at(w, i);
    }
    return NULL;
}
