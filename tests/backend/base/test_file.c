#include "backend/base/file.h"

#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder;

static void make_folder(void) {
    folder = mem_text("/tmp/tinseq-file-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void) {
    char *command = mem_format("rm -rf '%s'", folder);
    cr_expect_eq(system(command), 0);
    free(command);
    free(folder);
}

static int count_entries(void) {
    DIR *d = opendir(folder);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(d));)
        n += entry->d_name[0] != '.';
    closedir(d);
    return n;
}

static void expect_content(const char *path, const char *want) {
    struct err e = {0};
    char *data;
    size_t n;
    cr_assert_eq(file_read(&data, &n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(n, strlen(want));
    cr_expect_str_eq(data, want);
    free(data);
}

TestSuite(file, .init = make_folder, .fini = remove_folder);

Test(file, reads_back_what_it_wrote) {
    char *path = file_join(folder, "x");
    struct err e = {0};
    cr_assert_eq(file_write(path, "hello", 5, &e), ERR_OK, "%s", e.message);
    expect_content(path, "hello");
    cr_assert_eq(file_write(path, "", 0, &e), ERR_OK, "%s", e.message);
    expect_content(path, "");
    cr_expect_eq(count_entries(), 1, "a temporary file was left");
    free(path);
}

/* Of a process that was killed while it wrote, by the next that writes to the same name. */
Test(file, what_a_killed_process_left_goes) {
    struct err e = {0};
    pid_t gone = fork();
    if (gone == 0)
        _exit(0);
    cr_assert_eq(waitpid(gone, NULL, 0), gone);
    char *path = file_join(folder, "x"), *of_gone = mem_format("%s.%d-3.new", path, (int)gone),
         *of_other = mem_format("%s/y.%d-3.new", folder, (int)gone),
         *of_living = mem_format("%s.%d-900.new", path, (int)getppid()),
         *similar = mem_format("%s.%d-3.newer", path, (int)gone);
    char *const files[] = {of_gone, of_other, of_living, similar};
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(file_write(files[i], "old", 3, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(file_write(path, "new", 3, &e), ERR_OK, "%s", e.message);
    cr_expect(!file_exists(of_gone));
    cr_expect(file_exists(of_other) && file_exists(of_living) && file_exists(similar));
    expect_content(path, "new");
    for (size_t i = 0; i < 4; i++)
        free(files[i]);
    free(path);
}

Test(file, full_disk_leaves_the_old_file_untouched) {
    char *path = file_join(folder, "x");
    struct err e = {0};
    cr_assert_eq(file_write(path, "old", 3, &e), ERR_OK);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {.rlim_cur = 1000, .rlim_max = RLIM_INFINITY};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    static char much[5000];
    enum err_code code = file_write(path, much, sizeof much, &e);
    limit.rlim_cur = RLIM_INFINITY;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_expect_eq(code, ERR_IO);
    cr_expect_not_null(strstr(e.message, path), "%s", e.message);
    expect_content(path, "old");
    cr_expect_eq(count_entries(), 1, "a temporary file was left");
    free(path);
}

Test(file, full_device_is_an_error) {
    struct err e = {0};
    cr_expect_eq(file_write_named("/dev/full", "x", 1, &e), ERR_IO);
    cr_expect_not_null(strstr(e.message, "No space left"), "%s", e.message);
    struct stat about;
    cr_assert_eq(stat("/dev/full", &about), 0);
    cr_expect(S_ISCHR(about.st_mode), "the device was replaced by a file");
    cr_expect_eq(file_write_named("/dev/null", "x", 1, &e), ERR_OK);
}

Test(file, link_stays_a_link_and_mode_is_kept) {
    char *path = file_join(folder, "x"), *link = file_join(folder, "l");
    struct err e = {0};
    struct stat about;
    cr_assert_eq(file_write(path, "1", 1, &e), ERR_OK);
    cr_assert_eq(chmod(path, 0640), 0);
    cr_assert_eq(symlink("x", link), 0);
    cr_assert_eq(file_write(link, "2", 1, &e), ERR_OK);
    cr_assert_eq(lstat(link, &about), 0);
    cr_expect(S_ISLNK(about.st_mode));
    expect_content(path, "2");
    cr_assert_eq(stat(path, &about), 0);
    cr_expect_eq(about.st_mode & 0777, 0640);
    free(path);
    free(link);
}

Test(file, names_what_cannot_be_read) {
    struct err e = {0};
    char *data;
    size_t n;
    struct file_map map;
    char *missing = file_join(folder, "none");
    cr_expect_eq(file_read(&data, &n, missing, 10, &e), ERR_IO);
    cr_expect_null(data);
    cr_expect_not_null(strstr(e.message, "No such file"), "%s", e.message);
    cr_expect_eq(file_read(&data, &n, folder, 10, &e), ERR_IO);
    cr_expect_not_null(strstr(e.message, "directory"), "%s", e.message);
    cr_expect_eq(file_map_open(&map, folder, &e), ERR_IO);
    cr_expect_eq(file_map_open(&map, missing, &e), ERR_IO);
    cr_expect_eq(file_write(folder, "x", 1, &e), ERR_IO);
    if (geteuid() != 0) {
        cr_assert_eq(file_write(missing, "x", 1, &e), ERR_OK);
        cr_assert_eq(chmod(missing, 0), 0);
        cr_expect_eq(file_read(&data, &n, missing, 10, &e), ERR_IO);
        cr_expect_not_null(strstr(e.message, "ermission"), "%s", e.message);
    }
    free(missing);
}

static void expect_special(const char *path) {
    struct err e = {0};
    struct file_map map;
    char *data;
    size_t n;
    int fd;
    cr_expect_eq(file_read(&data, &n, path, 10, &e), ERR_IO);
    cr_expect_not_null(strstr(e.message, "not a regular file"), "%s", e.message);
    cr_expect_eq(file_map_open(&map, path, &e), ERR_IO);
    cr_expect_eq(file_open(&fd, path, &e), ERR_IO);
    cr_expect_eq(fd, -1);
    e = (struct err){0};
    cr_expect_eq(file_write(path, "x", 1, &e), ERR_IO);
    cr_expect_not_null(strstr(e.message, "not a regular file"), "%s", e.message);
}

Test(file, pipes_and_devices_are_no_files_and_never_waited_for) {
    struct err e = {0};
    char *data, *pipe_path = file_join(folder, "pipe");
    size_t n;
    cr_assert_eq(mkfifo(pipe_path, 0600), 0);
    expect_special(pipe_path);
    int writer = open(pipe_path, O_RDWR | O_CLOEXEC); /* it never writes */
    expect_special(pipe_path);
    close(writer);
    expect_special("/dev/zero");
    cr_expect_eq(file_read_named(&data, &n, "/dev/zero", 10, &e), ERR_FORMAT);
    cr_expect_eq(file_write_named(pipe_path, "x", 1, &e), ERR_IO);
    cr_expect_not_null(strstr(e.message, "no one reads from it"), "%s", e.message);
    free(pipe_path);
}

/* tinseq show <(zcat a.json.gz) */
Test(file, a_pipe_that_a_person_names_is_read_and_written) {
    struct err e = {0};
    char *data, name[40];
    size_t n;
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
    cr_expect_eq(file_write_named(name, "some text", 9, &e), ERR_OK, "%s", e.message);
    close(ends[1]);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    cr_assert_eq(file_read_named(&data, &n, name, 100, &e), ERR_OK, "%s", e.message);
    cr_expect(n == 9 && strcmp(data, "some text") == 0);
    free(data);
    close(ends[0]);
}

Test(file, a_name_that_leads_nowhere_is_not_absent) {
    static const char *const targets[] = {"nowhere", "loop", "."};
    static const char *const said[] = {"a link to what is not there", "symbolic links",
                                       "Is a directory"};
    struct err e = {0};
    char *data, *path = file_join(folder, "loop"), *absent = file_join(folder, "absent"),
                *below = file_join(path, "below");
    size_t n;
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(symlink(targets[i], path), 0);
        cr_expect(file_is_there(path));
        cr_expect_eq(file_read(&data, &n, path, 10, &e), ERR_IO);
        cr_expect(strstr(e.message, said[i]) && strstr(e.message, path), "%s", e.message);
        unlink(path);
    }
    cr_assert_eq(file_write(path, "x", 1, &e), ERR_OK);
    cr_expect_not(file_is_there(absent) || file_is_there(below));
    free(path);
    free(absent);
    free(below);
}

Test(file, a_git_lfs_pointer_says_how_to_get_the_file) {
    static const char pointer[] = "version https://git-lfs.github.com/spec/v1\n"
                                  "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2"
                                  "ca24d17e2393\nsize 12345\n";
    struct err e = {0};
    struct file_map map;
    char *data, *path = file_join(folder, "model.safetensors");
    size_t n;
    cr_assert_eq(file_write(path, pointer, sizeof pointer - 1, &e), ERR_OK);
    cr_expect_eq(file_read(&data, &n, path, 1000, &e), ERR_FORMAT);
    cr_expect(!data && strstr(e.message, path) && strstr(e.message, "git lfs pull"), "%s",
              e.message);
    e = (struct err){0};
    cr_expect_eq(file_map_open(&map, path, &e), ERR_FORMAT);
    cr_expect(!map.data && strstr(e.message, "git lfs pull"), "%s", e.message);
    free(path);
}

Test(file, limit_is_the_last_size_that_is_read) {
    char *path = file_join(folder, "x");
    struct err e = {0};
    char *data;
    size_t n;
    cr_assert_eq(file_write(path, "0123456789", 10, &e), ERR_OK);
    cr_expect_eq(file_read(&data, &n, path, 10, &e), ERR_OK);
    free(data);
    cr_expect_eq(file_read(&data, &n, path, 9, &e), ERR_FORMAT);
    cr_expect_eq(file_read_named(&data, &n, "/dev/zero", 1000, &e), ERR_FORMAT);
    free(path);
}

Test(file, maps_full_and_empty_files) {
    char *path = file_join(folder, "x");
    struct err e = {0};
    struct file_map map;
    cr_assert_eq(file_write(path, "abc", 3, &e), ERR_OK);
    cr_assert_eq(file_map_open(&map, path, &e), ERR_OK);
    cr_expect_eq(map.n, 3);
    cr_expect_eq(memcmp(map.data, "abc", 3), 0);
    file_map_close(&map);
    cr_assert_eq(file_write(path, "", 0, &e), ERR_OK);
    cr_assert_eq(file_map_open(&map, path, &e), ERR_OK);
    cr_expect_eq(map.n, 0);
    cr_expect_not_null(map.data);
    file_map_close(&map);
    free(path);
}

Test(file, makes_folders_once_and_again) {
    char *deep = file_join(folder, "a/b//c/"), *blocked = file_join(folder, "f/x"),
         *file = file_join(folder, "f");
    struct err e = {0};
    cr_expect_eq(file_make_folders(deep, &e), ERR_OK, "%s", e.message);
    cr_expect(file_is_folder(deep));
    cr_expect_eq(file_make_folders(deep, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(file_write(file, "", 0, &e), ERR_OK);
    cr_expect_eq(file_make_folders(blocked, &e), ERR_IO);
    cr_expect(file_exists(file) && !file_is_folder(file));
    free(deep);
    free(blocked);
    free(file);
}

Test(file, xdg_folder_follows_variable_and_home) {
    setenv("HOME", "/h", 1);
    setenv("XDG_STATE_HOME", "/s", 1);
    char *path = file_xdg("XDG_STATE_HOME", ".local/state", "runs");
    cr_expect_str_eq(path, "/s/tinseq/runs");
    free(path);
    setenv("XDG_STATE_HOME", "relative", 1);
    path = file_xdg("XDG_STATE_HOME", ".local/state", "runs");
    cr_expect_str_eq(path, "/h/.local/state/tinseq/runs");
    free(path);
    path = file_xdg("XDG_NONE", ".config", "");
    cr_expect_str_eq(path, "/h/.config/tinseq");
    free(path);
}

Test(file, a_folder_is_listed_in_order_without_what_is_hidden) {
    static const char *const leaves[] = {"b", ".hidden", "a", "c"};
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        char *path = file_join(folder, leaves[i]);
        cr_assert_eq(file_write(path, "", 0, NULL), ERR_OK);
        free(path);
    }
    struct file_names names = file_list(folder, 10);
    cr_assert_eq(names.n, 3);
    for (size_t i = 0; i < names.n; i++)
        cr_expect_str_eq(names.items[i], ((const char *[]){"a", "b", "c"})[i]);
    file_names_dispose(&names);
    cr_expect_eq(names.n, 0);
    names = file_list(folder, 2);
    cr_expect_eq(names.n, 2);
    file_names_dispose(&names);
    names = file_list("/no/such/folder", 10);
    cr_expect_eq(names.n, 0);
    file_names_dispose(&names);
}
