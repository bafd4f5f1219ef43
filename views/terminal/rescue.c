#include "views/terminal/rescue.h"

#include "backend/base/file_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STACK_BYTES 65536 /* for a handler that runs when the stack itself has overflowed */

static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
static const int requests[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGINT, SIGTERM, SIGHUP};
#define N_CRASHES (sizeof crashes / sizeof *crashes)
#define N_REQUESTS (sizeof requests / sizeof *requests)

/* Handlers can reach nothing but globals. */
static struct {
    bool active;
    int fd_out, fd_error, pipe[2];
    bool has_modes;
    struct termios modes;
    char farewell[512];
    size_t n_farewell;
    struct sigaction old_crash[N_CRASHES], old_request[N_REQUESTS];
    stack_t old_stack;
    void *stack;
} rescue = {.pipe = {-1, -1}};

static struct sigaction crash_action(void);

static void on_crash(int number, siginfo_t *info, void *context) {
    (void)context;
    if (number == SIGBUS && file_guard_absorb(info->si_addr)) {
        const struct sigaction again = crash_action();
        (void)sigaction(SIGBUS, &again, NULL);
        return;
    }
    for (size_t done = 0; done < rescue.n_farewell;) {
        ssize_t n = write(rescue.fd_out, rescue.farewell + done, rescue.n_farewell - done);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    if (rescue.has_modes)
        (void)tcsetattr(rescue.fd_out, TCSANOW, &rescue.modes);
    if (rescue.fd_error >= 0)
        (void)dup2(rescue.fd_error, STDERR_FILENO);
    for (size_t i = 0; i < N_CRASHES; i++)
        (void)sigaction(crashes[i], &rescue.old_crash[i], NULL);
    (void)raise(number); /* not masked (SA_NODEFER): dies here, or in the old handler */
}

/* Once: a crash in the handler ends it all. */
static struct sigaction crash_action(void) {
    struct sigaction action = {.sa_sigaction = on_crash,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    return action;
}

static volatile sig_atomic_t continued;

static void on_request(int number) {
    if (number == SIGCONT)
        continued = 1;
    int keep = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t n = write(rescue.pipe[1], &byte, 1); /* a full pipe already has plenty to say */
    (void)n;
    errno = keep;
}

static bool was_ignored(size_t i) {
    return rescue.old_request[i].sa_handler == SIG_IGN;
}

int rescue_start(int fd_out, int fd_error, const struct termios *modes, const char *farewell,
                 size_t n) {
    if (pipe2(rescue.pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        rescue.pipe[0] = rescue.pipe[1] = -1;
    rescue.fd_out = fd_out;
    rescue.fd_error = fd_error;
    rescue.has_modes = modes != NULL;
    if (modes)
        rescue.modes = *modes;
    rescue.n_farewell = n < sizeof rescue.farewell ? n : sizeof rescue.farewell;
    memcpy(rescue.farewell, farewell, rescue.n_farewell);
    rescue.stack = malloc(STACK_BYTES);
    stack_t stack = {.ss_sp = rescue.stack, .ss_size = STACK_BYTES};
    if (rescue.stack)
        (void)sigaltstack(&stack, &rescue.old_stack);
    struct sigaction action = crash_action();
    for (size_t i = 0; i < N_CRASHES; i++)
        (void)sigaction(crashes[i], &action, &rescue.old_crash[i]);
    action = (struct sigaction){.sa_handler = on_request};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < N_REQUESTS; i++) {
        (void)sigaction(requests[i], &action, &rescue.old_request[i]);
        if (was_ignored(i)) /* nohup, or a shell without job control: it stays so */
            (void)sigaction(requests[i], &rescue.old_request[i], NULL);
    }
    rescue.active = true;
    return rescue.pipe[0];
}

int rescue_next(void) {
    unsigned char byte;
    return rescue.active && read(rescue.pipe[0], &byte, 1) == 1 ? byte : 0;
}

bool rescue_stop_process(void) {
    for (size_t i = 0; i < N_REQUESTS; i++)
        if (requests[i] == SIGTSTP && was_ignored(i))
            return false;
    struct sigaction own, usual = {.sa_handler = SIG_DFL};
    sigemptyset(&usual.sa_mask);
    (void)sigaction(SIGTSTP, &usual, &own);
    continued = 0;
    /* Returns when continued; at once in a process group that no shell watches. */
    (void)kill(0, SIGTSTP);
    (void)sigaction(SIGTSTP, &own, NULL);
    return continued != 0; /* SIGCONT's handler has run by now */
}

void rescue_end(void) {
    if (!rescue.active)
        return;
    rescue.active = false;
    for (size_t i = 0; i < N_CRASHES; i++)
        (void)sigaction(crashes[i], &rescue.old_crash[i], NULL);
    for (size_t i = 0; i < N_REQUESTS; i++)
        (void)sigaction(requests[i], &rescue.old_request[i], NULL);
    if (rescue.stack)
        (void)sigaltstack(&rescue.old_stack, NULL);
    free(rescue.stack);
    rescue.stack = NULL;
    for (int i = 0; i < 2; i++) {
        if (rescue.pipe[i] >= 0)
            close(rescue.pipe[i]);
        rescue.pipe[i] = -1;
    }
}
