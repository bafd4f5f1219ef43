#include "backend/tn.h"

#include "backend/base/cpu.h"
#include "backend/base/module.h"

#include <pthread.h>

/* Where the module is missing, the first product does its work. */
static void *prepare_products(void *unused) {
    struct err e;
    (void)module_open("tinseq_onednn.so", "TINSEQ_ONEDNN_MODULE", "tinseq_onednn_prepare", &e);
    return unused;
}

const struct tn_api *tn_load(struct err *e) {
    static const struct tn_api *loaded;
    if (loaded)
        return loaded;
    cpu_advise_libraries();
    pthread_t thread;
    bool preparing = pthread_create(&thread, NULL, prepare_products, NULL) == 0;
    const struct tn_api *api = module_open("tinseq_tn.so", "TINSEQ_MODULE", TN_SYMBOL, e);
    if (preparing)
        pthread_join(thread, NULL);
    if (api && api->version != TN_VERSION) {
        (void)err_set(e, ERR_BACKEND, "tinseq_tn.so belongs to another version of this program");
        return NULL;
    }
    return loaded = api;
}
