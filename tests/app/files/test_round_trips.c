/* Results of chance, and writes that fail: what is written comes back to the bit, and what cannot
 * be written leaves what was there. */
#include "app/files/export_file.h"
#include "app/files/result_file.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "views/export/exports.h"
#include "views/export/result_json.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- chance --- */

static uint64_t state;

static uint32_t next(uint32_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

static float any_float(void) {
    uint32_t bits = next(1u << 31) << 1 ^ next(1u << 31);
    float value;
    memcpy(&value, &bits, sizeof value);
    return isnan(value) ? NAN : value; /* one NaN: the others' bits mean nothing */
}

static struct scores any_scores(int n_dims, const int64_t *dims) {
    struct scores s;
    cr_assert(scores_init(&s, n_dims, dims, 0));
    for (int64_t i = 0; i < scores_count(&s); i++)
        s.data[i] = any_float();
    return s;
}

static void any_tokens(struct token_list *out, int64_t n) {
    static const char *const pieces[] = {"a",    "▁word", "Ġbyte", "\"\\\n", "日本",  "\U0001F600",
                                         "</s>", "",      "Ċ",     "<0x0A>", "a → b", "\x01"};
    for (int64_t i = 0; i < n; i++) {
        const char *piece = pieces[next(sizeof pieces / sizeof *pieces)];
        token_list_add(out, (int32_t)next(50000), false, piece, piece, strlen(piece));
    }
}

static void any_named(struct named_scores **items, size_t *n, int n_dims, const int64_t *dims) {
    *n = next(3);
    *items = mem_alloc((*n + 1) * sizeof **items);
    for (size_t i = 0; i < *n; i++)
        (*items)[i] =
            (struct named_scores){mem_format("name \"%zu\"", i), any_scores(n_dims, dims)};
}

static void any_sequence(struct attribution_sequence *s, enum attribution_class class,
                         bool decoder) {
    const int64_t n_source = 1 + next(5), n_target = 2 + next(5);
    s->class = class;
    s->attr_pos_start = 1 + next((uint32_t)n_target - 1);
    s->attr_pos_end = s->attr_pos_start + 1 + next((uint32_t)(n_target - s->attr_pos_start));
    const int64_t steps = attribution_steps(s), width = 1 + next(4), heads = 1 + next(3);
    static const int n_dims_of[] = {
        [ATTRIBUTION_COARSE] = 2, [ATTRIBUTION_GRANULAR] = 3, [ATTRIBUTION_MULTI_DIMENSIONAL] = 4};
    const int n_dims = n_dims_of[class];
    any_tokens(&s->target, n_target);
    if (decoder)
        token_list_append(&s->source,
                          &(struct token_list){s->target.items, (size_t)s->attr_pos_start});
    else
        any_tokens(&s->source, n_source);
    if (!decoder)
        s->source_attributions = any_scores(n_dims, (int64_t[]){n_source, steps, width, heads});
    if (decoder || next(2))
        s->target_attributions = any_scores(n_dims, (int64_t[]){n_target, steps, width, heads});
    any_named(&s->step_scores, &s->n_step_scores, 1, (int64_t[]){steps});
    any_named(&s->sequence_scores, &s->n_sequence_scores, 3, (int64_t[]){n_source, width, heads});
    s->n_done = steps;
}

static void any_steps(struct attribution_steps *to) {
    steps_init(to, 1 + next(3));
    for (size_t i = 0; i < to->n; i++) {
        struct attribution_step *s = &to->items[i];
        s->target_attributions = any_scores(2, (int64_t[]){1, 1 + next(4)});
        any_named(&s->step_scores, &s->n_step_scores, 1, (int64_t[]){1});
        s->prefix = (struct step_tokens){mem_alloc(sizeof *s->prefix.items), 1};
        any_tokens(s->prefix.items, 1 + next(3));
    }
}

static struct attribution *any_result(uint64_t seed) {
    state = seed * 977;
    struct attribution *a = attribution_new(1 + next(4));
    const bool decoder = next(2);
    for (size_t i = 0; i < a->n_sequences; i++) {
        any_sequence(&a->sequences[i], (enum attribution_class)next(3), decoder);
        char *text = mem_format("text %zu \"%u\" é", i, next(1000));
        info_texts_add(&a->info.input_texts, text);
        info_texts_add(&a->info.generated_texts, text);
        free(text);
    }
    a->info.method = mem_text("saliency");
    a->info.version = mem_text("0");
    a->info.seconds = (struct info_seconds){true, 0.1 * next(100)};
    info_values_add(&a->info.others, "another", "{\"a\":[1,null]}");
    return a;
}

static char *folder(void) {
    static char path[] = "/tmp/tinseq-trips-XXXXXX";
    if (strstr(path, "XXXXXX"))
        cr_assert(mkdtemp(path));
    return path;
}

static void clean(void) {
    struct file_names names = file_list(folder(), 100);
    for (size_t i = 0; i < names.n; i++) {
        char *path = file_join(folder(), names.items[i]);
        unlink(path);
        free(path);
    }
    file_names_dispose(&names);
    rmdir(folder());
}

TestSuite(round_trips, .fini = clean);

static char *json_of(const struct attribution *a, const struct export_how *how) {
    struct text_buffer b = {0};
    result_json_write(&b, a, how);
    return text_buffer_take(&b);
}

static struct attribution *trip(const struct attribution *a, const char *leaf,
                                struct export_how how) {
    const struct export *format;
    struct attribution *back;
    struct err e = {0};
    char *path = file_join(folder(), leaf);
    const struct export_input in = {.result = a, .shown = a, .choices = a, .how = how};
    cr_assert_eq(export_of_path(&format, path, &e), ERR_OK);
    cr_assert_eq(export_file_write(path, format, &in, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(result_file_load(&back, path, &e), ERR_OK, "%s", e.message);
    free(path);
    return back;
}

static void expect_same(const struct attribution *a, const struct attribution *b,
                        const struct export_how *how, uint64_t seed, const char *what) {
    char *x = json_of(a, how), *y = json_of(b, how);
    cr_expect_str_eq(x, y, "seed %d: %s", (int)seed, what);
    free(x);
    free(y);
}

static bool same_bits(const struct scores *a, const struct scores *b) {
    const size_t n = (size_t)scores_count(a) * sizeof(float);
    return a->n_dims == b->n_dims && scores_count(a) == scores_count(b) &&
           (n == 0 || memcmp(a->data, b->data, n) == 0);
}

Test(round_trips, results_of_chance_come_back_to_the_bit) {
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct attribution *a = any_result(seed);
        struct attribution *json = trip(a, "a.json", (struct export_how){0}),
                           *rows = trip(a, seed % 2 ? "a.jsonl" : "a.jsonl.gz",
                                        (struct export_how){.raw = true}),
                           *rounded =
                               trip(a, "h.json", (struct export_how){.precision = SCORES_F16}),
                           *rounded_rows =
                               trip(a, "h.jsonl",
                                    (struct export_how){.raw = true, .precision = SCORES_F16});
        for (size_t i = 0; i < a->n_sequences; i++)
            cr_expect(same_bits(&a->sequences[i].target_attributions,
                                &rows->sequences[i].target_attributions));
        expect_same(a, json, NULL, seed, "JSON");
        expect_same(a, rows, NULL, seed, "rows");
        expect_same(rounded, rounded_rows, NULL, seed, "float16");
        expect_same(a, rounded, &(struct export_how){.precision = SCORES_F16}, seed,
                    "rounded twice");
        attribution_release(a);
        attribution_release(json);
        attribution_release(rows);
        attribution_release(rounded);
        attribution_release(rounded_rows);
    }
}

Test(round_trips, step_attributions_come_back_in_each_way_of_writing) {
    static const struct export_how hows[] = {{0}, {.lists = true}, {.compress = true}};
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct attribution *a = any_result(seed);
        any_steps(&a->steps);
        for (size_t k = 0; k < sizeof hows / sizeof *hows; k++) {
            struct attribution *back = trip(a, "s.json", hows[k]);
            expect_same(a, back, NULL, seed, "steps");
            attribution_release(back);
        }
        attribution_release(a);
    }
}

/* --- writes that fail --- */

static const char *const leaves[] = {"f.json", "f.json.gz", "f.jsonl", "f.html"};

static enum err_code write_to(const char *path, const struct attribution *a, struct err *e) {
    const struct export *format;
    const struct export_input in = {.result = a, .shown = a, .choices = a};
    enum err_code code = export_of_path(&format, path, e);
    return code ? code : export_file_write(path, format, &in, e);
}

/* In a process of its own, whose files may not be larger than so many bytes, as on a full disk. The
 * code that writing gives. */
static int write_limited(const char *path, const struct attribution *a, rlim_t most) {
    const pid_t child = fork();
    if (child == 0) {
        struct err e = {0};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){most, most});
        const enum err_code code = write_to(path, a, &e);
        _exit(code == ERR_IO && !strstr(e.message, path) ? 99 : (int)code);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void expect_old(const char *path) {
    struct err e;
    char *text;
    size_t n;
    cr_assert_eq(file_read(&text, &n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    cr_expect_str_eq(text, "old");
    free(text);
}

Test(round_trips, a_full_disk_leaves_the_old_file_and_nothing_else) {
    struct attribution *a = any_result(3);
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        struct err e;
        char *path = file_join(folder(), leaves[i]);
        cr_assert_eq(file_write(path, "old", 3, &e), ERR_OK);
        for (rlim_t most = 0; most < 700; most += 99) {
            cr_expect_eq(write_limited(path, a, most), ERR_IO, "%s of %d bytes", leaves[i],
                         (int)most);
            expect_old(path);
        }
        struct file_names names = file_list(folder(), 100);
        cr_expect_eq(names.n, 1, "%zu files", names.n);
        file_names_dispose(&names);
        unlink(path);
        free(path);
    }
    attribution_release(a);
}

/* Writes two results in turn until it is killed. */
static pid_t write_in_turn(const char *path, const struct attribution *a,
                           const struct attribution *b) {
    const pid_t child = fork();
    for (struct err e; child == 0;)
        if (write_to(path, a, &e) || write_to(path, b, &e))
            _exit(1);
    return child;
}

static void wait_a_while(long microseconds) {
    nanosleep(&(struct timespec){.tv_nsec = microseconds * 1000}, NULL);
}

Test(round_trips, who_is_killed_while_writing_leaves_one_whole_result) {
    struct attribution *a = any_result(5), *b = any_result(6), *back;
    struct err e = {0};
    char *path = file_join(folder(), "k.jsonl.gz"), *x = json_of(a, NULL), *y = json_of(b, NULL);
    cr_assert_eq(write_to(path, a, &e), ERR_OK);
    for (int i = 0; i < 40; i++) {
        const pid_t child = write_in_turn(path, a, b);
        wait_a_while(500 + 137 * i);
        kill(child, SIGKILL);
        cr_assert_eq(waitpid(child, NULL, 0), child);
        cr_assert_eq(result_file_load(&back, path, &e), ERR_OK, "%s", e.message);
        char *z = json_of(back, NULL);
        cr_expect(strcmp(z, x) == 0 || strcmp(z, y) == 0);
        free(z);
        attribution_release(back);
    }
    cr_assert_eq(write_to(path, a, &e), ERR_OK); /* what the killed ones left goes */
    struct file_names names = file_list(folder(), 100);
    cr_expect_eq(names.n, 1, "%zu files", names.n);
    file_names_dispose(&names);
    free(path);
    free(x);
    free(y);
    attribution_release(a);
    attribution_release(b);
}

/* Of a file for each sequence, all are written or none. */
Test(round_trips, split_sequences_are_all_there_or_none) {
    struct attribution *a = any_result(1);
    struct err e;
    for (uint64_t seed = 2; a->n_sequences < 3; seed++) {
        attribution_release(a);
        a = any_result(seed);
    }
    const struct export_input several = {.result = a, .shown = a, .choices = a};
    char *blocked = file_join(folder(), "s_2.json"), *path = file_join(folder(), "s.json"),
         *first = file_join(folder(), "s_0.json");
    cr_assert_eq(file_make_folders(blocked, &e), ERR_OK);
    cr_expect_eq(export_file_write_split(path, export_find("json"), &several, &e), ERR_IO);
    cr_expect_not(file_exists(first));
    rmdir(blocked);
    cr_expect_eq(export_file_write_split(path, export_find("json"), &several, &e), ERR_OK);
    cr_expect(file_exists(first) && file_exists(blocked));
    attribution_release(a);
    free(blocked);
    free(path);
    free(first);
}
