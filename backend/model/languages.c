/* What languages a translator's texts are in, and so what its decoder begins with. */
#include "backend/model/model.h"

void model_keep_start(struct model *m) {
    m->own_start = (struct decoder_begin){m->config.decoder_start_token_id,
                                          m->config.generation.forced_bos_token_id};
}

static void begin(struct model *m, const struct decoder_begin *with) {
    m->config.decoder_start_token_id = with->start;
    m->config.generation.forced_bos_token_id = with->forced;
}

/* As the translation pipelines do (transformers 4.57, pipelines/text2text_generation.py), but that
 * a language which stands behind texts is the decoder's start itself, as mBART was trained. */
enum err_code model_speak(struct model *m, const char *source, const char *target, struct err *e) {
    struct decoder_begin with = m->own_start;
    enum err_code code = tokenizer_speak(m->tokenizer, source, target, e);
    if (code)
        return code;
    const struct tokenizer_languages *l = tokenizer_languages(m->tokenizer);
    if (target)
        *(l->in_front ? &with.forced : &with.start) = l->ids[TEXT_TARGET];
    begin(m, &with);
    return ERR_OK;
}
