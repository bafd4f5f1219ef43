/*
 * Which files of a path belong to a model. Decides by what lies there, GGUF and Marian files by
 * their first bytes (Ollama's blobs have no extension).
 */
#include "backend/adapter.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/config.h"

#include <fnmatch.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ENTRIES 10000 /* of a folder that is looked at */
#define GLOB_FLAGS (FNM_CASEFOLD | FNM_EXTMATCH)
#define DIGITS5 "[0-9][0-9][0-9][0-9][0-9]"

bool model_is_gguf_name(const char *name) {
    const bool part = fnmatch("*-" DIGITS5 "-of-" DIGITS5 ".gguf", name, GLOB_FLAGS) == 0,
               first = fnmatch("*-00001-of-" DIGITS5 ".gguf", name, GLOB_FLAGS) == 0;
    return fnmatch("!(mmproj*).gguf", name, GLOB_FLAGS) == 0 && (first || !part);
}

/* Names that match a shell pattern; they stay owned by `names`. Returns their number, *first is the
 * first. */
static size_t matching(const struct file_names *names, const char *pattern, const char **first) {
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++)
        if (fnmatch(pattern, names->items[i], GLOB_FLAGS) == 0 && n++ == 0)
            *first = names->items[i];
    return n;
}

static size_t matching_gguf(const struct file_names *names, const char **first) {
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++)
        if (model_is_gguf_name(names->items[i]) && n++ == 0)
            *first = names->items[i];
    return n;
}

static size_t first_bytes(unsigned char *bytes, size_t n, const char *path) {
    struct err ignored; /* what cannot be read is named when it is opened as the model */
    int fd;
    if (file_open(&fd, path, &ignored))
        return 0;
    ssize_t got = read(fd, bytes, n);
    close(fd);
    return got > 0 ? (size_t)got : 0;
}

static bool is_gguf(const char *path) {
    unsigned char magic[4];
    return first_bytes(magic, sizeof magic, path) == sizeof magic &&
           memcmp(magic, "GGUF", sizeof magic) == 0;
}

static bool is_marian(const char *path) {
    uint64_t version = 0;
    return first_bytes((unsigned char *)&version, sizeof version, path) == sizeof version &&
           version == 1;
}

/* What torch.save wrote: a zip archive or a pickle. */
static bool is_torch(const char *path) {
    unsigned char magic[4];
    return first_bytes(magic, sizeof magic, path) == sizeof magic &&
           (memcmp(magic, "PK\3\4", sizeof magic) == 0 || (magic[0] == 0x80 && magic[1] <= 5));
}

/* What stands where a model should: a file that git-lfs has not fetched yet. */
static bool is_pointer(const char *path) {
    static const char mark[] = "version https://git-lfs";
    unsigned char bytes[sizeof mark - 1];
    return first_bytes(bytes, sizeof bytes, path) == sizeof bytes &&
           memcmp(bytes, mark, sizeof bytes) == 0;
}

/* "" only where there is no such name: one that cannot be read is an error of its reader. */
static char *join_if_there(const char *folder, const char *name) {
    char *path = file_join(folder, name);
    if (file_is_there(path))
        return path;
    free(path);
    return mem_text("");
}

static void fill_hugging_face(struct model_files *f) {
    const struct {
        char **to;
        const char *name;
    } parts[] = {
        {&f->config, "config.json"},
        {&f->generation_config, "generation_config.json"},
        {&f->tokenizer_config, "tokenizer_config.json"},
        {&f->tokenizer_json, "tokenizer.json"},
        {&f->vocab_json, "vocab.json"},
        {&f->merges, "merges.txt"},
        {&f->vocab_source, "vocab-src.json"},
        {&f->vocab_target, "vocab-tgt.json"},
        {&f->source_spm, "source.spm"},
        {&f->target_spm, "target.spm"},
        {&f->special_tokens_map, "special_tokens_map.json"},
        {&f->added_tokens, "added_tokens.json"},
    };
    static const char *const sentencepieces[] = {"tokenizer.model", "spiece.model",
                                                 "sentencepiece.bpe.model"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i].to = join_if_there(f->folder, parts[i].name);
    for (size_t i = 0; i < sizeof sentencepieces / sizeof *sentencepieces; i++)
        if (!f->sentencepiece || !*f->sentencepiece)
            mem_replace(&f->sentencepiece, join_if_there(f->folder, sentencepieces[i]));
}

/* The weights, in Transformers' order of names; else the only safetensors file. */
static enum err_code find_hugging_face(const char **weights, const char *folder,
                                       const struct file_names *names, struct err *e) {
    static const char *const wanted[] = {"model.safetensors", "model.safetensors.index.json",
                                         "pytorch_model.bin", "pytorch_model.bin.index.json"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (matching(names, wanted[i], weights) > 0)
            return ERR_OK;
    const size_t n = matching(names, "*.safetensors", weights);
    if (n == 1)
        return ERR_OK;
    if (n > 1)
        return err_set(e, ERR_FORMAT,
                       "%s: %zu safetensors files and no model.safetensors.index.json to say "
                       "which is what",
                       folder, n);
    if (matching(names, "@(tf_model.h5|flax_model.msgpack|*.onnx|*.ckpt.index)", weights) > 0)
        return err_set(
            e, ERR_UNSUPPORTED,
            "%s: its weights are %s, which is not read here; save them from Transformers "
            "as safetensors",
            folder, *weights);
    return err_set(e, ERR_FORMAT,
                   "%s: config.json is there, but no weights (model.safetensors or "
                   "pytorch_model.bin)",
                   folder);
}

static enum err_code locate_hugging_face(struct model_files *f, const struct file_names *names,
                                         struct err *e) {
    const char *weights = NULL;
    f->layout = LAYOUT_HUGGING_FACE;
    enum err_code code = find_hugging_face(&weights, f->folder, names, e);
    if (code)
        return code;
    f->weights = file_join(f->folder, weights);
    fill_hugging_face(f);
    return ERR_OK;
}

static enum err_code locate_marian(struct model_files *f, const struct file_names *names,
                                   const char *weights, struct err *e) {
    const char *vocabulary = NULL, *yaml = NULL;
    f->layout = LAYOUT_MARIAN_NATIVE;
    f->weights = file_join(f->folder, weights);
    size_t n = matching(names, "vocab*.spm", &vocabulary);
    if (n == 0 && matching(names, "*vocab*.spm", &vocabulary) > 0)
        return err_set(e, ERR_UNSUPPORTED,
                       "%s: separate source and target vocabularies (%s) do not run here; one "
                       "vocab.*.spm does",
                       f->folder, vocabulary);
    if (n != 1)
        return err_set(e, ERR_FORMAT, "%s: %s is there, but %s vocab.*.spm", f->folder, weights,
                       n ? "more than one" : "no");
    f->source_spm = file_join(f->folder, vocabulary);
    f->target_spm = mem_text(f->source_spm);
    if (matching(names, "config*.yml", &yaml) || matching(names, "*decoder*.yml", &yaml) ||
        matching(names, "config*.yaml", &yaml))
        f->decoder_yaml = file_join(f->folder, yaml);
    return ERR_OK;
}

static enum err_code locate_gguf(struct model_files *f, const char *path) {
    f->layout = LAYOUT_GGUF;
    f->weights = mem_text(path);
    return ERR_OK;
}

/* "a.gguf, b.gguf, …", for a message. */
static char *join_gguf(const struct file_names *names) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < names->n && b.n < 200; i++)
        if (model_is_gguf_name(names->items[i]))
            text_buffer_format(&b, "%s%s", b.n ? ", " : "", names->items[i]);
    return text_buffer_take(&b);
}

/* The one Marian binary of a folder: model.bin, model.*.bin and the like that begin as such. More
 * than one is counted, not chosen. */
static size_t find_marian(const struct model_files *f, const struct file_names *names,
                          const char **weights) {
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++) {
        if (fnmatch("model*.bin", names->items[i], 0) != 0)
            continue;
        char *path = file_join(f->folder, names->items[i]);
        if ((is_marian(path) || is_pointer(path)) && n++ == 0)
            *weights = names->items[i];
        free(path);
    }
    return n;
}

/* --- an adapter -------------------------------------------------------------------------- */

/* The tokenizer's files that lie beside the adapter stand for the base's. */
static void prefer_own_tokenizer(struct model_files *f, const char *folder) {
    char **const parts[] = {
        &f->tokenizer_json, &f->tokenizer_config, &f->vocab_json,         &f->merges,
        &f->source_spm,     &f->target_spm,       &f->special_tokens_map, &f->added_tokens,
        &f->sentencepiece,  &f->vocab_source,     &f->vocab_target};
    struct model_files own = {.folder = mem_text(folder)};
    char **const of[] = {
        &own.tokenizer_json, &own.tokenizer_config, &own.vocab_json,         &own.merges,
        &own.source_spm,     &own.target_spm,       &own.special_tokens_map, &own.added_tokens,
        &own.sentencepiece,  &own.vocab_source,     &own.vocab_target};
    fill_hugging_face(&own);
    const bool whole = *own.tokenizer_json || *own.vocab_json || *own.vocab_source ||
                       *own.source_spm || (own.sentencepiece && *own.sentencepiece);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && whole; i++) {
        mem_replace(parts[i], *of[i]);
        *of[i] = NULL;
    }
    model_files_dispose(&own);
}

/* The base's files, but for its folder and its tokenizer where the adapter has one. */
static enum err_code locate_base(struct model_files *f, const char *path, struct err *e) {
    char *folder = f->folder;
    struct file_names names = file_list(path, MAX_ENTRIES);
    const char *unused;
    enum err_code code = ERR_OK;
    if (matching(&names, "config.json", &unused) == 0) {
        code = err_set(e, ERR_UNSUPPORTED,
                       "%s: the base of a LoRA adapter must be a Hugging Face folder: %s is none",
                       f->folder, path);
        goto out;
    }
    f->folder = mem_text(path);
    code = locate_hugging_face(f, &names, e);
    mem_replace(&f->folder, folder);
    if (code)
        goto out;
    prefer_own_tokenizer(f, folder);
out:
    file_names_dispose(&names);
    return code;
}

static enum err_code locate_adapter(struct model_files *f, const struct file_names *names,
                                    struct err *e) {
    const char *weights;
    char *base = NULL;
    struct adapter a = {0};
    if (matching(names, "adapter_model.safetensors", &weights) == 0 &&
        matching(names, "adapter_model.bin", &weights) == 0)
        return err_set(e, ERR_FORMAT,
                       "%s: adapter_config.json is there, but no adapter_model.safetensors",
                       f->folder);
    f->adapter = file_join(f->folder, weights);
    f->adapter_config = file_join(f->folder, "adapter_config.json");
    enum err_code code = adapter_read(&a, f->adapter_config, e);
    if (code)
        return code;
    code = adapter_find_base(&base, &a, f->folder, e);
    if (code)
        goto out;
    code = locate_base(f, base, e);
out:
    adapter_dispose(&a);
    free(base);
    return code;
}

static enum err_code locate_in_folder(struct model_files *f, const struct file_names *names,
                                      struct err *e) {
    const char *found = NULL, *unused;
    bool has_config = matching(names, "config.json", &unused) > 0;
    size_t n_gguf = matching_gguf(names, &found);
    if (!has_config && matching(names, "adapter_config.json", &unused))
        return locate_adapter(f, names, e);
    if (has_config &&
        (n_gguf == 0 || matching(names, "@(*.safetensors|pytorch_model*.bin)", &unused) > 0))
        return locate_hugging_face(f, names, e);
    if (n_gguf == 1) {
        char *path = file_join(f->folder, found);
        enum err_code code = locate_gguf(f, path);
        free(path);
        return code;
    }
    if (n_gguf > 1) {
        char *all = join_gguf(names);
        enum err_code code = err_set(e, ERR_FORMAT, "%s: %zu GGUF files; name one of them: %s",
                                     f->folder, n_gguf, all);
        free(all);
        return code;
    }
    size_t n_marian = find_marian(f, names, &found);
    if (n_marian == 1)
        return locate_marian(f, names, found, e);
    if (n_marian > 1)
        return err_set(e, ERR_FORMAT, "%s: %zu Marian models (model*.bin); name one of them",
                       f->folder, n_marian);
    return err_set(e, ERR_FORMAT,
                   "%s: no model here: neither config.json with safetensors or pytorch_model.bin, "
                   "nor a GGUF file, nor "
                   "Marian's model.*.bin with vocab.*.spm",
                   f->folder);
}

static enum err_code locate_file(struct model_files *f, const char *path,
                                 const struct file_names *names, struct err *e) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    struct file_map whole; /* whether it can be read at all */
    enum err_code code = file_map_open(&whole, path, e);
    if (code)
        return code;
    file_map_close(&whole);
    if (is_gguf(path) || fnmatch("*.gguf", name, GLOB_FLAGS) == 0)
        return locate_gguf(f, path);
    if (fnmatch("@(*.safetensors|*.safetensors.index.json|*.bin.index.json)", name, FNM_EXTMATCH) ==
            0 ||
        is_torch(path)) {
        const char *unused;
        if (matching(names, "config.json", &unused) == 0)
            return err_set(e, ERR_FORMAT, "%s: no config.json beside it", path);
        f->layout = LAYOUT_HUGGING_FACE;
        f->weights = mem_text(path);
        fill_hugging_face(f);
        return ERR_OK;
    }
    if (is_marian(path))
        return locate_marian(f, names, name, e);
    if (strcmp(name, "config.json") == 0)
        return locate_hugging_face(f, names, e);
    return err_set(e, ERR_FORMAT,
                   "%s: neither a GGUF nor a safetensors, PyTorch or Marian model file", path);
}

/* Parts that are absent are "". */
static void settle(struct model_files *f) {
    char **const all[] = {&f->weights,
                          &f->config,
                          &f->generation_config,
                          &f->tokenizer_config,
                          &f->tokenizer_json,
                          &f->vocab_json,
                          &f->merges,
                          &f->vocab_source,
                          &f->vocab_target,
                          &f->source_spm,
                          &f->target_spm,
                          &f->decoder_yaml,
                          &f->special_tokens_map,
                          &f->added_tokens,
                          &f->sentencepiece,
                          &f->tokenizer_kwargs,
                          &f->adapter,
                          &f->adapter_config};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!*all[i])
            *all[i] = mem_text("");
}

typedef enum err_code locate_in(struct model_files *f, const char *path, bool is_folder,
                                const struct file_names *names, struct err *e);

static enum err_code locate(struct model_files *out, const char *path, locate_in *in,
                            struct err *e) {
    struct model_files f = {0};
    struct err inner = {0};
    *out = f;
    if (!file_is_there(path))
        return err_set(e, ERR_IO, "%s: no such file or folder", path);
    bool is_folder = file_is_folder(path);
    f.folder = is_folder ? mem_text(path) : file_folder(path);
    struct file_names names = file_list(f.folder, MAX_ENTRIES);
    enum err_code code = in(&f, path, is_folder, &names, &inner);
    file_names_dispose(&names);
    if (code) {
        model_files_dispose(&f);
        if (e)
            *e = inner;
        return code;
    }
    settle(&f);
    *out = f;
    return ERR_OK;
}

static enum err_code locate_model(struct model_files *f, const char *path, bool is_folder,
                                  const struct file_names *names, struct err *e) {
    return is_folder ? locate_in_folder(f, names, e) : locate_file(f, path, names, e);
}

enum err_code model_locate(struct model_files *out, const char *path, struct err *e) {
    return locate(out, path, locate_model, e);
}

/* A model with its tokenizer, or whatever of Hugging Face's files lies there without one. */
static enum err_code locate_tokenizer(struct model_files *f, const char *path, bool is_folder,
                                      const struct file_names *names, struct err *e) {
    const char *unused;
    const bool alone = !is_folder && !is_gguf(path) && !is_marian(path);
    if (!alone && locate_model(f, path, is_folder, names, e) == ERR_OK)
        return ERR_OK;
    if (!alone && matching(names, "*.json", &unused) + matching(names, "*.model", &unused) == 0)
        return e->code;
    f->layout = LAYOUT_HUGGING_FACE;
    fill_hugging_face(f);
    return ERR_OK;
}

enum err_code tokenizer_locate(struct model_files *out, const char *path, struct err *e) {
    return locate(out, path, locate_tokenizer, e);
}

void model_files_dispose(struct model_files *f) {
    char *const all[] = {f->folder,
                         f->weights,
                         f->config,
                         f->generation_config,
                         f->tokenizer_config,
                         f->tokenizer_json,
                         f->vocab_json,
                         f->merges,
                         f->vocab_source,
                         f->vocab_target,
                         f->source_spm,
                         f->target_spm,
                         f->special_tokens_map,
                         f->added_tokens,
                         f->sentencepiece,
                         f->tokenizer_kwargs,
                         f->decoder_yaml,
                         f->adapter,
                         f->adapter_config};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    memset(f, 0, sizeof *f);
}
