#include "app/cli/kwargs.h"

#include "app/cli/print.h"
#include "backend/base/json.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { MODEL = 1, TOKENIZER = 2 };

enum kwarg_kind {
    DTYPE,     /* the type to compute in */
    DEVICE,    /* where */
    TEXT,      /* the tokenizer's */
    FLAG,      /* the tokenizer's, true or false */
    NO_EFFECT, /* told, with the reason */
    REFUSED,   /* unless it is false or null */
    REVISION
};

static const struct kwarg {
    const char *name;
    int of;
    enum kwarg_kind kind;
    const char *reason;
} kwargs[] = {
    {"torch_dtype", MODEL, DTYPE, NULL},
    {"dtype", MODEL, DTYPE, NULL},
    {"device_map", MODEL, DEVICE, NULL},
    {"src_lang", TOKENIZER, TEXT, NULL},
    {"tgt_lang", TOKENIZER, TEXT, NULL},
    {"add_bos_token", TOKENIZER, FLAG, NULL},
    {"add_eos_token", TOKENIZER, FLAG, NULL},
    {"add_prefix_space", TOKENIZER, FLAG, NULL},
    {"legacy", TOKENIZER, FLAG, NULL},
    {"use_fast", TOKENIZER, NO_EFFECT, "there is one tokenizer here, equal to the fast one"},
    {"padding_side", TOKENIZER, NO_EFFECT, "texts are never padded here"},
    {"low_cpu_mem_usage", MODEL, NO_EFFECT, "weights are read without a second copy anyway"},
    {"attn_implementation", MODEL, NO_EFFECT, "attention weights are always at hand here"},
    {"use_safetensors", MODEL, NO_EFFECT, "the files that are there decide"},
    {"local_files_only", MODEL | TOKENIZER, NO_EFFECT, "nothing is fetched from a network here"},
    {"trust_remote_code", MODEL | TOKENIZER, REFUSED,
     "code that comes with a checkpoint is never run here; the families that run need none"},
    {"load_in_8bit", MODEL, REFUSED,
     "weights are not quantised while they are read; a GGUF file that is quantised runs"},
    {"load_in_4bit", MODEL, REFUSED,
     "weights are not quantised while they are read; a GGUF file that is quantised runs"},
    {"quantization_config", MODEL, REFUSED,
     "weights are not quantised while they are read; a GGUF file that is quantised runs"},
    {"revision", MODEL | TOKENIZER, REVISION, NULL},
};
#define N_KWARGS (sizeof kwargs / sizeof *kwargs)

/* One option while it is read. */
struct reading {
    struct cli_kwargs *out;
    const char *option;
    int of;
    bool tell;
    struct text_buffer members; /* of the tokenizer's */
    char *name;
};

static enum err_code wrong_value(const struct reading *r, const struct json_value *v,
                                 const char *wanted, struct err *e) {
    struct text_buffer b = {0};
    json_write_flat(&b, v);
    char *shown = text_clean_start(b.text);
    enum err_code code =
        err_set(e, ERR_USAGE, "%s: %s is %s, not %.60s", r->option, r->name, wanted, shown);
    free(shown);
    text_buffer_dispose(&b);
    return code;
}

static enum err_code set_once(char **to, const struct reading *r, const char *value,
                              struct err *e) {
    if (*to && strcmp(*to, value) != 0)
        return err_set(e, ERR_USAGE, "%s: %s says \"%s\", and another one \"%s\"", r->option,
                       r->name, value, *to);
    mem_replace(to, mem_text(value));
    return ERR_OK;
}

static void tell(const struct reading *r, const char *reason) {
    char *line = mem_format("%s: %s changes nothing: %s", r->option, r->name, reason);
    if (r->tell)
        cli_note(line);
    free(line);
}

static enum err_code take_dtype(struct reading *r, const struct json_value *v, struct err *e) {
    static const char *const types[] = {"float32", "float64", "bfloat16"};
    static const char prefix[] = "torch.";
    if (v->type == JSON_NULL || json_is(v, "auto")) {
        tell(r, "the type of the file does not decide what is computed in; --dtype does");
        return ERR_OK;
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char *with = mem_format("%s%s", prefix, types[i]);
        const bool same = json_is(v, types[i]) || json_is(v, with);
        free(with);
        if (same)
            return set_once(&r->out->dtype, r, types[i], e);
    }
    return wrong_value(r, v, "float32, float64, bfloat16 or auto here", e);
}

/* A name, or {"": name}: everything in one place. */
static enum err_code take_device(struct reading *r, const struct json_value *v, struct err *e) {
    if (v->type == JSON_OBJECT && v->n_members == 1 && json_named(v->first, ""))
        v = v->first;
    if (v->type == JSON_NULL || json_is(v, "auto")) {
        tell(r, "the whole model goes to one device; --device says which (cpu)");
        return ERR_OK;
    }
    if (v->type != JSON_STRING)
        return wrong_value(r, v, "auto, cpu, cuda or cuda:N here: one device for all", e);
    char *device = mem_text_n(v->text, v->n_text);
    enum err_code code = set_once(&r->out->device, r, device, e);
    free(device);
    return code;
}

static enum err_code take_setting(struct reading *r, const struct kwarg *k,
                                  const struct json_value *v, struct err *e) {
    if (k->kind == TEXT && v->type != JSON_STRING)
        return wrong_value(r, v, "a text", e);
    if (k->kind == FLAG && v->type != JSON_TRUE && v->type != JSON_FALSE)
        return wrong_value(r, v, "true or false", e);
    json_put_member(&r->members, v);
    return ERR_OK;
}

static enum err_code take_revision(const struct reading *r, const struct json_value *v,
                                   struct err *e) {
    if (v->type == JSON_NULL || json_is(v, "main"))
        return ERR_OK;
    return wrong_value(r, v, "\"main\" here: for another one give -m NAME@REVISION", e);
}

static enum err_code take(struct reading *r, const struct kwarg *k, const struct json_value *v,
                          struct err *e) {
    switch (k->kind) {
    case DTYPE:
        return take_dtype(r, v, e);
    case DEVICE:
        return take_device(r, v, e);
    case TEXT:
    case FLAG:
        return take_setting(r, k, v, e);
    case NO_EFFECT:
        tell(r, k->reason);
        return ERR_OK;
    case REVISION:
        return take_revision(r, v, e);
    case REFUSED:
        break;
    }
    if (v->type == JSON_FALSE || v->type == JSON_NULL)
        return ERR_OK;
    return err_set(e, ERR_USAGE, "%s: %s is not available: %s", r->option, r->name, k->reason);
}

static enum err_code unknown(const struct reading *r, struct err *e) {
    const char *names[N_KWARGS];
    size_t n = 0;
    for (size_t i = 0; i < N_KWARGS; i++)
        if (kwargs[i].of & r->of)
            names[n++] = kwargs[i].name;
    char *what = mem_format("%s: nothing here is called", r->option);
    enum err_code code =
        cli_unknown(what, r->name, names, n, "leave it out, or say it with an option", e);
    free(what);
    return code;
}

static enum err_code take_member(struct reading *r, const struct json_value *v, struct err *e) {
    for (size_t i = 0; i < N_KWARGS; i++)
        if ((kwargs[i].of & r->of) && json_named(v, kwargs[i].name))
            return take(r, &kwargs[i], v, e);
    return unknown(r, e);
}

static enum err_code read_option(struct reading *r, const char *text, struct err *e) {
    struct json_document *d = NULL;
    struct err inner;
    if (!text)
        return ERR_OK;
    if (json_parse(&d, text, strlen(text), &inner) != ERR_OK)
        return err_set(e, ERR_USAGE, "%s is no JSON: %s", r->option, inner.message);
    enum err_code code = json_root(d)->type == JSON_OBJECT
                             ? ERR_OK
                             : err_set(e, ERR_USAGE, "%s is no JSON object", r->option);
    for (const struct json_value *v = json_root(d)->first; v && !code; v = v->next) {
        mem_replace(&r->name, mem_text_n(v->key, v->n_key));
        code = take_member(r, v, e);
    }
    mem_replace(&r->name, NULL);
    json_free(d);
    return code;
}

/* What an option of our own says too must be the same. */
static enum err_code agree(char **said, const char *option, const char *value, const char *what,
                           struct err *e) {
    if (*said && value && strcmp(*said, value) != 0)
        return err_set(e, ERR_USAGE, "--model_kwargs says %s \"%s\", and %s \"%s\"", what, *said,
                       option, value);
    if (!*said)
        *said = mem_text(value);
    return ERR_OK;
}

enum err_code cli_kwargs_read(struct cli_kwargs *out, const struct cli_arguments *a, bool tell,
                              struct err *e) {
    struct reading model = {.out = out, .option = "--model_kwargs", .of = MODEL, .tell = tell},
                   tokenizer = {
                       .out = out, .option = "--tokenizer_kwargs", .of = TOKENIZER, .tell = tell};
    *out = (struct cli_kwargs){0};
    enum err_code code = read_option(&model, cli_text(a, CLI_OPT_MODEL_KWARGS), e);
    if (code)
        goto out;
    code = read_option(&tokenizer, cli_text(a, CLI_OPT_TOKENIZER_KWARGS), e);
    if (code)
        goto out;
    if (tokenizer.members.n)
        out->tokenizer_kwargs = json_take_object(&tokenizer.members);
    code = agree(&out->dtype, "--dtype", cli_text(a, CLI_OPT_DTYPE), "dtype", e);
    if (code)
        goto out;
    code = agree(&out->device, "--device", cli_text(a, CLI_OPT_DEVICE), "device_map", e);
out:
    text_buffer_dispose(&tokenizer.members);
    return code;
}

void cli_kwargs_dispose(struct cli_kwargs *k) {
    free(k->dtype);
    free(k->device);
    free(k->tokenizer_kwargs);
    *k = (struct cli_kwargs){0};
}
