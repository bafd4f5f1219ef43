#include "backend/base/module.h"
#include "backend/tokenizers/sentencepiece.h"

const struct sentencepiece_api *sentencepiece_load(struct err *e) {
    static const struct sentencepiece_api *loaded;
    if (loaded)
        return loaded;
    const struct sentencepiece_api *api = module_open(
        "tinseq_sentencepiece.so", "TINSEQ_SENTENCEPIECE_MODULE", SENTENCEPIECE_SYMBOL, e);
    if (api && api->version != SENTENCEPIECE_VERSION) {
        (void)err_set(e, ERR_BACKEND,
                      "tinseq_sentencepiece.so belongs to another version of this program");
        return NULL;
    }
    return loaded = api;
}
