/* Work done one after another by a thread of its own: how it is told, cancelled, forgotten. */
#include "app/jobs/background.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdatomic.h>

/* A piece of work that goes on until it may end. */
struct piece {
    atomic_bool begun, may_end;
    int done, dropped;
    enum err_code code;
};

static struct background *b;

static void begin(void) {
    struct err e;
    cr_assert_eq(background_start(&b, &e), ERR_OK);
}

static void end(void) {
    background_stop(b);
}

TestSuite(background, .init = begin, .fini = end);

static enum err_code run(struct background *own, void *user, struct err *e) {
    struct piece *p = user;
    p->begun = true;
    while (!p->may_end)
        if (!background_tell(own, 3, 10))
            return err_set(e, ERR_CANCELLED, "it was cancelled");
    return ERR_OK;
}

static void done(void *owner, void *user, enum err_code code, const struct err *e) {
    struct piece *p = user;
    p->done = ++*(int *)owner;
    p->code = code;
    cr_expect(code == ERR_OK || e->message[0]);
}

static void drop(void *user) {
    ((struct piece *)user)->dropped++;
}

static void add(struct piece *p, const void *uses) {
    background_add(
        b,
        (struct background_work){
            .phase = "testing", .user = p, .uses = uses, .run = run, .done = done, .drop = drop});
}

static void wait_until_begun(const struct piece *p) {
    while (!p->begun)
        (void)poll(NULL, 0, 1);
}

static void take_all(int *count) {
    while (background_state(b).phase) {
        struct pollfd p = {.fd = background_fd(b), .events = POLLIN};
        (void)poll(&p, 1, 1000);
        background_take(b, count);
    }
    background_take(b, count);
}

Test(background, pieces_are_done_in_their_order_and_tell_how_far_they_are) {
    struct piece first = {0}, second = {.may_end = true};
    int count = 0;
    cr_expect_null(background_state(b).phase);
    add(&first, NULL);
    add(&second, NULL);
    wait_until_begun(&first);
    while (background_state(b).total == 0)
        (void)poll(NULL, 0, 1);
    const struct background_state s = background_state(b);
    cr_expect_str_eq(s.phase, "testing");
    cr_expect(s.done == 3 && s.total == 10);
    cr_expect(!second.begun);
    first.may_end = true;
    take_all(&count);
    cr_expect(first.done == 1 && second.done == 2 && count == 2);
    cr_expect_eq(first.dropped + second.dropped, 0);
}

Test(background, cancelling_ends_what_runs_and_what_waits) {
    struct piece first = {0}, second = {0};
    int count = 0;
    cr_expect_not(background_cancel(b), "there is nothing yet");
    add(&first, NULL);
    add(&second, NULL);
    wait_until_begun(&first);
    cr_expect(background_cancel(b));
    take_all(&count);
    cr_expect(first.code == ERR_CANCELLED && second.code == ERR_CANCELLED && count == 2);
    cr_expect_not(second.begun);
    struct piece third = {.may_end = true};
    add(&third, NULL);
    take_all(&count);
    cr_expect_eq(third.code, ERR_OK, "what comes later is not cancelled");
}

Test(background, what_uses_something_is_forgotten_with_it) {
    struct piece first = {0}, second = {0}, other = {.may_end = true};
    int count = 0, thing = 0;
    add(&first, &thing);
    add(&second, &thing);
    add(&other, NULL);
    wait_until_begun(&first);
    background_forget(b, &thing);
    take_all(&count);
    cr_expect(first.dropped == 1 && second.dropped == 1 && !first.done && !second.done);
    cr_expect(other.done == 1 && !other.dropped);
}

Test(background, at_the_end_what_waits_is_dropped) {
    struct piece first = {0}, second = {0};
    add(&first, NULL);
    add(&second, NULL);
    wait_until_begun(&first);
    background_stop(b);
    cr_expect(first.dropped == 1 && second.dropped == 1);
    begin();
}
