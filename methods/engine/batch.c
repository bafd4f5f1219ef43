#include "methods/engine/batch.h"

#include "backend/base/clamp.h"

int64_t engine_fit(int64_t budget, int64_t bytes_each, int64_t most) {
    return clamped(budget / (bytes_each > 0 ? bytes_each : 1), 1, most);
}

int64_t engine_batch(int64_t budget, int64_t rows, int64_t bytes_each, int64_t most, bool kept) {
    const int64_t enough = kept ? BATCH_ROWS_KEPT : BATCH_ROWS,
                  worthwhile = enough / (rows > 0 ? rows : 1);
    return engine_fit(budget, bytes_each, worthwhile < most ? worthwhile : most);
}
