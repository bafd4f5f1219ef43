/* Which part is whose: --shard, and what schedulers say. */
#include "app/dataset/shard.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* "NAME=value NAME=value", and no other variable of a scheduler. */
static void set(const char *variables) {
    static const char *const all[] = {"SLURM_ARRAY_TASK_ID",
                                      "SLURM_ARRAY_TASK_COUNT",
                                      "SLURM_ARRAY_TASK_MIN",
                                      "SLURM_ARRAY_TASK_MAX",
                                      "SLURM_ARRAY_TASK_STEP",
                                      "SLURM_PROCID",
                                      "SLURM_NTASKS",
                                      "SLURM_JOB_ID",
                                      "SLURM_STEP_ID",
                                      "OMPI_COMM_WORLD_RANK",
                                      "OMPI_COMM_WORLD_SIZE",
                                      "PMI_RANK",
                                      "PMI_SIZE"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        unsetenv(all[i]);
    char *copy = mem_text(variables), *rest = copy, *one;
    while ((one = strtok_r(rest, " ", &rest))) {
        char *value = strchr(one, '=');
        *value = '\0';
        setenv(one, value + 1, 1);
    }
    free(copy);
}

#define ARRAY "SLURM_ARRAY_TASK_COUNT=16 SLURM_ARRAY_TASK_MIN="

Test(shard, schedulers_say_which_part) {
    static const struct {
        const char *variables;
        int k, n;
        const char *from;
    } cases[] = {
        {"", 0, 0, ""},
        {ARRAY "0 SLURM_ARRAY_TASK_MAX=15 SLURM_ARRAY_TASK_ID=3", 3, 16, "SLURM_ARRAY_TASK_ID"},
        {ARRAY "1 SLURM_ARRAY_TASK_MAX=16 SLURM_ARRAY_TASK_ID=16", 15, 16, "SLURM_ARRAY_TASK_ID"},
        {ARRAY "10 SLURM_ARRAY_TASK_ID=12", 2, 16, "SLURM_ARRAY_TASK_ID"},
        {ARRAY "2 SLURM_ARRAY_TASK_MAX=62 SLURM_ARRAY_TASK_STEP=4 SLURM_ARRAY_TASK_ID=10", 2, 16,
         "SLURM_ARRAY_TASK_ID"},
        {"SLURM_PROCID=5 SLURM_NTASKS=8", 5, 8, "SLURM_PROCID"},
        {"SLURM_PROCID=5 SLURM_NTASKS=8 SLURM_JOB_ID=77 SLURM_STEP_ID=0", 5, 8, "SLURM_PROCID"},
        {"SLURM_PROCID=0 SLURM_NTASKS=8 SLURM_JOB_ID=77", 0, 0, ""}, /* the batch script */
        {"OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4", 1, 4, "OMPI_COMM_WORLD_RANK"},
        {"PMI_RANK=2 PMI_SIZE=3", 2, 3, "PMI_RANK"},
        /* mpirun's daemon is a task of srun, and its processes have that one's variables */
        {"OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4 SLURM_PROCID=0 SLURM_NTASKS=2", 3, 4,
         "OMPI_COMM_WORLD_RANK"},
        {ARRAY "0 SLURM_ARRAY_TASK_ID=3 SLURM_PROCID=1 SLURM_NTASKS=4", 13, 64,
         "SLURM_ARRAY_TASK_ID and SLURM_PROCID"},
        {ARRAY "0 SLURM_ARRAY_TASK_ID=3 SLURM_PROCID=0 SLURM_NTASKS=1", 3, 16,
         "SLURM_ARRAY_TASK_ID"},
        {"SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=1 SLURM_ARRAY_TASK_MIN=3", 0, 1,
         "SLURM_ARRAY_TASK_ID"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct shard s;
        struct err e;
        set(cases[i].variables);
        cr_assert_eq(shard_read(&s, NULL, &e), ERR_OK, "%s: %s", cases[i].variables, e.message);
        cr_expect(s.k == cases[i].k && s.n == cases[i].n, "%s: %d/%d", cases[i].variables, (int)s.k,
                  (int)s.n);
        cr_expect_str_eq(s.from, cases[i].from);
        cr_expect_eq(shard_is_launched(&s), strstr(s.from, "OMPI") || strstr(s.from, "PMI_"));
    }
}

Test(shard, the_option_comes_first) {
    struct shard s;
    struct err e;
    set("SLURM_PROCID=5 SLURM_NTASKS=8");
    cr_assert_eq(shard_read(&s, "2/3", &e), ERR_OK, "%s", e.message);
    cr_expect(s.k == 2 && s.n == 3 && strcmp(s.from, "--shard") == 0);
    cr_expect(shard_has(&s, 2) && shard_has(&s, 5) && !shard_has(&s, 3));
    cr_assert_eq(shard_read(&s, "0/1", &e), ERR_OK);
    cr_expect(!shard_is_part(&s) && shard_has(&s, 3));
}

Test(shard, what_makes_no_sense_is_said) {
    static const struct {
        const char *given, *variables, *message;
    } cases[] = {
        {"3", "", "--shard takes K/N, as in 0/4, not \"3\""},
        {"-1/3", "", "--shard takes K/N"},
        {"1/3x", "", "--shard takes K/N"},
        {"0/0", "", "--shard takes K/N"},
        {"4/4", "", "counted from 0, so those of 4 are 0/4 to 3/4"},
        {"0/100000", "", "100000 parts are more than 99999"},
        {NULL, "PMI_RANK=two PMI_SIZE=3", "PMI_RANK is \"two\", which is no number"},
        {NULL, "PMI_RANK=3 PMI_SIZE=3", "PMI_RANK is 3, but PMI_SIZE is 3: give --shard"},
        {NULL, "SLURM_ARRAY_TASK_ID=3", "SLURM_ARRAY_TASK_COUNT is not: give --shard"},
        {NULL, ARRAY "0 SLURM_ARRAY_TASK_ID=16", "not numbered evenly"},
        /* --array=1,2,5: for task 1, too, which might be right by chance */
        {NULL,
         "SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=1 "
         "SLURM_ARRAY_TASK_MAX=5",
         "not numbered evenly (1 of 3, from 1, every 1): give --shard"},
        {NULL, ARRAY "0 SLURM_ARRAY_TASK_ID=3 PMI_RANK=0 PMI_SIZE=90000", "1440000 parts"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct shard s;
        struct err e;
        set(cases[i].variables);
        cr_expect_eq(shard_read(&s, cases[i].given, &e), ERR_USAGE, "%zu", i);
        cr_expect(strstr(e.message, cases[i].message), "%s", e.message);
    }
}

Test(shard, a_file_has_its_number_in_its_name) {
    static const struct {
        const char *name, *want;
    } cases[] = {{"facts.jsonl", "facts.00003-of-00016.jsonl"},
                 {"a.b/facts.v2.jsonl.gz", "a.b/facts.v2.00003-of-00016.jsonl.gz"},
                 {"a.b/folder", "a.b/folder.00003-of-00016"},
                 {".jsonl", ".jsonl.00003-of-00016"},
                 {"x.gz", "x.00003-of-00016.gz"}};
    const struct shard part = {.k = 3, .n = 16}, all = {.n = 1};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *name = shard_path(&part, cases[i].name), *same = shard_path(&all, cases[i].name);
        cr_expect_str_eq(name, cases[i].want);
        cr_expect_str_eq(same, cases[i].name);
        free(name);
        free(same);
    }
}
