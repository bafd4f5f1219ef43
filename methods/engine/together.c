#include "methods/engine/together.h"

#include "backend/base/mem.h"
#include "methods/engine/together_internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

/* Pages are taken as they are touched; the lowest is a guard. */
#define STACK_BYTES ((size_t)8 << 20)
#define GUARD_BYTES ((size_t)64 << 10)

/* --- from stack to stack --- */

static void leave(void **fake, const void *bottom, size_t n) {
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(fake, bottom, n);
#else
    (void)fake, (void)bottom, (void)n;
#endif
}

static void arrive(void *fake, struct together *t) {
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(fake, t ? &t->stack : NULL, t ? &t->n_stack : NULL);
#else
    (void)fake, (void)t;
#endif
}

static void go_on(struct together *t, struct lane *l) {
    leave(&t->fake_stack, (char *)l->stack + GUARD_BYTES, STACK_BYTES - GUARD_BYTES);
    swapcontext(&t->context, &l->context);
    arrive(t->fake_stack, NULL);
}

enum err_code lane_ask(struct lane *l, enum asks asks) {
    l->asks = asks;
    leave(&l->fake_stack, l->t->stack, l->t->n_stack);
    swapcontext(&l->context, &l->t->context);
    arrive(l->fake_stack, l->t);
    return l->code;
}

/* makecontext hands on ints only. */
static void begin(unsigned high, unsigned low) {
    struct lane *l = (struct lane *)(((uintptr_t)high << 32) | (uintptr_t)low);
    struct together *t = l->t;
    arrive(NULL, t);
    t->task(t->user, l->i, (struct model *)l);
    l->asks = ASKS_NO_MORE;
    leave(NULL, t->stack, t->n_stack);
    setcontext(&t->context);
}

/* False: no memory for a stack. */
static bool open_lane(struct lane *l, struct together *t, size_t i) {
    *l = (struct lane){.head = {&lane_ops, t->behind}, .t = t, .i = i};
    l->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (l->stack == MAP_FAILED)
        return false;
    if (mprotect(l->stack, GUARD_BYTES, PROT_NONE) != 0 || getcontext(&l->context) != 0) {
        munmap(l->stack, STACK_BYTES);
        return false;
    }
    l->context.uc_stack.ss_sp = (char *)l->stack + GUARD_BYTES;
    l->context.uc_stack.ss_size = STACK_BYTES - GUARD_BYTES;
    makecontext(&l->context, (void (*)(void))begin, 2, (unsigned)((uintptr_t)l >> 32),
                (unsigned)(uintptr_t)l);
    return true;
}

/* --- turns --- */

/* Every lane that waits for nothing goes on until it does; false: none will any more. */
static bool take_turns(struct together *t) {
    bool any = false;
    for (size_t i = 0; i < t->n; i++) {
        if (t->lanes[i].asks == ASKS_NOTHING)
            go_on(t, &t->lanes[i]);
        any |= t->lanes[i].asks != ASKS_NO_MORE;
    }
    return any;
}

void together_run(struct model *behind, const struct model_config *config, int64_t room, size_t n,
                  together_task task, void *user) {
    struct together t = {
        .behind = behind, .config = config, .room = room, .task = task, .user = user};
    t.lanes = mem_alloc((n + 1) * sizeof *t.lanes);
    t.some = mem_alloc((n + 1) * sizeof *t.some);
    while (t.n < n && open_lane(&t.lanes[t.n], &t, t.n))
        t.n++;
    while (take_turns(&t)) {
        together_forwards(&t);
        together_logits(&t);
        together_gradients(&t);
    }
    for (size_t i = 0; i < t.n; i++)
        munmap(t.lanes[i].stack, STACK_BYTES);
    for (size_t i = t.n; i < n; i++)
        task(user, i, behind);
    free(t.some);
    free(t.lanes);
}
