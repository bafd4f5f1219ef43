/* What was typed is kept, in order, for its owner alone, whatever other sessions do, and whatever
 * the file holds. */
#include "app/files/history.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *folder, *path;

static void start(void) {
    folder = mem_text("/tmp/tinseq-history-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    path = mem_format("%s/state/history.json", folder);
}

static int remove_one(const char *name, const struct stat *s, int flag, struct FTW *f) {
    (void)s, (void)flag, (void)f;
    return remove(name);
}

static void finish(void) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(folder);
    free(path);
}

TestSuite(history, .init = start, .fini = finish);

static struct history opened(void) {
    struct history h;
    struct err e;
    cr_assert_eq(history_open(&h, path, &e), ERR_OK, "%s", e.message);
    return h;
}

static void add(struct history *h, const char *name, const char *text) {
    struct err e;
    const struct history_entry entry = {(char *)name, (char *)text};
    cr_assert_eq(history_add(h, &entry, 1, &e), ERR_OK, "%s", e.message);
}

/* The texts of a name, newest first, with a bar behind each. */
static void expect(const struct history *h, const char *name, const char *texts) {
    struct text_buffer b = {0};
    const char *text;
    for (size_t i = 0; (text = history_text(h, name, i)); i++)
        text_buffer_format(&b, "%s|", text);
    char *all = text_buffer_take(&b);
    cr_expect_str_eq(all, texts);
    free(all);
}

Test(history, texts_come_back_newest_first_each_once) {
    struct history h = opened();
    add(&h, "text", "one\ntwo \xE6\xBC\xA2 \"quoted\"");
    add(&h, "steps", "50");
    add(&h, "text", "");
    add(&h, "text", "three");
    add(&h, "text", "one\ntwo \xE6\xBC\xA2 \"quoted\"");
    history_dispose(&h);
    h = opened();
    expect(&h, "text", "one\ntwo \xE6\xBC\xA2 \"quoted\"|three|");
    expect(&h, "steps", "50|");
    expect(&h, "other", "");
    history_dispose(&h);
}

Test(history, only_its_owner_can_read_it) {
    struct history h = opened();
    struct stat s;
    add(&h, "text", "a secret");
    add(&h, "text", "another");
    cr_assert_eq(stat(path, &s), 0);
    cr_expect_eq(s.st_mode & 0777, 0600);
    history_dispose(&h);
}

Test(history, sessions_side_by_side_keep_each_others_texts) {
    struct history a = opened(), b = opened();
    add(&a, "text", "of a");
    add(&b, "text", "of b");
    add(&a, "text", "a again");
    expect(&a, "text", "a again|of b|of a|");
    history_dispose(&a);
    history_dispose(&b);
    a = opened();
    expect(&a, "text", "a again|of b|of a|");
    history_dispose(&a);
}

Test(history, the_oldest_of_too_many_or_too_much_go) {
    struct history h = {0}; /* in memory */
    char *big = mem_alloc(HISTORY_MOST_TEXT + 2);
    for (int i = 0; i < HISTORY_MOST + 5; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i);
        add(&h, "text", number);
    }
    cr_expect_eq(h.n, HISTORY_MOST);
    cr_expect_str_eq(history_text(&h, "text", HISTORY_MOST - 1), "5");
    for (int i = 0; i < 5; i++) {
        memset(big, 'a' + i, HISTORY_MOST_TEXT);
        add(&h, "text", big);
    }
    cr_expect_leq(h.bytes, HISTORY_MOST_BYTES);
    cr_expect_eq(history_text(&h, "text", 0)[0], 'e');
    big[HISTORY_MOST_TEXT] = 'x';
    add(&h, "text", big);
    cr_expect_eq(history_text(&h, "text", 0)[0], 'e', "one that is too long is not kept");
    free(big);
    history_dispose(&h);
}

static void write_file(const char *text) {
    struct err e;
    char *state = mem_format("%s/state", folder);
    cr_assert_eq(file_make_folders(state, &e), ERR_OK);
    cr_assert_eq(file_write(path, text, strlen(text), &e), ERR_OK);
    free(state);
}

Test(history, a_damaged_file_stands_aside) {
    static const char *const damaged[] = {"{", "[]", "{\"typed\": 3}", "\x01\x02"};
    char *aside = mem_format("%s.damaged", path);
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        struct history h;
        struct err e;
        write_file(damaged[i]);
        cr_expect_neq(history_open(&h, path, &e), ERR_OK, "%s", damaged[i]);
        cr_expect(strstr(e.message, "history.json.damaged"), "%s", e.message);
        cr_expect(file_exists(aside) && !file_exists(path));
        add(&h, "text", "goes on");
        expect(&h, "text", "goes on|");
        history_dispose(&h);
        remove(path);
    }
    free(aside);
}

Test(history, what_is_no_entry_is_left_out) {
    write_file("{\"typed\": [3, {}, {\"name\": \"text\"}, {\"name\": 1, \"text\": \"x\"}, "
               "{\"name\": \"text\", \"text\": \"\"}, {\"name\": \"text\", \"text\": \"good\"}]}");
    struct history h = opened();
    expect(&h, "text", "good|");
    history_dispose(&h);
    write_file("");
    h = opened();
    cr_expect_eq(h.n, 0, "a file that was begun");
    history_dispose(&h);
}
