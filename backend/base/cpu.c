#include "backend/base/cpu.h"

#include <stdlib.h>

void cpu_advise_libraries(void) {
    setenv("GOMP_SPINCOUNT", "10000", 0);
    setenv("UCX_HANDLE_ERRORS", "none", 0);
    setenv("UCX_DEBUG_SIGNO", "0", 0);
}
