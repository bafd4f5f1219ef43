#include "tests/app/dataset/made_folder.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <unistd.h>

char *made_folder(void) {
    char *folder =
        mem_format("%s/tinseq-test-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder))
        return folder;
    free(folder);
    return NULL;
}

_Bool made_folder_remove_take(char *folder) {
    char *command = mem_format("rm -rf '%s'", folder);
    const _Bool gone = system(command) == 0;
    free(command);
    free(folder);
    return gone;
}
