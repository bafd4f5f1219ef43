/* Input reduction and the information bottleneck on the toy model: the one step by step on paper,
 * the other where it is known in closed form. */
#include "tests/methods/toy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static void must_run(struct session *s) {
    cr_assert_eq(session_run(s), ERR_OK, "%s: %s", s->method->decl.id, s->err.message);
}

static void expect_near(double got, double want, double bound, const char *what) {
    cr_expect(fabs(got - want) <= bound * (1 + fabs(want)), "%s: %.9g, should be %.9g", what, got,
              want);
}

static const int32_t contrast[] = {TOY_PAD, 3, 4, 4, 5, 6};
static const int64_t alignment[] = {2, 3, 4, 5};

/* --- input reduction --------------------------------------------------------------------- */

/* Of one column, the plain way: rows left, by gradient × input of the logit on paper. Returns how
 * many fell. */
static int reduce(const struct session *s, int64_t c, double *fell) {
    int64_t rows[8], n = s->in.start + c;
    int32_t y = s->in.target_ids[n];
    int round = 0, first_rank = -1;
    int64_t last = -1;
    for (int64_t i = 0; i < n; i++)
        rows[i] = i, fell[i] = -1;
    for (;;) {
        int32_t ids[8];
        double h[TOY_WIDTH] = {0}, z[TOY_VOCAB], u[TOY_WIDTH], w[TOY_WIDTH], least = INFINITY;
        int rank = 0;
        int64_t taken = -1;
        for (int64_t i = 0; i < n; i++)
            ids[i] = s->in.target_ids[rows[i]];
        toy_add_rows(h, STACK_DECODER, ids, n);
        toy_logits(z, h);
        for (int v = 0; v < TOY_VOCAB; v++)
            rank += z[v] > z[y];
        first_rank = first_rank < 0 ? rank : first_rank;
        if (rank > first_rank) {
            fell[last] = -1;
            return round - 1;
        }
        toy_vectors(u, w, y);
        for (int64_t i = 0; i < n && n > 1; i++) {
            double x[TOY_WIDTH], product = 0;
            toy_embedding(x, STACK_DECODER, ids[i]);
            for (int k = 0; k < TOY_WIDTH; k++)
                product += x[k] * toy_row_weight(STACK_DECODER, i) *
                           (u[k] + (w[0] * h[0] + w[1] * h[1] + w[2] * h[2]) * w[k]);
            if (ids[i] > TOY_EOS && product < least)
                least = product, taken = i;
        }
        if (taken < 0)
            return round;
        last = rows[taken];
        fell[last] = ++round;
        memmove(rows + taken, rows + taken + 1, (size_t)(n - taken - 1) * sizeof *rows);
        n--;
    }
}

Test(input_reduction, takes_out_the_least_important_token_while_the_prediction_stays) {
    struct session s;
    int n_fell = 0, n_left = 0;
    session_init(&s, false, "input_reduction", "logit");
    must_run(&s);
    session_check_nan(&s);
    for (int64_t c = 0; c < 4; c++) {
        double fell[8];
        int rounds = reduce(&s, c, fell), left = 0;
        for (int64_t row = 0; row < s.in.start + c; row++) {
            left += fell[row] < 0;
            cr_expect_eq(session_at(&s, &s.out.target_attributions, row, c, 0),
                         fell[row] < 0 ? rounds + 1 : fell[row], "row %d, column %d", (int)row,
                         (int)c);
        }
        cr_expect_eq(s.out.step_scores[0].scores.data[c], left);
        n_fell += rounds;
        n_left += left;
    }
    cr_expect_gt(n_fell, 0);
    cr_expect_gt(n_left, 4); /* somewhere the prediction changed */
    session_dispose(&s);
}

Test(input_reduction, special_tokens_stay_and_count_for_nothing) {
    struct session s;
    session_init(&s, true, "input_reduction", "contrast_logits_diff");
    session_contrast(&s, contrast, 6, alignment);
    s.in.attribute_target = true;
    must_run(&s);
    session_check_nan(&s);
    for (int64_t c = 0; c < 4; c++) {
        cr_expect_eq(session_at(&s, &s.out.source_attributions, 2, c, 0), 0); /* the end */
        cr_expect_eq(session_at(&s, &s.out.target_attributions, 0, c, 0), 0); /* the start */
        cr_expect_gt(session_at(&s, &s.out.source_attributions, 0, c, 0), 0);
    }
    cr_expect_str_eq(s.out.step_scores[0].name, "tokens_left");
    session_dispose(&s);
}

/* The prediction cannot change: all but the tokens that a model needs fall, in rounds 1, 2, … */
Test(input_reduction, a_prediction_that_nothing_changes_loses_all_tokens) {
    struct session s;
    session_init(
        &s, false, "input_reduction",
        "contrast_logits_diff"); /* of a token with itself: a foil that is never likelier */
    session_contrast(&s, (const int32_t[]){3, 5, 4, 6, 3, TOY_EOS}, 6, alignment);
    for (int by_norm = 0; by_norm < 2; by_norm++) {
        session_option(&s, "importance", by_norm ? "\"gradient_norm\"" : "\"input_x_gradient\"");
        must_run(&s);
        for (int64_t c = 0; c < 4; c++) {
            double sum = 0;
            int64_t n = s.in.start + c;
            for (int64_t row = 0; row < n; row++)
                sum += session_at(&s, &s.out.target_attributions, row, c, 0);
            cr_expect_eq(sum, (double)(n * (n + 1) / 2), "column %d", (int)c);
            cr_expect_eq(s.out.step_scores[0].scores.data[c], 1);
        }
    }
    session_dispose(&s);
}

/* --- with a beam ------------------------------------------------------------------------- */

/* What is left of column c, as a set of rows: the logit of the target, how many are likelier, and
 * what each row's removal costs to first order. */
struct subset {
    unsigned rows;
    int fell[8], n_fell;
    double value, cost[8];
    int rank;
};

static void judge(const struct session *s, int64_t c, struct subset *t) {
    const int32_t y = s->in.target_ids[s->in.start + c];
    int32_t ids[8];
    int64_t place[8], n = 0;
    double h[TOY_WIDTH] = {0}, z[TOY_VOCAB], u[TOY_WIDTH], w[TOY_WIDTH];
    for (int row = 0; row < s->in.start + c; row++)
        if (t->rows >> row & 1)
            place[row] = n, ids[n++] = s->in.target_ids[row];
    toy_add_rows(h, STACK_DECODER, ids, n);
    toy_logits(z, h);
    toy_vectors(u, w, y);
    t->value = z[y];
    t->rank = 0;
    for (int v = 0; v < TOY_VOCAB; v++)
        t->rank += z[v] > z[y];
    for (int row = 0; row < s->in.start + c; row++) {
        double x[TOY_WIDTH];
        t->cost[row] = INFINITY;
        if (!(t->rows >> row & 1) || s->in.target_ids[row] <= TOY_EOS || n == 1)
            continue;
        t->cost[row] = 0;
        toy_embedding(x, STACK_DECODER, s->in.target_ids[row]);
        for (int k = 0; k < TOY_WIDTH; k++)
            t->cost[row] += x[k] * toy_row_weight(STACK_DECODER, place[row]) *
                            (u[k] + (w[0] * h[0] + w[1] * h[1] + w[2] * h[2]) * w[k]);
    }
}

static int count(unsigned rows) {
    int n = 0;
    for (; rows; rows &= rows - 1)
        n++;
    return n;
}

/* The best of what a beam ends with. */
static struct subset beam_reduce(const struct session *s, int64_t c, int beam) {
    static struct subset at_hand[400], next[400];
    int n = 1, first_rank;
    at_hand[0] = (struct subset){.rows = (1u << (s->in.start + c)) - 1};
    judge(s, c, &at_hand[0]);
    first_rank = at_hand[0].rank;
    for (;;) {
        int n_next = 0;
        for (int i = 0; i < n; i++)
            for (int k = 0; k < beam; k++) {
                int least = 0;
                for (int row = 0; row < 8; row++)
                    if (row < s->in.start + c && at_hand[i].cost[row] < at_hand[i].cost[least])
                        least = row;
                if (at_hand[i].cost[least] == INFINITY)
                    break;
                at_hand[i].cost[least] = INFINITY;
                struct subset t = at_hand[i];
                bool known = false;
                t.rows &= ~(1u << least);
                t.fell[t.n_fell++] = least;
                for (int j = 0; j < n_next; j++)
                    known |= next[j].rows == t.rows;
                judge(s, c, &t);
                if (!known && t.rank <= first_rank)
                    next[n_next++] = t;
            }
        if (n_next == 0)
            return at_hand[0];
        for (n = 0; n < beam && n < n_next; n++) { /* the best of the rest, again and again */
            int best = n;
            for (int j = n + 1; j < n_next; j++)
                if (next[j].value > next[best].value)
                    best = j;
            at_hand[n] = next[best];
            next[best] = next[n];
        }
    }
}

/* The fewest rows that any way of taking one out after the other leads to while the prediction
 * stays. */
static int fewest(const struct session *s, int64_t c) {
    static bool reached[64];
    const unsigned all = (1u << (s->in.start + c)) - 1;
    struct subset t = {.rows = all};
    judge(s, c, &t);
    const int first_rank = t.rank;
    int least = 8;
    memset(reached, 0, sizeof reached);
    reached[all] = true;
    for (unsigned rows = all; rows > 0;
         rows--) { /* larger sets have larger numbers than what is left of them */
        t.rows = rows;
        judge(s, c, &t);
        if (!reached[rows] || t.rank > first_rank)
            continue;
        least = count(rows) < least ? count(rows) : least;
        for (int row = 0; row < s->in.start + c; row++)
            if (t.cost[row] < INFINITY)
                reached[rows & ~(1u << row)] = true;
    }
    return least;
}

Test(input_reduction, a_beam_follows_the_best_of_several_texts) {
    static const int32_t texts[3][6] = {
        {3, 5, 4, 6, 3, TOY_EOS}, {6, 4, 5, 3, 4, 5}, {4, 3, 6, 6, 5, 4}};
    int n_shorter = 0;
    for (int i = 0; i < 3; i++) {
        double left[3][4];
        for (int k = 0; k < 3; k++) {
            static const char *const beams[] = {"1", "2", "20"};
            static const int widths[] = {1, 2, 20};
            struct session s;
            session_init(&s, false, "input_reduction", "logit");
            s.in.target_ids = texts[i];
            session_option(&s, "beam", beams[k]);
            must_run(&s);
            session_check_nan(&s);
            for (int64_t c = 0; c < 4; c++) {
                const struct subset want = beam_reduce(&s, c, widths[k]);
                float round[8] = {0};
                for (int r = 0; r < want.n_fell; r++)
                    round[want.fell[r]] = (float)(r + 1);
                for (int64_t row = 0; row < s.in.start + c; row++)
                    cr_expect_eq(session_at(&s, &s.out.target_attributions, row, c, 0),
                                 round[row] > 0 ? round[row] : (float)(want.n_fell + 1),
                                 "text %d, beam %s: row %d, column %d", i, beams[k], (int)row,
                                 (int)c);
                left[k][c] = s.out.step_scores[0].scores.data[c];
                cr_expect_eq(left[k][c], count(want.rows));
                if (k == 2)
                    cr_expect_eq(left[k][c], fewest(&s, c), "text %d, column %d", i, (int)c);
                n_shorter += k == 2 && left[2][c] < left[0][c];
            }
            session_dispose(&s);
        }
    }
    cr_expect_gt(n_shorter, 0); /* somewhere the beam found what the single path did not */
}

/* --- information bottleneck -------------------------------------------------------------- */

/* Before anything is learned λ = sigmoid(α₀): what passes is known in closed form. The
 * optimiser is compared with PyTorch's (tests/fixtures/make_inseq_perturb.py). */
Test(information_bottleneck, measures_nats_against_the_vocabularys_embeddings) {
    for (int i = 0; i < 3; i++) {
        struct session s;
        session_init(&s, i > 0, "information_bottleneck", "probability");
        s.in.attribute_target = i == 2;
        session_option(&s, "n_steps", "1");
        session_option(&s, "initial_alpha", "1.5");
        must_run(&s);
        session_check_nan(&s);
        double lambda = 1 / (1 + exp(-1.5)), mean = 0, square = 0, x[TOY_WIDTH];
        const struct scores *scores = i ? &s.out.source_attributions : &s.out.target_attributions;
        enum model_stack stack = i ? STACK_ENCODER : STACK_DECODER;
        for (int v = 0; v < TOY_VOCAB; v++) {
            toy_embedding(x, stack, v);
            mean += x[1] / TOY_VOCAB;
            square += x[1] * x[1] / TOY_VOCAB;
        }
        toy_embedding(x, stack, i ? s.in.source_ids[1] : s.in.target_ids[1]);
        double normal = (x[1] - mean) / sqrt(square - mean * mean);
        expect_near(session_at(&s, scores, 1, 3, 1),
                    0.5 * (pow(lambda * normal, 2) + pow(1 - lambda, 2) - 1) - log(1 - lambda),
                    1e-5, "nats");
        session_dispose(&s);
    }
}

static double mean_score(const struct session *s) {
    double sum = 0;
    for (int64_t row = 0; row < s->in.n_source; row++)
        for (int k = 0; k < TOY_WIDTH; k++)
            sum += session_at(s, &s->out.source_attributions, row, 3, k);
    return sum;
}

Test(information_bottleneck, dearer_information_passes_less) {
    double before = INFINITY;
    for (int i = 0; i < 3; i++) {
        struct session s;
        session_init(&s, true, "information_bottleneck", "probability");
        session_option(&s, "n_steps", "30");
        session_option(&s, "learning_rate", "0.3");
        session_option(&s, "beta", (const char *const[]){"0", "1", "100"}[i]);
        must_run(&s);
        cr_expect_lt(mean_score(&s), before);
        before = mean_score(&s);
        session_dispose(&s);
    }
    cr_expect_lt(before, 0.5); /* nearly nothing */
}

/* Of all scores of one run with a layer. The toy's layers yield the embeddings times a factor,
 * which a bottleneck does not see. */
static void run_at(struct session *s, bool two, const char *layer, const char *n_references) {
    session_init(s, two, "information_bottleneck", "probability");
    s->in.attribute_target = two;
    session_option(s, "layer", layer);
    session_option(s, "n_references", n_references);
    session_option(s, "initial_alpha", "1");
    session_option(s, "n_steps", "3");
    must_run(s);
    session_check_nan(s);
}

static void expect_like(const struct session *a, const struct session *b, double bound) {
    const struct scores *x = &a->out.target_attributions, *y = &b->out.target_attributions;
    double apart = 0, size = 0;
    for (int64_t i = 0; i < scores_count(x); i++) {
        apart += isnan(x->data[i]) ? 0 : fabs(x->data[i] - y->data[i]);
        size += isnan(y->data[i]) ? 0 : fabs(y->data[i]);
    }
    cr_expect_leq(apart, bound * size, "%g of %g", apart, size);
}

Test(information_bottleneck, stands_after_a_layer) {
    for (int two = 0; two < 2; two++) {
        struct session first, last, embeddings, other;
        run_at(&first, two, "0", "3000");
        run_at(&last, two, "-1", "3000");
        run_at(&embeddings, two, "null", "2");
        run_at(&other, two, "0", "3");
        expect_like(&first, &last, 1e-5);
        if (!two) /* its texts have no special tokens in the places that are drawn: the same
                     distribution as the vocabulary's */
            expect_like(&first, &embeddings, 0.05);
        cr_expect_neq(session_at(&first, &first.out.target_attributions, 0, 3, 0),
                      session_at(&other, &other.out.target_attributions, 0, 3, 0));
        session_dispose(&first);
        session_dispose(&last);
        session_dispose(&embeddings);
        session_dispose(&other);
    }
}

Test(information_bottleneck, refuses_what_is_no_layer) {
    static const char *const wrong[] = {"2", "-3", "0.5", "\"all\"", "[0]", "true"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct session s;
        session_init(&s, false, "information_bottleneck", "probability");
        session_option(&s, "layer", wrong[i]);
        cr_expect_eq(session_run(&s), ERR_USAGE, "%s", wrong[i]);
        cr_expect(strstr(s.err.message, "from 0 to 1"), "%s", s.err.message);
        session_dispose(&s);
    }
}
