/* docs/findings: the commands of its pages print what stands below them, within .01, and that is
 * what was published or measured with Inseq on these models. */
#include "app/tour/tour.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BLOCKS 32
/* Numbers are printed with two decimals. */
#define WITHIN (.01 + 1e-6)

static const struct {
    const char *after; /* a text of the command, or of its heading */
    const char *row;   /* how the row begins */
    int at;            /* which number of the row */
    double figure;
} figures[] = {
    {"# Attention", "·Hello ", 0, .61},
    {"# Attention", "·everyone ", 2, .58},
    {"# Attention", "·hope ", 4, .59},
    {"# Value zeroing", "·interpret ", 3, .88},
    {"# Value zeroing", "·models ", 4, .82},
    {"# What a result", "  explained", 2, 13},
    {"# What a result", "  source_attributions", 2, 256},
    {"# Gender", "·manager ", 5, .210},
    {"# Gender", "·manager ", 6, 0},
    {"# Gender", "contrast_prob_diff ", 5, .98},
    {"hi to the nurse", "·nurse ", 0, .28},
    {"m.json --pair", "probability ", 5, -.987},
    {"m.json --pair", "·doctor ", 5, .123},
    {"m.json --pair", "</s> ", 5, 0},
    {"# The prefix", "probability ", 0, .71},
    {"# The prefix", "probability ", 1, 1},
    {"# The prefix", "probability ", 2, 1},
    {"# The prefix", "probability ", 3, .70},
    {"# The prefix", "probability ", 4, .84},
    {"# The prefix", "·teacher ", 0, .38},
    {"he.json --pair", "probability ", 0, .43},
    {"he.json --pair", "·O → ·A ", 0, .15},
    {"-a saliency -fn contrast_prob_diff --foil 1=Rome", "iffel ", 0, .278},
    {"-a saliency -fn contrast_prob_diff --foil 1=Rome", "contrast_prob_diff ", 0, .696},
    {"-a input_x_gradient -fn contrast_prob_diff", "iffel ", 0, .480},
    {"# Why barking", "·dog ", 0, .279},
    {"# Why barking", "·stop ", 0, .207},
    {"# Think outside", "probability ", 0, .99},
    {"# Think outside", "·outside ", 0, .31},
    {"# Think outside", "·innovate ", 0, .16},
    {"He said he was too sick", "Generated output (CTI", 0, .774},
    {"He said he was too sick", "Generated output (CTI", 1, 1.228},
    {"He said he was too sick", "Input context (CCI", 1, 1.296},
    {"\" office\"", "Input context (CCI", 1, .536},
    {"\" office\"", "Input context (CCI", 2, .637},
    {"# A step function", "iffel ", 0, .278},
    {"# A step function", "contrast_prob_diff ", 0, .696},
    {"# A step function", "prob(y) - prob(foil) ", 0, .696},
    {"# Tracing 64 facts", "22 ", 5, .29},
    {"# Tracing 64 facts", "subject last ", 0, -.073},
    {"# Which tokens suffice", "·manager ", 0, .56},
    {"# 49 occupations", "contrast_prob_diff (× 1e-2)", 0, 1.41},
    {"--attribution_selectors 25", "·of ", 0, .77},
    {"-a activation_patching", "1 ", 2, .47},
    {"-a activation_patching", "23 ", 9, .80},
    {"# Weighted by doubt", "mc_dropout_prob_avg ", 0, 4.44},
    {"# Weighted by doubt", "mc_dropout_prob_avg ", 5, 1.13},
};

/* Lines that a section has, and what they begin with. */
static const struct {
    const char *after, *line;
} lines[] = {
    {"# 49 occupations", "     47 oi para o\n"},
    {"# 49 occupations", "      1 oi ao\n"},
    {"# 49 occupations", "      1 oi para a\n"},
    {"contrast_prob_diff with percent_women, ", "    -0.2018 "},
    {"contrast_prob_diff with |percent_women - 50|", "    -0.1354 "},
    {"# Documents, and", "  George lives in Lisbon. [2] "},
    {"# Documents, and", "  The tower is 330 metres tall. [1] "},
    {"# Documents, and", "  The library closes at six. [3] "},
    {"# Documents, and", "  precision 1.000 (3 of 3)  recall 1.000 (3 of 3)"},
};

/* A ```console block (one of "console all" takes too long here): lines that begin with "$ " are
 * commands, what is below each its output. */
struct block {
    char *commands, *output;
    FILE *running;
};

/* All pages, one after the other. */
static char *findings(void) {
    struct text_buffer all = {0};
    struct err e;
    for (size_t i = 0; i < TOUR_STEPS; i++) {
        char *path = mem_format("docs/findings/%s.md", tour_step(i)->name), *text = NULL;
        size_t n;
        cr_assert_eq(file_read(&text, &n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
        text_buffer_add(&all, text, n);
        free(text);
        free(path);
    }
    return text_buffer_take(&all);
}

static bool goes_on(const char *line, size_t n) {
    return n && line[n - 1] == '\\';
}

static struct block block_read(const char *at, const char *end) {
    struct text_buffer commands = {0}, output = {0};
    bool more = false;
    while (at < end) {
        const size_t n = strcspn(at, "\n");
        const bool command = more || strncmp(at, "$ ", 2) == 0;
        const size_t skipped = command && !more ? 2 : 0;
        text_buffer_add(command ? &commands : &output, at + skipped, n + 1 - skipped);
        more = command && goes_on(at, n);
        at += n + 1;
    }
    return (struct block){text_buffer_take(&commands), text_buffer_take(&output), NULL};
}

/* Under sanitizers, whose libtorch alone takes seconds to load, data sets and documents are left to
 * suites of their own. */
static bool is_run(const char *commands) {
#if defined(__SANITIZE_ADDRESS__)
    return !strstr(commands, "attribute-dataset") && !strstr(commands, "--document");
#else
    return *commands != '\0';
#endif
}

static void block_dispose(struct block *b) {
    free(b->commands);
    free(b->output);
}

static int blocks_read(struct block *blocks, const char *text) {
    static const char begin[] = "```console\n";
    int n = 0;
    while (n < MOST_BLOCKS && (text = strstr(text, begin)) != NULL) {
        const char *end = strstr(text += strlen(begin), "```\n");
        cr_assert_not_null(end);
        blocks[n] = block_read(text, end);
        if (is_run(blocks[n].commands))
            n++;
        else
            block_dispose(&blocks[n]);
        text = end;
    }
    return n;
}

/* One thread each: two run at a time. */
static void start(struct block *b) {
    char *script = mem_format("export PATH=\"$TINSEQ_BUILD:$PATH\" OMP_NUM_THREADS=1\n"
                              "folder=$(mktemp -d) && cp docs/findings/data/* \"$folder\" && cd "
                              "\"$folder\" && export XDG_STATE_HOME=\"$folder\"\n"
                              "{ %s } 2>messages || cat messages\nrm -r \"$folder\"\n",
                              b->commands);
    b->running = popen(script, "r"); /* NOLINT(cert-env33-c): what a reader's shell does */
    cr_assert_not_null(b->running);
    free(script);
}

static char *finish(struct block *b) {
    struct text_buffer out = {0};
    char part[4096];
    size_t n;
    while ((n = fread(part, 1, sizeof part, b->running)) > 0)
        text_buffer_add(&out, part, n);
    cr_expect_eq(pclose(b->running), 0);
    return text_buffer_take(&out);
}

static bool is_number(const char *s) {
    return isdigit((unsigned char)s[*s == '-']) != 0;
}

static const char *past_blanks(const char *s) {
    return s + strspn(s, " \t\n");
}

/* The same but for blanks, and numbers within a hundredth. */
static bool alike(const char *a, const char *b) {
    for (a = past_blanks(a), b = past_blanks(b); *a && *b; a = past_blanks(a), b = past_blanks(b)) {
        char *a_end = (char *)a + 1, *b_end = (char *)b + 1;
        const bool numbers = is_number(a) && is_number(b);
        if (numbers && fabs(strtod(a, &a_end) - strtod(b, &b_end)) > WITHIN)
            return false;
        if (!numbers && *a != *b)
            return false;
        a = a_end;
        b = b_end;
    }
    return *a == *b;
}

static void check(struct block *b) {
    char *said = finish(b);
    cr_expect(alike(said, b->output), "%s\nsaid:\n%s\nwhere docs/findings has:\n%s", b->commands,
              said, b->output);
    free(said);
    block_dispose(b);
}

Test(findings, say_what_docs_say, .timeout = 200) {
    char *text = findings();
    struct block blocks[MOST_BLOCKS];
    const int n = blocks_read(blocks, text);
    cr_assert_geq(n, TOUR_STEPS - 3);
    start(&blocks[0]);
    for (int i = 0; i < n; i++) {
        if (i + 1 < n)
            start(&blocks[i + 1]);
        check(&blocks[i]);
    }
    free(text);
}

/* NAN: there is none. */
static double number(const char *line, int at) {
    char *end = NULL;
    for (; *line && *line != '\n'; line++) {
        if (!is_number(line))
            continue;
        const double out = strtod(line, &end);
        if (at-- == 0)
            return out;
        line = end - 1;
    }
    return NAN;
}

/* Of a column, from the line behind `head` down to a rule. */
static double column_sum(const char *text, const char *head, int at) {
    const char *line = strstr(text, head);
    double sum = 0;
    while ((line = strchr(line, '\n')) != NULL && line[1] != '-') {
        line++;
        const double x = number(line + strcspn(line, " "), at);
        sum += isnan(x) ? 0 : x; /* the columns' heads */
    }
    return sum;
}

/* Both were shares of a whole; eight rows, each rounded. */
Test(findings, differences_of_shares_sum_to_nothing) {
    char *text = findings();
    const char *pair = strstr(text, "m.json --pair");
    cr_assert_not_null(pair);
    for (int at = 0; at < 9; at++)
        cr_expect_lt(fabs(column_sum(pair, "source × generated\n", at)), .045, "column %d", at);
    free(text);
}

Test(findings, are_the_published_ones) {
    char *text = findings();
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        char *row = mem_format("\n%s", figures[i].row);
        const char *from = strstr(text, figures[i].after);
        const char *line = from ? strstr(from, row) : NULL;
        cr_assert_not_null(line, "%s: %s", figures[i].after, figures[i].row);
        cr_expect_float_eq(number(line + strlen(row), figures[i].at), figures[i].figure, WITHIN,
                           "%s: %s %g", figures[i].after, figures[i].row, figures[i].figure);
        free(row);
    }
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char *line = mem_format("\n%s", lines[i].line);
        const char *from = strstr(text, lines[i].after);
        cr_expect(from && strstr(from, line), "%s: %s", lines[i].after, lines[i].line);
        free(line);
    }
    free(text);
}
