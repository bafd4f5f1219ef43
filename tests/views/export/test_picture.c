/*
 * Pictures. Those of tests/views/golden are compared pixel by pixel: an SVG with its golden drawn
 * by the same librsvg and fonts, a PNG by the means of squares of 4 × 4 pixels, which another
 * version of a font or a library hardly changes. At most 0.5 % may differ. UPDATE_GOLDEN=1 rewrites
 * them.
 */
#include "backend/base/file.h"
#include "tests/methods/result/info.h"
#include "tests/views/export/pixels.h"
#include "tests/views/screens/samples.h"
#include "views/export/exports.h"
#include "views/export/raster.h"

#include <criterion/criterion.h>

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define MOST_DIFFERENT 0.005

/* Columns are counted by wcwidth. */
static void set_locale(void) {
    setlocale(LC_ALL, "C.UTF-8");
}

TestSuite(picture, .init = set_locale);

static void add_scores(struct attribution_sequence *s, const char *name, float scale) {
    struct scores *scores = attribution_add_step_scores(s, name);
    for (int64_t g = 0; g < attribution_steps(s); g++)
        scores->data[g] = scale * (float)(g * 7 % 5 + 1) / 5;
}

static struct attribution *translation(void) {
    struct attribution *a = attribution_new(1);
    a->info = info_from("{\"attribution_method\": \"saliency\", \"model_name\": \"en-pt\"}");
    sample_translation(&a->sequences[0], 3);
    add_scores(&a->sequences[0], "probability", 1);
    return a;
}

/* A language model's, with signs, of which one column is not done and one cell has no number. */
static struct attribution *contrast(void) {
    struct attribution *a = attribution_new(1);
    a->info = info_from("{\"attribution_method\": \"input_x_gradient\"}");
    sample_scores(&a->sequences[0], 5, 3);
    a->sequences[0].target_attributions.data[2] = NAN;
    add_scores(&a->sequences[0], "contrast_prob_diff", 3e-6f);
    return a;
}

/* What a vocabulary may hold, tiny scores, both sides. */
static struct attribution *scripts(void) {
    static const char *const words[] = {" שלום",
                                        " مرحبا",
                                        " 世界",
                                        "😀",
                                        "\xE2\x80\xAE"
                                        "abc",
                                        "<b>&\"']]>",
                                        "\x1b[31m",
                                        "\xED\xA0\x80",
                                        "\xEF\xBF\xBE",
                                        " e\xCC\x81",
                                        "a token that is longer than any column"};
    const int64_t n = sizeof words / sizeof *words;
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = &a->sequences[0];
    a->info = info_from("{\"attribution_method\": \"</title>&\", \"model_name\": \"\\ud800\", "
                        "\"input_texts\": [\"]]> <!-- \\u0000\"]}");
    s->attr_pos_start = 1;
    s->attr_pos_end = n;
    for (int64_t i = 0; i < n; i++) {
        sample_token(&s->source, words[n - 1 - i], i == 2);
        sample_token(&s->target, words[i], i == 0);
    }
    cr_assert(scores_init(&s->source_attributions, 2, (int64_t[]){n, n - 1}, 0));
    for (int64_t i = 0; i < n * (n - 1); i++)
        s->source_attributions.data[i] = (float)(i * 37 % 101 - 40) * 1e-6f;
    return a;
}

/* In the font that the set-up installs; little, so that one cell is more than what may differ. */
static struct attribution *latin(void) {
    static const char *const words[] = {"The", " city", " of", "Paris", "</s>"};
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = &a->sequences[0];
    a->info = info_from("{\"attribution_method\": \"saliency\"}");
    s->attr_pos_start = 3;
    s->attr_pos_end = 5;
    for (int i = 0; i < 5; i++)
        sample_token(&s->target, words[i], i == 4);
    cr_assert(scores_init(&s->target_attributions, 2, (int64_t[]){5, 2}, NAN));
    for (int i = 0; i < 8; i++)
        s->target_attributions.data[i] = i == 6 ? NAN : (float)(i * 5 % 8) / 8;
    add_scores(s, "entropy", 2);
    return a;
}

/* Too many columns for numbers. */
static struct attribution *dense(void) {
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = &a->sequences[0];
    const int64_t prompt = 20, steps = 40;
    s->attr_pos_start = prompt;
    s->attr_pos_end = prompt + steps;
    for (int64_t i = 0; i < prompt + steps; i++) {
        char *word = mem_format(" word%lld", (long long)(i * i));
        sample_token(&s->target, word, false);
        free(word);
    }
    cr_assert(scores_init(&s->target_attributions, 2, (int64_t[]){prompt + steps, steps}, NAN));
    for (int64_t r = 0; r < prompt + steps; r++)
        for (int64_t g = 0; g < steps; g++)
            if (r < prompt + g)
                s->target_attributions.data[r * steps + g] = (float)((r * 13 + g * 7) % 50) / 50;
    add_scores(s, "probability", 0.5f);
    add_scores(s, "entropy", 4);
    return a;
}

static const struct sample {
    const char *name;
    struct attribution *(*make)(void);
    struct heat_ends ends;
} samples[] = {{"translation", translation, {0}},
               {"contrast", contrast, {true, -0.2f, 0.4f}},
               {"scripts", scripts, {0}},
               {"dense", dense, {0}},
               {"latin", latin, {0}}};
#define N_SAMPLES (sizeof samples / sizeof *samples)

static struct text_buffer written(const char *format, const struct attribution *a,
                                  const struct sample *sample, const char *theme) {
    struct text_buffer b = {0};
    struct err e = {0};
    const struct export_input in = {.result = a,
                                    .shown = a,
                                    .choices = a,
                                    .function = "probability",
                                    .ends = sample->ends,
                                    .theme = theme ? theme_find(theme) : NULL};
    cr_assert_eq(export_find(format)->write(&b, &in, &e), ERR_OK, "%s", e.message);
    return b;
}

static char *golden_path(const char *name, const char *ending) {
    const char *fixtures = getenv("TINSEQ_FIXTURES");
    return mem_format("%s/../views/golden/picture-%s%s", fixtures ? fixtures : "tests/fixtures",
                      name, ending);
}

/* The golden's bytes; those given are written there first where that is asked for. */
static char *golden(size_t *n, const char *name, const char *ending, const struct text_buffer *b) {
    char *path = golden_path(name, ending), *data;
    struct err e = {0};
    if (getenv("UPDATE_GOLDEN"))
        cr_assert_eq(file_write(path, b->text, b->n, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(file_read(&data, n, path, 1 << 24, &e), ERR_OK, "%s", e.message);
    free(path);
    return data;
}

/* The share of pixels in which two SVGs differ. */
static double svg_difference(const char *a, size_t n_a, const char *b, size_t n_b) {
    struct pixels p = pixels_of_svg(a, n_a, 1), q = pixels_of_svg(b, n_b, 1);
    const double share = pixels_different(&p, &q, 32);
    pixels_dispose(&p);
    pixels_dispose(&q);
    return share;
}

static double from_golden(const struct sample *sample, const struct attribution *a) {
    size_t n;
    struct text_buffer b = written("svg", a, sample, NULL);
    char *data = golden(&n, sample->name, ".svg", &b);
    const double share = svg_difference(data, n, b.text, b.n);
    free(data);
    text_buffer_dispose(&b);
    return share;
}

Test(picture, svg_looks_like_its_golden) {
    for (size_t i = 0; i < N_SAMPLES; i++) {
        struct attribution *a = samples[i].make();
        const double share = from_golden(&samples[i], a);
        cr_expect(share < MOST_DIFFERENT, "%s: %g", samples[i].name, share);
        attribution_release(a);
    }
}

/* Were this not seen, nothing would be tested: other scores in a row. */
Test(picture, svg_with_other_scores_does_not) {
    if (getenv("UPDATE_GOLDEN"))
        return;
    for (size_t i = 0; i < N_SAMPLES; i += 4) {
        struct attribution *a = samples[i].make();
        struct attribution_sequence *s = &a->sequences[0];
        struct scores *scores =
            s->source_attributions.data ? &s->source_attributions : &s->target_attributions;
        for (int64_t g = 0; g < scores->dims[1]; g++)
            scores->data[scores->dims[1] * 3 + g] *= -0.5f;
        const double share = from_golden(&samples[i], a);
        cr_expect(share > MOST_DIFFERENT, "%s: %g", samples[i].name, share);
        attribution_release(a);
    }
}

static double png_difference(const char *a, size_t n_a, const char *b, size_t n_b) {
    struct pixels p = pixels_of_png(a, n_a), q = pixels_of_png(b, n_b),
                  p_coarse = pixels_coarse(&p, 4), q_coarse = pixels_coarse(&q, 4);
    const double share = pixels_different(&p_coarse, &q_coarse, 32);
    pixels_dispose(&p);
    pixels_dispose(&q);
    pixels_dispose(&p_coarse);
    pixels_dispose(&q_coarse);
    return share;
}

/* Of the font that the set-up installs: other scripts are set with what a machine has. */
Test(picture, png_looks_like_its_golden_light_and_dark) {
    static const char *const themes[] = {"light", "dark"};
    struct attribution *a = latin();
    struct text_buffer b[2];
    for (int i = 0; i < 2; i++) {
        size_t n;
        char *ending = mem_format(".%s.png", themes[i]);
        b[i] = written("png", a, &samples[4], themes[i]);
        char *data = golden(&n, "latin", ending, &b[i]);
        const double share = png_difference(data, n, b[i].text, b[i].n);
        cr_expect(share < MOST_DIFFERENT, "%s: %g", themes[i], share);
        free(ending);
        free(data);
    }
    cr_expect_gt(png_difference(b[0].text, b[0].n, b[1].text, b[1].n), 0.5);
    a->sequences[0].target_attributions.data[1] = 0; /* one cell */
    struct text_buffer other = written("png", a, &samples[4], "light");
    cr_expect_gt(png_difference(b[0].text, b[0].n, other.text, other.n), MOST_DIFFERENT);
    text_buffer_dispose(&other);
    text_buffer_dispose(&b[0]);
    text_buffer_dispose(&b[1]);
    attribution_release(a);
}

static bool has(const char *text, const char *what) {
    return strstr(text, what) != NULL;
}

/* Every colour that a shape has of its own has another where the viewer is dark. */
Test(picture, svg_without_a_theme_follows_its_viewer) {
    struct attribution *a = contrast();
    struct text_buffer both = written("svg", a, &samples[1], NULL),
                       dark = written("svg", a, &samples[1], "dark");
    cr_expect(has(both.text, "@media (prefers-color-scheme:dark)"));
    int n = 0;
    for (const char *at = both.text; (at = strstr(at, "class=\"")); n++) {
        at += strlen("class=\"");
        char *rule = mem_format(".%.*s{", (int)strcspn(at, "\""), at);
        cr_expect(has(both.text, rule), "%s", rule);
        free(rule);
    }
    cr_expect_gt(n, 50);
    cr_expect(!has(dark.text, "<style>") && has(dark.text, "fill=\"#111417\""));
    text_buffer_dispose(&both);
    text_buffer_dispose(&dark);
    attribution_release(a);
}

/* librsvg reads XML strictly: what is drawn (above) is well-formed. */
Test(picture, hostile_text_is_only_text) {
    struct attribution *a = scripts();
    struct text_buffer b = written("svg", a, &samples[2], NULL);
    cr_expect(has(b.text, "&lt;b&gt;&amp;&quot;&#39;]]&gt;") && has(b.text, "&lt;U+202E&gt;abc"));
    cr_expect(has(b.text, "^[[31m") && has(b.text, "&lt;ED&gt;&lt;A0&gt;&lt;80&gt;"));
    cr_expect(has(b.text, "<title>&lt;/title&gt;&amp; of probability with \xEF\xBF\xBD</title>"));
    cr_expect(!has(b.text, "<b>") && !strchr(b.text, '\x1b') && !has(b.text, "<!--"));
    cr_expect(has(b.text, "a token that is longer ~"));
    text_buffer_dispose(&b);
    attribution_release(a);
}

Test(picture, a_legend_tells_ends_powers_and_what_is_beyond) {
    struct attribution *a = contrast(), *tiny = scripts();
    struct text_buffer fixed = written("svg", a, &samples[1], NULL),
                       small = written("svg", tiny, &samples[2], NULL);
    cr_expect(has(fixed.text, ">-0.2</text>") &&
              has(fixed.text, ">0.4   colours fixed from -0.2 to 0.4, 1 score beyond</text>"));
    cr_expect(has(fixed.text, "contrast_prob_diff (× 1e-6)"));
    cr_expect(has(small.text, ">-6e-05</text>") && has(small.text, "   numbers × 1e-5</text>"));
    text_buffer_dispose(&fixed);
    text_buffer_dispose(&small);
    attribution_release(a);
    attribution_release(tiny);
}

static struct attribution *long_one(void) {
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = &a->sequences[0];
    s->attr_pos_start = 700;
    s->attr_pos_end = 950;
    for (int64_t i = 0; i < 950; i++)
        sample_token(&s->target, "x", false);
    cr_assert(scores_init(&s->target_attributions, 2, (int64_t[]){950, 250}, 1));
    for (int64_t g = 0; g < 250; g++) /* no step sees the last token */
        s->target_attributions.data[949 * 250 + g] = NAN;
    return a;
}

Test(picture, what_has_no_room_is_told) {
    struct attribution *a = long_one();
    struct text_buffer b = {0};
    struct err e;
    struct info_texts told = {0};
    const struct export_input in = {.result = a, .shown = a, .told = &told};
    cr_assert_eq(export_find("svg")->write(&b, &in, &e), ERR_OK);
    cr_assert_eq(told.n, 2);
    cr_expect(has(told.items[0], "600 of 949 target rows"), "%s", told.items[0]);
    cr_expect(has(told.items[1], "200 of 250 generated tokens"), "%s", told.items[1]);
    cr_expect(has(b.text, ">The first 600 of 949 target rows.</text>"));
    info_texts_dispose(&told);
    text_buffer_dispose(&b);
    attribution_release(a);
}

/* Whether a PDF says that, in the clear or in one of its packed streams. */
static bool pdf_says(const struct text_buffer *b, const char *what) {
    bool found = memmem(b->text, b->n, what, strlen(what)) != NULL;
    static unsigned char room[1 << 20];
    for (const char *at = b->text;
         !found && (at = memmem(at, b->n - (size_t)(at - b->text), "stream\n", 7)); at += 7) {
        z_stream z = {.next_in = (unsigned char *)at + 7,
                      .avail_in = (unsigned)(b->n - (size_t)(at + 7 - b->text)),
                      .next_out = room,
                      .avail_out = sizeof room};
        if (inflateInit(&z) == Z_OK) {
            (void)inflate(&z, Z_FINISH);
            found = memmem(room, sizeof room - z.avail_out, what, strlen(what)) != NULL;
            inflateEnd(&z);
        }
    }
    return found;
}

Test(picture, pdf_has_a_page_a_text) {
    struct attribution *a = attribution_new(2);
    for (int i = 0; i < 2; i++)
        sample_translation(&a->sequences[i], 3);
    struct text_buffer b = written("pdf", a, &samples[0], NULL);
    cr_expect(b.n > 1000 && memcmp(b.text, "%PDF-1.", 7) == 0);
    cr_expect(pdf_says(&b, "/Count 2") && !pdf_says(&b, "/Count 1"));
    text_buffer_dispose(&b);
    attribution_release(a);
}

Test(picture, without_the_library_the_package_is_named) {
    struct err e;
    struct text_buffer b = {0};
    struct attribution *a = translation();
    const struct export_input in = {.result = a, .shown = a};
    setenv("TINSEQ_RSVG", "/nonexistent/librsvg.so", 1);
    cr_expect_eq(raster_ready(&e), ERR_UNSUPPORTED);
    cr_expect(has(e.message, "librsvg2-2") && has(e.message, "SVG needs none"), "%s", e.message);
    cr_expect_eq(export_find("png")->write(&b, &in, &e), ERR_UNSUPPORTED);
    cr_expect_eq(export_find("pdf")->write(&b, &in, &e), ERR_UNSUPPORTED);
    cr_expect_eq(export_find("svg")->write(&b, &in, &e), ERR_OK);
    text_buffer_dispose(&b);
    attribution_release(a);
}

/* Signs of a script that no one has deciphered (Linear A), and no usual font has. */
Test(picture, what_no_font_has_is_told) {
    static const char *const formats[] = {"png", "pdf"};
    struct attribution *a = latin();
    struct err e;
    for (int i = 0; i < 4; i++) {
        struct text_buffer b = {0};
        struct info_texts told = {0};
        const struct export_input in = {.result = a, .shown = a, .told = &told};
        if (i == 2)
            mem_replace(&a->sequences[0].target.items[0].printable, mem_text("𐘀𐘁"));
        cr_assert_eq(export_find(formats[i % 2])->write(&b, &in, &e), ERR_OK);
        cr_assert_eq(told.n, i < 2 ? 0 : 1, "%d", i);
        if (told.n)
            cr_expect(has(told.items[0], "drawn as boxes: 2."), "%s", told.items[0]);
        info_texts_dispose(&told);
        text_buffer_dispose(&b);
    }
    attribution_release(a);
}

Test(picture, a_png_that_is_too_large_is_refused_with_what_is_not) {
    struct attribution *a = attribution_new(3);
    for (size_t i = 0; i < 3; i++) {
        struct attribution_sequence *s = &a->sequences[i];
        s->attr_pos_end = 1;
        for (int64_t k = 0; k < 600; k++) {
            sample_token(&s->source, "x", false);
            sample_token(&s->target, "x", false);
        }
        cr_assert(scores_init(&s->source_attributions, 2, (int64_t[]){600, 1}, 1));
    }
    struct text_buffer b = {0};
    struct err e;
    const struct export_input in = {.result = a, .shown = a};
    cr_expect_eq(export_find("png")->write(&b, &in, &e), ERR_UNSUPPORTED);
    cr_expect(has(e.message, "PDF has a page"), "%s", e.message);
    text_buffer_dispose(&b);
    attribution_release(a);
}
