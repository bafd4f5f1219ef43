/* Wrong in the way that WRONG says; 5 and 6 are good until they run. */
#include "methods/own/tinseq-method.h"

static const char *run(const struct tinseq_method_run *run) {
    const int32_t none = -1;
    float out[1];
    if (WRONG == 5)
        return "it is a bad day";
    (void)run->embed(run, 0, &none, 1, out); /* what it says is passed by */
    return 0;
}
static const struct tinseq_method_option options[] = {{"share", 2, 0, 1, 0}};

#if WRONG == 3
#define NAME "occlusion"
#elif WRONG == 5
#define NAME "bad_day"
#else
#define NAME "wrong"
#endif

const struct tinseq_method tinseq_method = {
    .abi = WRONG == 1 ? TINSEQ_METHOD_ABI + 1 : TINSEQ_METHOD_ABI,
    .size = WRONG == 2 ? 8 : sizeof(struct tinseq_method),
    .name = NAME,
    .run = WRONG == 4 ? 0 : run,
    .options = options,
    .n_options = WRONG == 7,
};
