/* The files of each layout that say what a model is. Internal to backend/config/. Any thread. */
#ifndef TINSEQ_BACKEND_CONFIG_FILES_H
#define TINSEQ_BACKEND_CONFIG_FILES_H

#include "backend/settings/fields.h"

/* Parses YAML as far as Marian uses it: the top mapping, with scalars and sequences of scalars as
 * values. Owned by the caller. */
enum err_code yaml_parse_object(cJSON **out, const char *text, size_t n, const char *file,
                                struct err *e) ERR_CHECKED;

/* Sets c->scale_block from "quantization_config", where there is one; what is not read is an
 * error. */
void quantization_config_read(struct model_config *c, struct fields *f);

/* Whether a class (or where it is NULL, a type) is a language model with more around it: f->json
 * becomes the language model's part, and `type` its type. */
bool wrapper_open(struct fields *f, const char *class, char *type, size_t n_type);

/* The parts of model_config_read. */
enum err_code hugging_face_config_read(struct model_config *c, const struct model_files *f,
                                       struct setting_notes *notes, struct err *e) ERR_CHECKED;
enum err_code gguf_config_read(struct model_config *c, const struct model_files *f,
                               const struct weights *w, struct setting_notes *notes,
                               struct err *e) ERR_CHECKED;
enum err_code marian_config_read(struct model_config *c, const struct model_files *f,
                                 const struct weights *w, struct setting_notes *notes,
                                 struct err *e) ERR_CHECKED;

#endif
