/* What of a result is no finite number, in words. */
#include "methods/request/attribute_job.h"

#include "backend/base/finite.h"
#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Steps of a result that have something. */
struct steps {
    bool *are; /* [G] */
    int64_t n; /* G */
};

static struct steps steps_new(const struct attribution_sequence *s) {
    const int64_t n = attribution_steps(s);
    return (struct steps){mem_alloc((size_t)n * sizeof(bool)), n};
}

static int64_t count(const struct steps *s) {
    int64_t n = 0;
    for (int64_t g = 0; g < s->n; g++)
        n += s->are[g];
    return n;
}

/* "3 of 12 steps (first step 2, "·Paris")", of those that are; owned by the caller. */
static char *named(const struct steps *s, const struct attribution_sequence *of) {
    int64_t g = 0;
    while (g < s->n && !s->are[g])
        g++;
    return mem_format("%lld of %lld step%s (first step %lld, \"%s\")", (long long)count(s),
                      (long long)s->n, s->n == 1 ? "" : "s", (long long)g + 1,
                      of->target.items[of->attr_pos_start + g].printable);
}

/* before, "is not finite at" and which steps, after. */
static void tell(struct attribute_job *j, const char *before, const struct steps *s,
                 const struct attribution_sequence *of, const char *after) {
    char *steps = named(s, of), *text = mem_format("%s not finite at %s%s.", before, steps, after);
    job_tell(j, &j->arguments, text);
    free(text);
    free(steps);
}

static const char *reason(const struct attribute_job *j) {
    const char *own = j->arguments.method->no_number;
    return own ? own : "numbers grew too large, which float64 may hold, or a weight is damaged";
}

/* ": " and what the function says of it, or nothing; owned by the caller. */
static char *why_none(const struct attribute_job *j, const struct named_scores *scores) {
    for (size_t i = 0; i < j->arguments.n_scores; i++) {
        const struct step_function *f = j->arguments.scores[i].function;
        if (f && f->why_none && strcmp(f->decl.id, scores->name) == 0)
            return mem_format(": %s", f->why_none);
    }
    return mem_text("");
}

static void check_step_scores(struct attribute_job *j, const struct attribution_sequence *s) {
    struct steps none = steps_new(s);
    for (size_t i = 0; i < s->n_step_scores; i++) {
        const struct named_scores *scores = &s->step_scores[i];
        for (int64_t g = 0; g < none.n; g++)
            none.are[g] = attribution_done(s, g) && !isfinite(scores->scores.data[g]);
        char *what = mem_format("The step score %s is", scores->name), *why = why_none(j, scores);
        if (count(&none))
            tell(j, what, &none, s, why);
        free(what);
        free(why);
    }
    free(none.are);
}

/* Looks at one side's numbers in row r, from the first column that sees it on. */
static void check_row(struct scores *side, int64_t r, int64_t first, struct steps *broken,
                      struct steps *numbers) {
    const int64_t cell = scores_cell(side), n = (broken->n - first) * cell;
    float *x = side->data + (r * broken->n + first) * cell;
    if (finite_first_not(x, n) < 0) {
        for (int64_t g = first; g < broken->n; g++)
            numbers->are[g] = true;
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        const bool good = isfinite(x[i]);
        *(good ? &numbers->are[first + i / cell] : &broken->are[first + i / cell]) = true;
        x[i] = good ? x[i] : NAN;
    }
}

/* Which columns have some number, and which have something that is none where they could see. */
static void check_side(struct attribution_sequence *s, bool target, struct steps *broken,
                       struct steps *numbers) {
    struct scores *side = target ? &s->target_attributions : &s->source_attributions;
    for (int64_t r = 0; scores_cell(side) && side->data && r < side->dims[0]; r++) {
        const int64_t seen = target ? r + 1 - s->attr_pos_start : 0, first = seen > 0 ? seen : 0;
        if (s->one_step && first > 0)
            break; /* none of them sees another's token */
        if (first < broken->n)
            check_row(side, r, first, broken, numbers);
    }
}

static enum err_code nothing(const struct attribute_job *j, int64_t n_lost, struct err *e) {
    if (n_lost)
        return err_set(e, ERR_UNSUPPORTED,
                       "the attributed function %s is not finite at any step: there is nothing to "
                       "attribute",
                       j->arguments.target.function->decl.id);
    return err_set(e, ERR_UNSUPPORTED, "no score of %s is finite: %s", j->arguments.method->decl.id,
                   reason(j));
}

/* Where the function is none, and where else numbers are missing. */
static void tell_of_columns(struct attribute_job *j, const struct attribution_sequence *s,
                            const struct steps *own, const struct steps *broken) {
    char *function =
             mem_format("The attributed function %s is", j->arguments.target.function->decl.id),
         *scores = mem_format("Scores of %s are", j->arguments.method->decl.id),
         *why = mem_format(" and shown as nan: %s", reason(j));
    if (count(own))
        tell(j, function, own, s, ": nothing can be attributed there, the column is nan");
    if (count(broken))
        tell(j, scores, broken, s, why);
    free(function);
    free(scores);
    free(why);
}

enum err_code job_check_numbers(struct attribute_job *j, struct attribution_sequence *s,
                                const bool *lost, struct err *e) {
    struct steps broken = steps_new(s), numbers = steps_new(s), own = steps_new(s);
    enum err_code code = ERR_OK;
    check_step_scores(j, s);
    check_side(s, false, &broken, &numbers);
    check_side(s, true, &broken, &numbers);
    for (int64_t g = 0; g < own.n; g++) {
        own.are[g] = lost[g];
        broken.are[g] &= !lost[g] && attribution_done(s, g);
    }
    if ((count(&own) || count(&broken)) && !count(&numbers))
        code = nothing(j, count(&own), e);
    else
        tell_of_columns(j, s, &own, &broken);
    free(broken.are);
    free(numbers.are);
    free(own.are);
    return code;
}
