/* tinseq tokenize TEXT: what a model's tokenizer makes of it. */
#include "app/cli/subcommand.h"

#include "app/cli/kwargs.h"
#include "app/cli/print.h"
#include "backend/base/file.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "backend/discovery.h"
#include "backend/tokenizer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "Usage: tinseq tokenize -m MODEL TEXT [TEXT ...] [options]\n"
    "\n"
    "Prints the tokens of each text: id, bytes of the text from and to (- where it is not of the "
    "text), piece of the vocabulary.\n"
    "With --json, one object a line for each text. -i - reads one from standard input, its last "
    "line break too.\n"
    "\n"
    "Examples\n"
    "  tinseq tokenize -m smollm2 \"The Eiffel Tower\"\n"
    "  tinseq tokenize -m en-pt --target \"Eu disse oi\"\n"
    "  tinseq tokenize -m smollm2 --decode \"504 45780\"\n";

#define AT_ONCE (1u << 16) /* bytes that are printed at once */

/* A text or ids of one, and what they are made with. */
struct work {
    const struct tokenizer *tokenizer;
    enum text_side side;
    bool json, decode, skip_special;
    struct text_buffer out;
};

static enum err_code flush(struct work *w, struct err *e) {
    enum err_code code = cli_print(w->out.text, w->out.n, e);
    w->out.n = 0;
    return code;
}

static void put_row(struct text_buffer *b, const struct token *t, const struct token_place *place) {
    char bytes[48] = "-";
    char *piece = text_sanitise(t->piece, strlen(t->piece), false);
    if (place->known)
        snprintf(bytes, sizeof bytes, "%zu-%zu", place->from, place->to);
    text_buffer_format(b, "%8d  %-13s  %s", t->id, bytes, piece);
    if (strcmp(piece, t->printable) != 0)
        text_buffer_format(b, "  %s", t->printable);
    text_buffer_puts(b, "\n");
    free(piece);
}

static void put_object(struct text_buffer *b, const struct token *t,
                       const struct token_place *place) {
    struct text_buffer members = {0};
    json_put_number(&members, "id", t->id);
    json_put_string(&members, "piece", t->piece);
    json_put_flag(&members, "special", t->special);
    if (place->known) {
        json_put_number(&members, "start", (double)place->from);
        json_put_number(&members, "end", (double)place->to);
    } else {
        json_put_value(&members, "start", "null");
        json_put_value(&members, "end", "null");
    }
    char *object = json_take_object(&members);
    text_buffer_puts(b, object);
    free(object);
}

/* Where the tokens stand: as their tokenizer tells, or, where it does not, as their bytes do. */
static struct token_place *places_of(const struct token_list *tokens, const char *text, size_t n) {
    struct token_place *places = mem_alloc(tokens->n * sizeof *places);
    bool told = false;
    for (size_t i = 0; i < tokens->n; i++) {
        const struct token *t = &tokens->items[i];
        places[i] = (struct token_place){t->from, t->to, t->to > t->from};
        told |= places[i].known;
    }
    if (!told)
        token_places(places, tokens, text, n);
    return places;
}

static enum err_code print_tokens(struct work *w, const struct token_list *tokens, const char *text,
                                  size_t n, struct err *e) {
    struct token_place *places = places_of(tokens, text, n);
    enum err_code code = ERR_OK;
    if (w->json) {
        text_buffer_puts(&w->out, "{\"text\":");
        json_write_string(&w->out, text, n);
        text_buffer_puts(&w->out, ",\"tokens\":[");
    }
    for (size_t i = 0; i < tokens->n && !code; i++) {
        if (w->json)
            text_buffer_puts(&w->out, i ? "," : "");
        (w->json ? put_object : put_row)(&w->out, &tokens->items[i], &places[i]);
        if (w->out.n > AT_ONCE)
            code = flush(w, e);
    }
    text_buffer_puts(&w->out, w->json ? "]}\n" : "");
    free(places);
    return code ? code : flush(w, e);
}

static enum err_code encode(struct work *w, const char *text, size_t n, struct err *e) {
    struct token_list tokens = {0};
    enum err_code code =
        tokenizer_encode(w->tokenizer, w->side, text, n, !w->skip_special, &tokens, e);
    if (!code)
        code = print_tokens(w, &tokens, text, n, e);
    token_list_dispose(&tokens);
    return code;
}

/* Ids with blanks, commas or brackets between them. */
static enum err_code read_ids(int32_t **out, size_t *n_out, const char *text, struct err *e) {
    static const char between[] = " \t\r\n,[]";
    int32_t *ids = NULL;
    size_t n = 0;
    for (const char *at = text + strspn(text, between); *at; at += strspn(at, between)) {
        char *end;
        errno = 0;
        const long id = strtol(at, &end, 10);
        if (end == at || !strchr(between, *end) || errno || id < 0 || id > INT32_MAX) {
            free(ids);
            char *word = text_sanitise(at, strcspn(at, between), false);
            enum err_code code = err_set(e, ERR_USAGE, "\"%.40s\" is no token id", word);
            free(word);
            return code;
        }
        if ((n & (n - 1)) == 0)
            ids = mem_resize(ids, (n ? 2 * n : 1) * sizeof *ids);
        ids[n++] = (int32_t)id;
        at = end;
    }
    *out = ids;
    *n_out = n;
    return ERR_OK;
}

/* As it is into a file or a pipe; a terminal gets only what it may. */
static void put_decoded(struct work *w, const char *text) {
    if (w->json) {
        text_buffer_puts(&w->out, "{\"text\":");
        json_write_string(&w->out, text, strlen(text));
        text_buffer_puts(&w->out, "}\n");
        return;
    }
    char *safe = isatty(STDOUT_FILENO) ? text_sanitise(text, strlen(text), false) : NULL;
    text_buffer_puts(&w->out, safe ? safe : text);
    text_buffer_puts(&w->out, "\n");
    free(safe);
}

static enum err_code decode(struct work *w, const char *ids_text, struct err *e) {
    int32_t *ids = NULL;
    size_t n = 0;
    char *text = NULL;
    enum err_code code = read_ids(&ids, &n, ids_text, e);
    if (code)
        return code;
    code = tokenizer_decode(w->tokenizer, w->side, ids, n, w->skip_special, &text, e);
    if (code)
        goto out;
    put_decoded(w, text);
    code = flush(w, e);
out:
    free(text);
    free(ids);
    return code;
}

#define MOST_INPUT (256u << 20)

static enum err_code take(struct work *w, const char *text, bool standard_input, struct err *e) {
    char *read = NULL;
    size_t n = strlen(text);
    enum err_code code = ERR_OK;
    if (standard_input)
        code = file_read_named(&read, &n, "/dev/stdin", MOST_INPUT, e);
    if (code)
        return code;
    text = read ? read : text;
    code = w->decode ? decode(w, text, e) : encode(w, text, n, e);
    free(read);
    return code;
}

static enum err_code take_all(struct work *w, const struct cli_arguments *a, struct err *e) {
    const struct cli_value *texts = &a->values[CLI_OPT_INPUT];
    const size_t n = a->n_words + texts->n;
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < n && !code; i++) {
        const bool word = i < a->n_words;
        const char *text = word ? a->words[i] : texts->texts[i - a->n_words];
        if (i && !w->json && !w->decode)
            text_buffer_puts(&w->out, "\n");
        code = take(w, text, !word && strcmp(text, "-") == 0, e);
    }
    return code;
}

static enum err_code open_named(struct tokenizer **out, const char *name, const char *kwargs,
                                bool tell, struct err *e) {
    char *path = NULL, *notice = NULL;
    enum err_code code = model_resolve(&path, name, e);
    if (code)
        return code;
    code = tokenizer_open_path(out, path, kwargs, &notice, e);
    if (notice && tell)
        cli_note(notice);
    free(notice);
    free(path);
    return code;
}

static enum err_code open_asked(struct tokenizer **out, const struct cli_arguments *a,
                                struct err *e) {
    const char *other = cli_text(a, CLI_OPT_TOKENIZER),
               *name = other ? other : cli_text(a, CLI_OPT_MODEL);
    const bool tell = !cli_flag(a, CLI_OPT_QUIET);
    struct cli_kwargs kwargs;
    enum err_code code = cli_kwargs_read(&kwargs, a, tell, e);
    if (!code)
        code = open_named(out, name, kwargs.tokenizer_kwargs, tell, e);
    cli_kwargs_dispose(&kwargs);
    return code;
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    struct tokenizer *tokenizer = NULL;
    if (!cli_text(a, CLI_OPT_MODEL) && !cli_text(a, CLI_OPT_TOKENIZER))
        return err_set(e, ERR_USAGE,
                       "which model's tokenizer? give one with -m; 'tinseq list models' shows "
                       "those on this machine");
    if (a->n_words + a->values[CLI_OPT_INPUT].n == 0)
        return err_set(e, ERR_USAGE, "which text? give one, or -i - for standard input");
    enum err_code code = open_asked(&tokenizer, a, e);
    if (code)
        return code;
    struct work w = {.tokenizer = tokenizer,
                     .side = cli_flag(a, CLI_OPT_TARGET_SIDE) ? TEXT_TARGET : TEXT_SOURCE,
                     .json = cli_flag(a, CLI_OPT_JSON),
                     .decode = cli_flag(a, CLI_OPT_DECODE),
                     .skip_special = cli_flag(a, CLI_OPT_SKIP_SPECIAL)};
    code = take_all(&w, a, e);
    text_buffer_dispose(&w.out);
    tokenizer_free(tokenizer);
    return code;
}

const struct subcommand cli_tokenize = {
    .id = CLI_TOKENIZE,
    .name = "tokenize",
    .synopsis = "-m MODEL TEXT",
    .title = "what its tokenizer makes of a text",
    .help = help,
    .run = run,
};
