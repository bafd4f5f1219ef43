#include "tests/backend/weights/converted.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/discovery.h"

#include <stdio.h>
#include <stdlib.h>

char *converted_smollm2(void) {
    const char *build = getenv("TINSEQ_BUILD");
    char *folder = file_join(build ? build : "build", "smollm2-safetensors"),
         *models = models_folder();
    char *command = mem_format("'%s/gguf_to_safetensors' '%s/smollm2' '%s' --if-missing",
                               build ? build : "build", models, folder);
    if (!file_is_folder(folder) && system(command) != 0) {
        fprintf(stderr, "SmolLM2 could not be converted: %s\n", command);
        abort();
    }
    free(models);
    free(command);
    return folder;
}
