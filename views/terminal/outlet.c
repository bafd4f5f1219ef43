#include "views/terminal/outlet.h"

#include "backend/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* After su the terminal's own name belongs to somebody else; /dev/tty does not. */
static int open_again(int fd) {
    const int flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    char name[128];
    if (!isatty(fd))
        return -1;
    const int again = ttyname_r(fd, name, sizeof name) == 0 ? open(name, flags) : -1;
    return again >= 0 ? again : open("/dev/tty", flags);
}

void outlet_open(struct outlet *o, int fd) {
    *o = (struct outlet){.owned = open_again(fd)};
    o->fd = o->owned >= 0 ? o->owned : fd;
}

bool outlet_waits(const struct outlet *o) {
    return o->waiting.n > o->sent;
}

static void forget(struct outlet *o) {
    o->waiting.n = 0;
    o->sent = 0;
}

void outlet_flush(struct outlet *o) {
    while (outlet_waits(o)) {
        const ssize_t put = write(o->fd, o->waiting.text + o->sent, o->waiting.n - o->sent);
        if (put > 0)
            o->sent += (size_t)put;
        else if (put < 0 && errno == EAGAIN)
            return;
        else if (put == 0 || errno != EINTR)
            break; /* it is gone; reading will say so */
    }
    forget(o);
}

bool outlet_put(struct outlet *o, const char *bytes, size_t n) {
    if (o->waiting.n - o->sent + n > OUTLET_MOST)
        return false;
    text_buffer_add(&o->waiting, bytes, n);
    outlet_flush(o);
    return true;
}

bool outlet_drain(struct outlet *o, int timeout_ms) {
    const int64_t end = clock_ms() + timeout_ms;
    outlet_flush(o);
    for (int64_t left; outlet_waits(o) && (left = end - clock_ms()) > 0;) {
        struct pollfd wait = {.fd = o->fd, .events = POLLOUT};
        (void)poll(&wait, 1, (int)left);
        outlet_flush(o);
    }
    const bool all = !outlet_waits(o);
    forget(o);
    return all;
}

void outlet_close(struct outlet *o) {
    if (o->owned >= 0)
        close(o->owned);
    text_buffer_dispose(&o->waiting);
    *o = (struct outlet){.fd = -1, .owned = -1};
}
