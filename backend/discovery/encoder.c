#include "backend/config.h"
#include "backend/discovery.h"
#include "backend/discovery/places.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* In the order in which they are taken. */
static const char *const wanted[] = {"LaBSE", "sentence-transformers/LaBSE", "minilm",
                                     "sentence-transformers/all-MiniLM-L6-v2"};

static bool has_weights(const char *folder) {
    struct model_files files;
    if (model_locate(&files, folder, NULL) != ERR_OK)
        return false;
    bool good = files.layout == LAYOUT_HUGGING_FACE;
    model_files_dispose(&files);
    return good;
}

enum err_code encoder_find(char **folder, char **name, struct err *e) {
    struct places places;
    *folder = *name = NULL;
    places_collect(&places);
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted && !*folder; k++)
        for (size_t i = 0; i < places.n && !*folder; i++)
            if (strcasecmp(places.items[i].name, wanted[k]) == 0 &&
                has_weights(places.items[i].path)) {
                *folder = mem_text(places.items[i].path);
                *name = mem_text(places.items[i].name);
            }
    places_dispose(&places);
    return *folder ? ERR_OK
                   : err_set(e, ERR_IO,
                             "no encoder to align texts with is on this machine: \"make models "
                             "ALIGN=1\" fetches one (84 MB), or align by "
                             "position, diff or pairs");
}
