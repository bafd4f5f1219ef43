#include "views/terminal/rescue.h"

#include "backend/base/file_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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
    struct sigaction old_crash[N_CRASHES], old_request[N_REQUESTS], old_alarm;
    timer_t timer; /* runs from the moment at which the program shall end */
    bool has_timer, diverted;
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

/* --- requests -------------------------------------------------------------------------------- */

/* How often it is looked, from then on, whether the terminal still takes output. */
static const struct itimerspec looks = {.it_value.tv_nsec = 300000000,
                                        .it_interval.tv_nsec = 100000000};
static volatile sig_atomic_t continued;

/* A write that waits for the terminal returns, is tried again and succeeds: fd_out is another file
 * by then. */
static void on_alarm(int number) {
    (void)number;
    int keep = errno, nowhere;
    struct pollfd terminal = {.fd = rescue.fd_out, .events = POLLOUT};
    if (!rescue.diverted && poll(&terminal, 1, 0) == 0 &&
        (nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)) >= 0) {
        rescue.diverted = dup2(nowhere, rescue.fd_out) >= 0;
        (void)close(nowhere);
    }
    errno = keep;
}

static void on_request(int number) {
    if (number == SIGCONT)
        continued = 1;
    int keep = errno;
    if (rescue.has_timer && (number == SIGTERM || number == SIGHUP))
        (void)timer_settime(rescue.timer, 0, &looks, NULL);
    unsigned char byte = (unsigned char)number;
    ssize_t n = write(rescue.pipe[1], &byte, 1); /* a full pipe already has plenty to say */
    (void)n;
    errno = keep;
}

static void start_timer(void) {
    struct sigevent alarm = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    const struct sigaction action = {.sa_handler = on_alarm};
    rescue.diverted = false;
    rescue.has_timer = sigaction(SIGALRM, &action, &rescue.old_alarm) == 0 &&
                       timer_create(CLOCK_MONOTONIC, &alarm, &rescue.timer) == 0;
}

/* The terminal's modes, and the farewell as far as it is taken; it may stand in the middle of a
 * sequence, which CAN ends. */
static void say_farewell_at_once(void) {
    int fd = open("/dev/tty", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)tcflush(fd, TCOFLUSH);
    (void)!write(fd, "\030", 1);
    (void)!write(fd, rescue.farewell, rescue.n_farewell);
    if (rescue.has_modes)
        (void)tcsetattr(fd, TCSANOW, &rescue.modes);
    (void)close(fd);
}

static void end_timer(void) {
    if (rescue.has_timer)
        (void)timer_delete(rescue.timer);
    (void)sigaction(SIGALRM, &rescue.old_alarm, NULL);
    if (rescue.diverted)
        say_farewell_at_once();
    rescue.has_timer = false;
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
    start_timer();
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
    end_timer();
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
