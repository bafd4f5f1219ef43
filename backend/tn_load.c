#include "backend/tn.h"

#include "backend/base/cpu.h"
#include "backend/base/module.h"

const struct tn_api *tn_load(struct err *e) {
    static const struct tn_api *loaded;
    if (loaded)
        return loaded;
    cpu_advise_libraries();
    const struct tn_api *api = module_open("tinseq_tn.so", "TINSEQ_MODULE", TN_SYMBOL, e);
    if (api && api->version != TN_VERSION) {
        (void)err_set(e, ERR_BACKEND, "tinseq_tn.so belongs to another version of this program");
        return NULL;
    }
    return loaded = api;
}
