#include "backend/base/process.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

Test(process, lives_until_it_is_killed_even_if_nobody_waits_for_it) {
    cr_expect(process_lives(getpid()));
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    cr_expect(process_lives(child));
    cr_assert_eq(kill(child, SIGKILL), 0);
    siginfo_t info;
    cr_assert_eq(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0); /* it stays a zombie */
    cr_expect_eq(kill(child, 0), 0);
    cr_expect_not(process_lives(child));
    cr_assert_eq(waitpid(child, NULL, 0), child);
    cr_expect_not(process_lives(child));
}
