#include "app/cli/dataset_key.h"

#include "backend/base/folder.h"
#include "backend/base/mem.h"
#include "backend/discovery.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define PIECE (1 << 20) /* bytes that are read at once */
#define MOST_FILES 10000

/* Options that say how a run is shown or where it goes, and those that others here stand for. */
static bool decides_nothing(enum cli_option_id id) {
    static const enum cli_option_id ids[] = {
        CLI_OPT_MODEL,        CLI_OPT_SAVE,    CLI_OPT_QUIET,         CLI_OPT_STRICT,
        CLI_OPT_COLOUR,       CLI_OPT_SCALE,   CLI_OPT_COLOUR_MAP,    CLI_OPT_THEME,
        CLI_OPT_TIMINGS,      CLI_OPT_VERBOSE, CLI_OPT_VERY_VERBOSE,  CLI_OPT_THREADS,
        CLI_OPT_HIDE,         CLI_OPT_SHARD,   CLI_OPT_DATASET,       CLI_OPT_DATASET_FILES,
        CLI_OPT_DATASET_DIR,  CLI_OPT_VIZ,     CLI_OPT_EXPORT,        CLI_OPT_WORD_ALIGNMENTS,
        CLI_OPT_SPLIT_OUTPUT, CLI_OPT_HELP,    CLI_OPT_DATASET_SPLIT,
    };
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* A text whose line breaks do not end the line. */
static void put_text(struct text_buffer *b, const char *text) {
    for (; *text; text++) {
        if (*text == '\n')
            text_buffer_puts(b, "\\n");
        else
            text_buffer_add(b, text, 1);
    }
}

static void put_options(struct text_buffer *b, const struct cli_arguments *a) {
    static const char *const names[] = {
#define GROUP(title)
#define OPTION(id, option_names, kind, commands, value, help) [CLI_OPT_##id] = option_names,
#include "app/cli/options.def"
    };
    for (int i = 0; i < CLI_OPTION_COUNT; i++) {
        const struct cli_value *v = &a->values[i];
        char name[CLI_MAX_NAME];
        if (!v->given || decides_nothing((enum cli_option_id)i) || !cli_next_name(name, names[i]))
            continue;
        text_buffer_format(b, "%s:", name);
        for (size_t k = 0; k < v->n; k++) {
            text_buffer_puts(b, " ");
            put_text(b, v->texts[k]);
        }
        if (!v->n)
            text_buffer_puts(b, v->flag ? " true" : " false");
        text_buffer_puts(b, "\n");
    }
}

static enum err_code sum_of(unsigned long *sum, long long *n, const char *path, struct err *e) {
    unsigned char *piece = mem_alloc(PIECE);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t some = fd < 0 ? -1 : 0;
    *sum = crc32(0, NULL, 0);
    *n = 0;
    while (fd >= 0 && (some = read(fd, piece, PIECE)) > 0) {
        *sum = crc32(*sum, piece, (unsigned)some);
        *n += some;
    }
    const enum err_code code =
        some < 0 ? err_set(e, ERR_IO, "%.200s: %s", path, strerror(errno)) : ERR_OK;
    if (fd >= 0)
        close(fd);
    free(piece);
    return code;
}

static enum err_code put_files(struct text_buffer *b, const struct dataset_source *s,
                               struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < s->n && !code; i++) {
        unsigned long sum;
        long long n;
        code = sum_of(&sum, &n, s->files[i], e);
        text_buffer_puts(b, "data ");
        put_text(b, s->files[i]);
        text_buffer_format(b, ": %lld bytes, crc32 %08lx\n", n, sum);
    }
    return code;
}

/* Bytes of the model's files: a copy on another machine is the same model. */
static int64_t model_bytes(const char *name) {
    struct folder f;
    struct err ignored;
    char *path;
    int64_t n = 0;
    if (model_resolve(&path, name, &ignored))
        return 0; /* who loads it says so */
    if (folder_read(&f, path, MOST_FILES, &ignored) == ERR_OK) {
        for (size_t i = 0; i < f.n; i++)
            n += f.items[i].file ? f.items[i].size : 0;
        folder_dispose(&f);
    }
    free(path);
    return n;
}

enum err_code dataset_key_make(char **out, const struct cli_arguments *a,
                               const struct dataset_source *s, int64_t from, int64_t to,
                               int64_t n_batch, struct err *e) {
    struct text_buffer b = {0};
    const char *model = cli_text(a, CLI_OPT_MODEL);
    text_buffer_puts(&b, "tinseq: " TINSEQ_VERSION "\nmodel: ");
    put_text(&b, model);
    text_buffer_format(&b, "\nmodel's bytes: %lld\n", (long long)model_bytes(model));
    enum err_code code = put_files(&b, s, e);
    text_buffer_format(&b, "rows: %lld to %lld\nrows of a batch: %lld\n", (long long)from,
                       (long long)to, (long long)n_batch);
    put_options(&b, a);
    *out = code ? NULL : text_buffer_take(&b);
    text_buffer_dispose(&b);
    return code;
}
