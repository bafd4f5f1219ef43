/* A tokenizer without its model. */
#include "backend/base/mem.h"
#include "backend/tokenizer.h"
#include "backend/weights.h"

#include <stdlib.h>

/* What tokenizers take from a configuration, where there is none. */
static const struct model_config no_config = {.bos_token_id = -1,
                                              .eos_token_id = -1,
                                              .pad_token_id = -1,
                                              .unk_token_id = -1,
                                              .decoder_start_token_id = -1};

/* A model's configuration can be beyond this program: its tokenizer then goes by its own files. */
static void read_config(struct model_config *config, const struct model_files *f,
                        const struct weights *w, char **notice) {
    struct err e = {0};
    *config = no_config;
    config->layout = f->layout;
    if ((f->layout == LAYOUT_HUGGING_FACE && !*f->config) ||
        model_config_read(config, f, w, &e) == ERR_OK)
        return;
    *config = no_config;
    config->layout = f->layout;
    *notice = mem_format("the model does not run here (%s); its tokenizer's own files are used",
                         e.message);
}

enum err_code tokenizer_open_path(struct tokenizer **out, const char *path, const char *kwargs,
                                  char **notice, struct err *e) {
    struct model_files f;
    struct weights *w = NULL;
    struct model_config config;
    *out = NULL;
    *notice = NULL;
    enum err_code code = tokenizer_locate(&f, path, e);
    if (code)
        return code;
    mem_replace(&f.tokenizer_kwargs, mem_text(kwargs ? kwargs : ""));
    if (f.layout != LAYOUT_HUGGING_FACE)
        code = weights_open(&w, f.weights, e);
    if (code)
        goto out;
    read_config(&config, &f, w, notice);
    code = tokenizer_open(out, &f, w, &config, e);
out:
    if (code)
        mem_replace(notice, NULL);
    weights_close(w);
    model_files_dispose(&f);
    return code;
}
