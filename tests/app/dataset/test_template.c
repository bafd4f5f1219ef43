/* Texts made of a row's fields. */
#include "app/dataset/template.h"

#include "app/dataset/split.h"
#include "backend/base/mem.h"
#include "tests/app/dataset/table.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const char row_text[] =
    "{\"relation\": \"The capital of {} is\", \"subject\": \" Italy \", \"n\": 1.50, \"no\": null, "
    "\"empty\": \"\", \"flag\": true, \"in\": {\"str\": \"Rome\", \"a.b\": 1}, \"É\": \"Éa\", "
    "\"prompt\": \"field\", \"q\": \"a\\\"b\"}\n";

static void on_seen(void *user, const char *field, enum data_kind kind) {
    text_buffer_format(user, "%s:%d ", field, (int)kind);
}

/* What a template makes of the row; "!message" of what fails. Owned by the caller. */
static char *rendered(const char *text, bool field, bool input, const char *prompt) {
    static const struct dataset_form usual = {0};
    const struct data_row *row;
    struct template *t;
    struct dataset *d;
    struct text_buffer seen = {0};
    struct err e;
    char *out;
    if (template_parse(&t, text, field, input, &e))
        return mem_format("!%s", e.message);
    char *path = table_file("row.jsonl", row_text, sizeof row_text - 1);
    cr_assert_eq(dataset_open(&d, (const char *const *)&path, 1, &usual, &e), ERR_OK);
    cr_assert_eq(dataset_next(&row, d, &e), ERR_OK);
    if (template_render(&out, t, row, prompt, on_seen, &seen, &e))
        out = mem_format("!%s", e.message);
    else if (seen.n)
        mem_replace(&out, mem_format("%s (%s)", out, seen.text));
    text_buffer_dispose(&seen);
    template_free(t);
    dataset_close(d);
    free(path);
    return out;
}

static void expect(const char *text, const char *wanted) {
    char *out = rendered(text, true, false, "PROMPT");
    cr_expect_str_eq(out, wanted, "%s: %s", text, out);
    free(out);
}

Test(template, puts_fields_in_their_places) {
    expect("subject", " Italy ");
    expect("{subject}|{subject|trim}", " Italy |Italy");
    expect("{relation|fill:subject}", "The capital of  Italy  is");
    expect("{prompt} {in.str}", "PROMPT Rome");
    expect("{{{subject|trim}}}", "{Italy}");
    expect("{É|lower} {É|upper}", "éa ÉA");
    expect("{q|json}", "\"a\\\"b\"");
    expect("{subject|trim|upper|json}", "\"ITALY\"");
}

Test(template, what_is_missing_has_a_default_or_fails) {
    expect("{no|default:none} {empty|default:-} {gone|default:}", "none - ");
    expect("{no|trim|default:x|upper}", "X");
    expect("{no}", "!its field \"no\" is null");
    expect("{gone}", "!its field \"gone\" is missing");
    expect("{subject|fill:n}", "!\" Italy \" has no {} that \"n\" could fill");
    expect("{relation|fill:no}", "!its field \"no\", which is to fill another, is missing or null");
}

Test(template, what_is_no_text_is_taken_as_it_is_written_and_told) {
    expect("{n}", "1.50 (n:3 )");
    expect("{flag}{in}", "true{\"str\":\"Rome\",\"a.b\":1} (flag:4 in:5 )");
    expect("{in.a.b}", "1 (in.a.b:3 )");
    expect("{empty}x", "x (empty:6 )");
    expect("{empty|default:}x", "x");
}

Test(template, mistakes_are_named) {
    expect("{subject", "!in \"{subject\": a { without its } ({{ is one itself)");
    expect("subject}", "!in \"subject}\": a } without its { (}} is one itself)");
    expect("{}", "!in \"{}\": {} names no field; {{}} are braces themselves");
    expect("{subject|lowr}", "!in \"{subject|lowr}\": there is no filter \"lowr\"; did you mean "
                             "lower?; there are fill, trim, lower, upper, json, default");
    expect("{subject|fill}",
           "!in \"{subject|fill}\": the filter fill takes a field's name: fill:…");
    expect("{subject|trim:x}",
           "!in \"{subject|trim:x}\": the filter trim takes nothing, not \"x\"");
    expect(
        "{q|json|json|json|json|json|json|json|json|json}",
        "!in \"{q|json|json|json|json|json|json|json|json|json}\": {q|…} has more than 8 filters");
}

Test(template, prompt_is_the_input_but_in_the_input_itself) {
    char *in_input = rendered("{prompt}", true, true, NULL),
         *value = rendered("3:2", false, false, "PROMPT");
    cr_expect_str_eq(in_input, "field");
    cr_expect_str_eq(value, "3:2");
    free(in_input);
    free(value);
}

Test(template, says_which_columns_it_asks_for) {
    struct template *t;
    struct data_column *columns = NULL;
    size_t n = 0;
    struct err e;
    cr_assert_eq(template_parse(&t, "{prompt}{a|fill:b}{c|default:x}", true, false, &e), ERR_OK);
    template_columns(t, &columns, &n);
    cr_assert_eq(n, 3);
    cr_expect_str_eq(columns[0].name, "b");
    cr_expect_str_eq(columns[1].name, "a");
    cr_expect_str_eq(columns[2].name, "c");
    cr_expect(!columns[0].optional && !columns[1].optional && columns[2].optional);
    free(columns);
    template_free(t);
}

/* As datasets 4.4.1 places them (tests/fixtures/make_dataset.py). */
Test(split, places_rows_as_datasets_does) {
    static const struct {
        const char *text;
        int64_t n, from, to; /* from -1: an error */
    } cases[] = {{"train", 7, 0, 7},          {"train[2:4]", 7, 2, 4},
                 {"train[-3:]", 7, 4, 7},     {"train[:-2]", 7, 0, 5},
                 {"train[50%:]", 7, 4, 7},    {"train[:50%]", 5, 0, 2},
                 {"train[10%:90%]", 7, 1, 6}, {"train[-20%:]", 7, 6, 7},
                 {"train[5:99]", 7, 5, 7},    {"test", 7, -1, 0},
                 {"train[1]", 7, -1, 0},      {"train[1:2", 7, -1, 0},
                 {"train[101%:]", 7, -1, 0},  {"train[:1]+train[3:4]", 7, -1, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t from = -1, to = 0;
        struct split s;
        struct err e;
        if (split_parse(&s, cases[i].text, &e) == ERR_OK) {
            split_place(&from, &to, &s, cases[i].n);
            to = to < cases[i].n ? to : cases[i].n;
        }
        cr_expect(from == cases[i].from && (from < 0 || to == cases[i].to), "%s: %lld to %lld",
                  cases[i].text, (long long)from, (long long)to);
    }
}
