/* The small types of a request: one parser and one printer each, with one range of positions. */
#include "methods/declare/alignment.h"
#include "methods/declare/foil.h"
#include "methods/declare/optional.h"
#include "methods/declare/span.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct json_document *document(const char *text) {
    struct json_document *d;
    struct err e = {0};
    cr_assert_eq(json_parse(&d, text, strlen(text), &e), ERR_OK, "%s: %s", text, e.message);
    return d;
}

/* --- positions --- */

static const struct {
    const char *text;
    bool good;
    int64_t value;
} positions[] = {
    {"0", true, 0},
    {"3", true, 3},
    {" -1 ", true, -1},
    {"1000000000", true, MOST_POSITION},
    {"-1000000000", true, -MOST_POSITION},
    {"1000000001", false, 0},
    {"-1000000001", false, 0},
    {"99999999999999999999999", false, 0},
    {"", false, 0},
    {"x", false, 0},
    {"3x", false, 0},
    {"2.5", false, 0},
};

Test(position, has_one_range_in_text_and_in_json) {
    for (size_t i = 0; i < COUNT(positions); i++) {
        struct optional p = {true, 77};
        cr_expect_eq(position_parse(&p, positions[i].text), positions[i].good, "%zu", i);
        cr_expect(p.given == positions[i].good && p.value == positions[i].value, "%zu", i);
        if (!strpbrk(positions[i].text, "0123456789") || strchr(positions[i].text, 'x'))
            continue; /* no JSON */
        struct json_document *d = document(positions[i].text);
        p = (struct optional){true, 77};
        cr_expect_eq(position_read(&p, json_root(d)), positions[i].good, "%zu", i);
        cr_expect(p.given == positions[i].good, "%zu", i);
        cr_expect(!p.given || p.value == positions[i].value, "%zu", i);
        json_free(d);
    }
}

/* --- spans --- */

/* Members that span_write or foil_write have written. The document refers to the text. */
struct written {
    char *text;
    struct json_document *d;
};

static struct written written(struct text_buffer *members) {
    struct written w = {.text = json_take_object(members)};
    w.d = document(w.text);
    return w;
}

static void written_dispose(struct written *w) {
    json_free(w->d);
    free(w->text);
}

Test(span, is_printed_as_it_is_read) {
    static const char *const texts[] = {"3:6", "-4:-1", "0:1", "-1000000000:1000000000"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct span in = {.mean = i % 2}, out = {0};
        struct err e = {0};
        struct text_buffer members = {0};
        bool known;
        cr_assert_eq(span_parse(&in, texts[i], &e), ERR_OK, "%s", e.message);
        char *text = span_text(&in);
        cr_expect_str_eq(text, texts[i]);
        free(text);
        span_write(&members, &in);
        struct written w = written(&members);
        for (const struct json_value *v = json_root(w.d)->first; v; v = v->next)
            cr_expect(span_read(&out, v, &known, &e) == ERR_OK && known, "%s", e.message);
        cr_expect(span_equal(&in, &out), "%s", texts[i]);
        written_dispose(&w);
    }
}

Test(span, is_not_given_where_it_is_wrong) {
    static const char *const texts[] = {"",    ":",     "3",   "3:",           ":3",   "a:b",
                                        "3-4", "3:4:5", "0:0", "1000000001:4", "3.5:4"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct span s = span_make(1, 2, true);
        struct err e = {0};
        cr_expect_eq(span_parse(&s, texts[i], &e), ERR_USAGE, "%s", texts[i]);
        cr_expect(!span_given(&s) && s.mean, "%s", texts[i]);
        cr_expect(strstr(e.message, "not two positions such as 3:6"), "%s", e.message);
    }
    const struct span none = {0};
    struct text_buffer members = {0};
    span_write(&members, &none);
    cr_expect_eq(members.n, 0);
    cr_expect_null(span_text(&none));
    cr_expect_null(span_description(&none));
}

/* --- foils --- */

static struct foil read_back(const struct foil *f) {
    struct foil out = {0};
    struct text_buffer members = {0};
    foil_write(&members, f);
    struct written w = written(&members);
    for (const struct json_value *v = json_root(w.d)->first; v; v = v->next)
        cr_expect(foil_read(&out, v));
    written_dispose(&w);
    return out;
}

Test(foil_field, is_saved_as_it_was_given) {
    const struct foil foils[] = {
        {.step = {true, 0}, .id = 0},
        {.step = {true, 2}, .id = 49151},
        {.step = {true, 2}, .rank = 3},
        {.step = {true, 7}, .text = " Rome \"=\" 3:4"},
    };
    for (size_t i = 0; i < COUNT(foils); i++) {
        struct foil out = read_back(&foils[i]);
        cr_expect(foil_equal(&foils[i], &out), "%zu", i);
        cr_expect_eq(foil_known_id(&out), i < 2 ? foils[i].id : -1);
        for (size_t k = 0; k < COUNT(foils); k++)
            cr_expect_eq(foil_equal(&foils[k], &out), i == k, "%zu %zu", i, k);
        free((char *)out.text);
    }
    const struct foil none = {0}, again = read_back(&none);
    cr_expect(!foil_given(&again) && foil_known_id(&again) == -1);
}

Test(foil_field, of_older_files_has_no_id_beside_its_text) {
    struct foil f = {0};
    struct json_document *d = document(
        "{\"foil_step\": 2, \"foil_id\": -1, \"foil_text\": \"Rome\", \"foil_rank\": \"x\"}");
    for (const struct json_value *v = json_root(d)->first; v; v = v->next)
        cr_expect_eq(foil_read(&f, v), json_named(v, "foil_step") || json_named(v, "foil_text"));
    cr_expect(foil_equal(&f, &(struct foil){.step = {true, 2}, .text = "Rome"}));
    free((char *)f.text);
    json_free(d);
}

/* --- alignments --- */

Test(alignment, is_printed_as_it_is_read) {
    static const struct {
        const char *text, *printed;
    } cases[] = {{"position", "position"},
                 {"diff", "diff"},
                 {"auto", "auto"},
                 {"[[3, 2], [4,3]]", "[[3,2],[4,3]]"},
                 {"[[[3, 2]]]", "[[3,2]]"},
                 {"[]", "[]"},
                 {"[[1, 1e9]]", "[[1,1000000000]]"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct alignment a, b;
        struct err e = {0};
        struct text_buffer json = {0};
        cr_assert_eq(alignment_parse(&a, cases[i].text, &e), ERR_OK, "%s", e.message);
        char *text = alignment_text(&a);
        cr_expect_str_eq(text, cases[i].printed);
        json_write_flat_string(&json, text, strlen(text));
        struct json_document *d = document(json.text); /* a saved run has it as a text */
        cr_assert_eq(alignment_read(&b, json_root(d), &e), ERR_OK, "%s", e.message);
        cr_expect(alignment_equal(&a, &b), "%s", text);
        json_free(d);
        text_buffer_dispose(&json);
        free(text);
        alignment_dispose(&a);
        alignment_dispose(&b);
    }
}

Test(alignment, is_not_given_where_it_is_wrong) {
    static const char *const texts[] = {"",
                                        "by hand",
                                        "{}",
                                        "7",
                                        "[3, 2]",
                                        "[[3]]",
                                        "[[3, 2, 1]]",
                                        "[[3, 2]",
                                        "\"diff\"",
                                        "[[1.5, 2]]",
                                        "[[1, 1000000001]]"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct alignment a;
        struct err e = {0};
        cr_expect_eq(alignment_parse(&a, texts[i], &e), ERR_USAGE, "%s", texts[i]);
        cr_expect(a.rule == ALIGN_END && !a.links && !alignment_text(&a), "%s", texts[i]);
        cr_expect(strstr(e.message, "pairs of token positions"), "%s", e.message);
    }
}
