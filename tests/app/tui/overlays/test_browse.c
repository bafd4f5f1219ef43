/* Files are chosen by walking, by typing and by completion; what cannot be opened comes on a key.
 */
#include "app/tui/overlays/overlay.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;
static struct overlay o;
static struct overlay_answer answer;

static void make(const char *name, int seconds) {
    char *path = mem_format("%s/%s", folder, name);
    struct err e;
    cr_assert_eq(file_write(path, "text", 4, &e), ERR_OK, "%s", e.message);
    const struct timespec when[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    cr_assert_eq(utimensat(AT_FDCWD, path, when, 0), 0);
    free(path);
}

static bool opens(const char *name) {
    return text_ends_with(name, ".json");
}

static void start(void) {
    setlocale(LC_ALL, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    char made[] = "/tmp/tinseq-browse-XXXXXX";
    cr_assert_not_null(mkdtemp(made));
    folder = realpath(made, NULL);
    setenv("HOME", folder, 1);
    char *sub = mem_format("%s/results", folder), *hidden = mem_format("%s/.kept", folder);
    mkdir(sub, 0700);
    mkdir(hidden, 0700);
    make("old.json", 100);
    make("new.json", 200);
    make("notes.txt", 300);
    make(".secret.json", 400);
    make("results/one.json", 500);
    make("results/only.json", 600);
    make("results/\033[31m.json", 50);
    overlay_browse(&o, folder, NULL, opens);
    free(sub);
    free(hidden);
}

static int remove_one(const char *path, const struct stat *s, int flag, struct FTW *f) {
    (void)s, (void)flag, (void)f;
    return remove(path);
}

static void finish(void) {
    overlay_close(&o);
    free(answer.text);
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(folder);
}

TestSuite(browse, .init = start, .fini = finish);

static void keys(const char *names) {
    char *all = mem_text(names);
    for (char *state, *name = strtok_r(all, " ", &state); name;
         name = strtok_r(NULL, " ", &state)) {
        free(answer.text);
        overlay_key(&answer, &o, input_from_name(name));
    }
    free(all);
}

static void type(const char *text) {
    for (; *text; text++)
        overlay_key(&answer, &o, *text);
}

/* The titles that are listed, a bar behind each. */
static void expect(const char *titles) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < o.picker.n_shown; i++)
        text_buffer_format(&b, "%s|", o.picker.items[o.picker.shown[i]].title);
    char *all = text_buffer_take(&b);
    cr_expect_str_eq(all, titles);
    free(all);
}

/* The answer is these leaves of the folder. */
static void expect_chosen(const char *const *leaves) {
    cr_assert_eq(answer.said, OVERLAY_CHOSEN);
    const char *at = answer.text;
    for (; *leaves; leaves++, at += strlen(at) + 1) {
        char *path = mem_format("%s/%s", folder, *leaves);
        cr_expect_str_eq(at, path);
        free(path);
    }
    cr_expect_str_eq(at, "");
    cr_expect_not(overlay_is_open(&o));
}

Test(browse, what_can_be_opened_comes_first_the_newest_on_top) {
    expect("new.json|old.json|results/|../|");
    cr_expect_str_eq(o.picker.items[0].right, "     4 B  1970-01-01 00:03");
    cr_expect_str_eq(o.picker.title, "open  ~");
    keys("Alt-.");
    expect(".secret.json|new.json|old.json|.kept/|results/|../|notes.txt|");
    cr_expect(o.picker.items[6].disabled);
    keys("Alt-. Enter");
    expect_chosen((const char *const[]){"new.json", NULL});
}

Test(browse, folders_are_entered_and_left) {
    keys("Down Down Enter");
    expect("only.json|one.json|^[[31m.json|../|");
    cr_expect_str_eq(o.picker.title, "open  ~/results");
    keys("Backspace");
    expect("new.json|old.json|results/|../|");
    keys("End Up Enter Enter");
    expect_chosen((const char *const[]){"results/only.json", NULL});
}

Test(browse, a_path_is_typed_with_completion) {
    type("re");
    keys("Tab");
    cr_expect_str_eq(picker_typed(&o.picker), "results/");
    expect("only.json|one.json|^[[31m.json|../|");
    type("o");
    keys("Tab");
    cr_expect_str_eq(picker_typed(&o.picker), "results/on", "as far as both go");
    type("e");
    keys("Tab");
    cr_expect_str_eq(picker_typed(&o.picker), "results/one.json");
    keys("Enter");
    expect_chosen((const char *const[]){"results/one.json", NULL});
}

Test(browse, a_path_may_begin_at_the_root_or_the_home) {
    type("~/results/");
    expect("only.json|one.json|^[[31m.json|../|");
    keys("Ctrl-U");
    expect("new.json|old.json|results/|../|");
    type(folder);
    type("/.s");
    expect(".secret.json|new.json|old.json|");
    keys("Ctrl-U");
    type("no/such/x");
    expect("");
    cr_expect(strstr(o.picker.title, "No such file or directory"), "%s", o.picker.title);
    keys("Enter");
    expect_chosen((const char *const[]){"no/such/x", NULL});
}

Test(browse, several_are_marked_also_in_several_folders) {
    keys("Space Space");
    expect("✓ new.json|✓ old.json|results/|../|");
    keys("Space"); /* on the folder: nothing */
    keys("Home Space");
    expect("new.json|✓ old.json|results/|../|");
    keys("Down Enter Space Enter");
    expect_chosen((const char *const[]){"old.json", "results/only.json", NULL});
}

Test(browse, a_file_that_cannot_be_opened_is_not_chosen) {
    keys("Alt-. End Space Enter");
    cr_expect(overlay_is_open(&o));
    cr_expect_eq(answer.said, OVERLAY_SAID_NOTHING);
    keys("Esc");
    cr_expect_eq(answer.said, OVERLAY_LEFT);
}
