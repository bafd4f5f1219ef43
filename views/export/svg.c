/* A result as a picture of vectors and text. */
#include "views/export/picture.h"

static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    struct picture p;
    enum err_code code = picture_draw(&p, in, 0, in->shown->n_sequences, true, e);
    if (code)
        return code;
    text_buffer_add(b, p.svg.text, p.svg.n);
    picture_dispose(&p);
    return ERR_OK;
}

const struct export export_svg = {
    .id = "svg",
    .title = "SVG",
    .noun = "the picture",
    .help = "A picture of vectors, text still text; dark where its viewer is (x.dark.svg: "
            "everywhere).",
    .endings = {".svg"},
    .coloured = true,
    .write = write,
};
