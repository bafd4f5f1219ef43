#include "app/cli/dataset_source.h"

#include "app/cli/dataset_kwargs.h"
#include "app/cli/print.h"
#include "backend/base/file.h"
#include "backend/base/folder.h"
#include "backend/base/text.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#define MOST_FILES 100000
#define HUB                                                                                        \
    "python3 -c \"from datasets import load_dataset; load_dataset('%.80s', split='%.40s')"         \
    ".to_json('data.jsonl')\""

static const struct named_format {
    const char *name;
    enum dataset_format format; /* DATASET_BY_ENDING: cannot be read */
    const char *reason;
} formats[] = {
    {"csv", DATASET_CSV, NULL},
    {"tsv", DATASET_TSV, NULL},
    {"json", DATASET_JSON, NULL},
    {"jsonl", DATASET_JSON, NULL},
    {"text", DATASET_BY_ENDING, "lines of text are no table: tinseq attribute --input_file FILE"},
    {"parquet", DATASET_BY_ENDING,
     "Parquet is not read here; this makes a file of it that is: python3 -c \"import pandas; "
     "pandas.read_parquet('FILE.parquet').to_json('FILE.jsonl', orient='records', lines=True, "
     "force_ascii=False)\""},
    {"arrow", DATASET_BY_ENDING,
     "Arrow is not read here; this makes a file of it that is: python3 -c \"import datasets; "
     "datasets.Dataset.from_file('FILE.arrow').to_json('FILE.jsonl')\""},
};
#define N_FORMATS (sizeof formats / sizeof *formats)

static const struct named_format *find_format(const char *name) {
    for (size_t i = 0; i < N_FORMATS; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

/* --- what cannot be read --- */

static const char *split_name(const struct cli_arguments *a) {
    const char *split = cli_text(a, CLI_OPT_DATASET_SPLIT);
    return split ? split : "train";
}

/* In a command for a person to copy, a quote would end what it stands in. */
static bool is_plain(const char *name) {
    return !name[strcspn(name, "'\"\\$`\n")];
}

/* "imdb" or "owner/imdb", and no file's name. */
static bool is_of_hub(const char *name, const struct cli_arguments *a) {
    const char *slash = strchr(name, '/');
    const bool path = slash == name || name[0] == '.' || (slash && strchr(slash + 1, '/'));
    return !path && !dataset_format_of(name) && is_plain(name) && is_plain(split_name(a)) &&
           strlen(name) <= 80 && !a->values[CLI_OPT_DATASET_FILES].given &&
           !a->values[CLI_OPT_DATASET_DIR].given;
}

static enum err_code refuse_hub(const char *name, const struct cli_arguments *a, struct err *e) {
    if (!is_of_hub(name, a))
        return err_set(e, ERR_IO, "there is no file %.200s", name);
    return err_set(e, ERR_USAGE,
                   "there is no file %.80s, and data sets of the Hub are not fetched here; if it "
                   "is one, this makes a file of it: " HUB,
                   name, name, split_name(a));
}

static enum err_code refuse_format(const struct named_format *f, struct err *e) {
    return err_set(e, ERR_USAGE, "%s", f->reason);
}

static enum err_code check_ending(const char *path, struct err *e) {
    if (text_ends_with(path, ".parquet"))
        return refuse_format(find_format("parquet"), e);
    return text_ends_with(path, ".arrow") ? refuse_format(find_format("arrow"), e) : ERR_OK;
}

/* Options of Inseq's about what is on the Hub. */
static enum err_code refuse_options(const struct cli_arguments *a, struct err *e) {
    static const struct {
        enum cli_option_id id;
        const char *name, *reason;
    } refused[] = {
        {CLI_OPT_DATASET_CONFIG, "--dataset_config",
         "it chooses a part of a data set of the Hub, and files have none: name the files"},
        {CLI_OPT_DATASET_REVISION, "--dataset_revision",
         "it chooses a version on the Hub, from which nothing is fetched here"},
        {CLI_OPT_DATASET_AUTH, "--dataset_auth_token",
         "it opens data sets of the Hub, from which nothing is fetched here"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (a->values[refused[i].id].given)
            return err_set(e, ERR_USAGE, "%s: %s", refused[i].name, refused[i].reason);
    return ERR_OK;
}

/* --- files --- */

static void add_file_take(struct dataset_source *s, char *path) {
    s->files = mem_resize(s->files, (s->n + 1) * sizeof *s->files);
    s->files[s->n++] = path;
}

/* Whether the folder's entry is a file of the format (or of any). */
static bool is_meant(const struct dataset_source *s, const struct folder_entry *entry) {
    const enum dataset_format format = dataset_format_of(entry->name);
    const bool file = entry->file && entry->name[0] != '.';
    return file && format && (!s->form.format || s->form.format == format);
}

/* All files of a folder with such an ending. */
static enum err_code add_folder(struct dataset_source *s, const char *path, struct err *e) {
    const size_t before = s->n;
    struct folder f;
    enum err_code code = folder_read(&f, path, MOST_FILES, e);
    if (code)
        return code;
    for (size_t i = 0; i < f.n && !code; i++) {
        code = check_ending(f.items[i].name, e);
        if (!code && is_meant(s, &f.items[i]))
            add_file_take(s, file_join(path, f.items[i].name));
    }
    const bool more = f.more;
    folder_dispose(&f);
    if (code)
        return code;
    if (more)
        return err_set(e, ERR_USAGE, "%.200s has more than %d files", path, MOST_FILES);
    if (s->n > before)
        return ERR_OK;
    return err_set(e, ERR_USAGE,
                   "%.200s has no file of such a data set (.csv, .tsv, .jsonl, .json)", path);
}

/* A pattern as the datasets library takes it, data/part-*.csv, in the order of the names. */
static enum err_code add_pattern(struct dataset_source *s, const char *pattern, struct err *e) {
    glob_t found = {0};
    const int status = glob(pattern, GLOB_MARK, NULL, &found);
    enum err_code code = ERR_OK;
    if (status == GLOB_NOMATCH)
        code = err_set(e, ERR_IO, "no file is called %.200s", pattern);
    else if (status)
        code = err_set(e, ERR_IO, "the folder of %.200s cannot be read", pattern);
    for (size_t i = 0; !code && i < found.gl_pathc; i++)
        if (!text_ends_with(found.gl_pathv[i], "/"))
            add_file_take(s, mem_text(found.gl_pathv[i]));
    globfree(&found);
    return code;
}

static enum err_code add_path(struct dataset_source *s, const char *path,
                              const struct cli_arguments *a, struct err *e) {
    enum err_code code = check_ending(path, e);
    if (code)
        return code;
    if (file_is_folder(path))
        return add_folder(s, path, e);
    if (!file_is_there(path) && strpbrk(path, "*?["))
        return add_pattern(s, path, e);
    if (!file_is_there(path))
        return refuse_hub(path, a, e);
    add_file_take(s, mem_text(path));
    return ERR_OK;
}

/* --dataset_files, which are in --dataset_dir where that is given; or all of that. */
static enum err_code add_inseq_files(struct dataset_source *s, const struct cli_arguments *a,
                                     struct err *e) {
    const struct cli_value *files = &a->values[CLI_OPT_DATASET_FILES];
    const char *folder = cli_text(a, CLI_OPT_DATASET_DIR);
    enum err_code code = ERR_OK;
    if (!files->n)
        return add_path(s, folder, a, e);
    for (size_t i = 0; i < files->n && !code; i++) {
        const bool inside = folder && files->texts[i][0] != '/';
        char *path = inside ? file_join(folder, files->texts[i]) : mem_text(files->texts[i]);
        code = add_path(s, path, a, e);
        free(path);
    }
    return code;
}

/* The files themselves: -d A B. */
static enum err_code add_own_files(struct dataset_source *s, const struct cli_arguments *a,
                                   struct err *e) {
    const struct cli_value *names = &a->values[CLI_OPT_DATASET];
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < names->n && !code; i++)
        code = add_path(s, names->texts[i], a, e);
    return code;
}

static enum err_code read_files(struct dataset_source *s, const struct cli_arguments *a,
                                struct err *e) {
    const struct cli_value *names = &a->values[CLI_OPT_DATASET];
    const bool inseq =
        a->values[CLI_OPT_DATASET_FILES].given || a->values[CLI_OPT_DATASET_DIR].given;
    const struct named_format *f = names->n == 1 ? find_format(names->texts[0]) : NULL;
    if (f && (inseq || !file_is_there(f->name))) {
        s->form.format = f->format;
        if (!f->format)
            return refuse_format(f, e);
        if (!inseq)
            return err_set(e, ERR_USAGE,
                           "which files? --dataset_name %s takes --dataset_files FILE", f->name);
        return add_inseq_files(s, a, e);
    }
    if (names->n && inseq)
        return err_set(e, ERR_USAGE,
                       "-d %.100s: with --dataset_files and --dataset_dir it says the format, csv, "
                       "tsv or json",
                       names->texts[0]);
    if (!names->n && !inseq)
        return err_set(e, ERR_USAGE,
                       "which data set? give a file of CSV, TSV or JSON lines with -d");
    return inseq ? add_inseq_files(s, a, e) : add_own_files(s, a, e);
}

enum err_code dataset_source_read(struct dataset_source *out, const struct cli_arguments *a,
                                  struct err *e) {
    *out = (struct dataset_source){0};
    enum err_code code = refuse_options(a, e);
    if (code)
        return code;
    code = read_files(out, a, e);
    if (code)
        return code;
    code = split_parse(&out->split, split_name(a), e);
    if (code)
        return code;
    return dataset_kwargs_read(&out->form, &out->names, cli_text(a, CLI_OPT_DATASET_KWARGS), e);
}

enum err_code dataset_source_rows(int64_t *from, int64_t *to, const struct dataset_source *s,
                                  struct err *e) {
    int64_t n;
    enum err_code code = dataset_count(&n, (const char *const *)s->files, s->n, &s->form, e);
    if (code)
        return code;
    split_place(from, to, &s->split, n);
    *from = *from < n ? *from : n;
    *to = *to < n ? *to : n;
    if (*from < *to)
        return ERR_OK;
    return err_set(e, ERR_USAGE,
                   n ? "--dataset_split leaves none of the %lld rows" : "there are %lld rows",
                   (long long)n);
}

void dataset_source_dispose(struct dataset_source *s) {
    for (size_t i = 0; i < s->n; i++)
        free(s->files[i]);
    for (size_t i = 0; s->names && i < s->form.n_names; i++)
        free(s->names[i]);
    free(s->files);
    free(s->names);
    *s = (struct dataset_source){0};
}
