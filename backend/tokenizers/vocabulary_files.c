/*
 * Tokenizers whose vocabulary comes in files of their own: a sentencepiece model (tokenizer.model,
 * spiece.model, sentencepiece.bpe.model), or vocab.json with merges.txt. tokenizer_class says what
 * is made of it (tokenizer_class.h).
 */
#include "backend/tokenizers/converted.h"
#include "backend/tokenizers/frame.h"
#include "backend/tokenizers/pipeline_json.h"

#include <string.h>

/* Which class makes something of such files where none is named: the one that they are known from.
 */
static const char *usual_class(const struct model_files *f, enum vocabulary_source source) {
    if (source == FROM_MERGES)
        return "GPT2Tokenizer";
    const char *slash = strrchr(f->sentencepiece, '/'),
               *name = slash ? slash + 1 : f->sentencepiece;
    if (strcmp(name, "spiece.model") == 0)
        return "T5Tokenizer";
    return strcmp(name, "tokenizer.model") == 0 ? "LlamaTokenizer" : "XLMRobertaTokenizer";
}

/* The class that the files name, directly or by the model's type. */
static const char *named_class(struct token_settings *s) {
    static const char any[] = "PreTrainedTokenizer";
    const char *of_model = tokenizer_class_of_model(s->model_type);
    return *s->class_name && strcmp(s->class_name, any) != 0 ? s->class_name : of_model;
}

static enum err_code find_class(const struct tokenizer_class **out, const struct model_files *f,
                                struct token_settings *s, enum vocabulary_source source,
                                struct err *e) {
    const char *named = named_class(s), *name = named ? named : usual_class(f, source);
    *out = NULL;
    if (!named && *s->model_type)
        return err_set(e, ERR_UNSUPPORTED,
                       "%s: no file names its tokenizer_class, and which one models of the type "
                       "%.60s have is not known here",
                       f->folder, s->model_type);
    *out = tokenizer_class_find(name);
    if (*out && (*out)->source == source)
        return ERR_OK;
    return err_set(e, ERR_UNSUPPORTED,
                   "%s: a %.60s is not made of these files here (%s); a tokenizer.json, where "
                   "Transformers can write one, is read",
                   f->folder, name,
                   source == FROM_MERGES ? "vocab.json, merges.txt" : f->sentencepiece);
}

static enum err_code convert(struct converted *out, const struct tokenizer_class *class,
                             const struct model_files *f, struct token_settings *s, struct err *e) {
    return class->source == FROM_MERGES
               ? converted_from_merges(out, f->vocab_json, f->merges, class, s, e)
               : converted_from_sentencepiece(out, f->sentencepiece, class, s, e);
}

static enum err_code open_as(struct tokenizer **out, const struct tokenizer_ops *kind,
                             enum vocabulary_source source, const struct model_files *f,
                             struct model_config *config, struct err *e) {
    struct pipeline *p = pipeline_new(kind);
    struct converted converted = {0};
    const struct tokenizer_class *class;
    struct token_settings s;
    enum err_code code = token_settings_read(&s, f, e);
    if (code)
        goto out;
    code = find_class(&class, f, &s, source, e);
    if (code)
        goto out;
    code = convert(&converted, class, f, &s, e);
    if (code)
        goto out;
    code = pipeline_read_json(p, converted.root, converted.path, e);
    if (code)
        goto out;
    code = pipeline_finish(p, converted.path, e);
    if (code)
        goto out;
    code = frame_put(p, class, &s, config, converted.path, e);
    if (code)
        goto out;
    p->clean_up_spaces = token_settings_flag(&s, "clean_up_tokenization_spaces", false);
    special_correct_ids(class, &s, &p->vocabulary, config);
    code = token_settings_check(&s, e);
out:
    converted_dispose(&converted);
    token_settings_dispose(&s);
    return pipeline_hand_out(out, p, code);
}

static enum err_code open_sentencepiece(struct tokenizer **out, const struct model_files *f,
                                        const struct weights *w, struct model_config *config,
                                        struct err *e) {
    (void)w;
    return open_as(out, &tokenizer_sentencepiece, FROM_SENTENCEPIECE, f, config, e);
}

static enum err_code open_merges(struct tokenizer **out, const struct model_files *f,
                                 const struct weights *w, struct model_config *config,
                                 struct err *e) {
    (void)w;
    return open_as(out, &tokenizer_merges, FROM_MERGES, f, config, e);
}

static bool sentencepiece_there(const struct model_files *f, const struct weights *w,
                                const char *class) {
    (void)w, (void)class;
    return path_given(f->sentencepiece);
}

static bool merges_there(const struct model_files *f, const struct weights *w, const char *class) {
    (void)w, (void)class;
    return path_given(f->vocab_json) && path_given(f->merges);
}

/* Whether the class is known, without its vocabulary. */
static char *problem(const struct model_files *f, enum vocabulary_source source) {
    const struct tokenizer_class *class;
    struct token_settings s;
    struct err e = {0};
    enum err_code code = token_settings_read(&s, f, &e);
    if (!code)
        code = find_class(&class, f, &s, source, &e);
    token_settings_dispose(&s);
    return code ? mem_text(e.message) : NULL;
}

static char *sentencepiece_problem(const struct model_files *f, const struct weights *w) {
    (void)w;
    return problem(f, FROM_SENTENCEPIECE);
}

static char *merges_problem(const struct model_files *f, const struct weights *w) {
    (void)w;
    return problem(f, FROM_MERGES);
}

const struct tokenizer_ops tokenizer_sentencepiece = {
    .files = "tokenizer.model, spiece.model or sentencepiece.bpe.model",
    .takes_kwargs = true,
    .there = sentencepiece_there,
    .problem = sentencepiece_problem,
    .open = open_sentencepiece,
    .speak = frame_speak,
    PIPELINE_OPS};

const struct tokenizer_ops tokenizer_merges = {.files = "vocab.json with merges.txt",
                                               .takes_kwargs = true,
                                               .there = merges_there,
                                               .problem = merges_problem,
                                               .open = open_merges,
                                               PIPELINE_OPS};
