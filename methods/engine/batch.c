#include "methods/engine/batch.h"

#include "backend/base/clamp.h"

int64_t engine_fit(int64_t budget, int64_t bytes_each, int64_t most) {
    return clamped(budget / (bytes_each > 0 ? bytes_each : 1), 1, most);
}

int64_t engine_fit_together(int64_t budget, int64_t most,
                            int64_t (*bytes)(const void *user, int64_t n), const void *user) {
    int64_t n = most;
    while (n > 1 && bytes(user, n) > budget)
        n--;
    return n < 1 ? 1 : n;
}

int64_t engine_batch(int64_t budget, int64_t rows, int64_t bytes_each, int64_t most, bool kept) {
    const int64_t enough = kept ? BATCH_ROWS_KEPT : BATCH_ROWS,
                  worthwhile = enough / (rows > 0 ? rows : 1);
    return engine_fit(budget, bytes_each, worthwhile < most ? worthwhile : most);
}
