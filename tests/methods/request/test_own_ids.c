/* What is told of a generated text whose tokens change when it is encoded again. */
#include "methods/request/own_ids.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Pieces as a list, each its own id by its letters; those in <> are special and no text. */
static struct token_list split(const char *const *pieces) {
    struct token_list list = {0};
    for (int i = 0; pieces[i]; i++) {
        const bool special = pieces[i][0] == '<';
        int32_t id = 0;
        for (const char *c = pieces[i]; *c; c++)
            id = id * 31 + *c;
        token_list_add(&list, id, special, pieces[i], pieces[i], special ? 0 : strlen(pieces[i]));
    }
    return list;
}

static void expect(const char *const *written, const char *const *encoded, const char *want) {
    struct token_list a = split(written), b = split(encoded);
    char *text = own_ids_notice(&a, &b, 2);
    cr_expect(want ? text && strstr(text, want) : !text, "\"%s\", should have \"%s\"",
              text ? text : "", want ? want : "");
    free(text);
    token_list_dispose(&a);
    token_list_dispose(&b);
}

#define TEXT(...)                                                                                  \
    (const char *const[]) {                                                                        \
        __VA_ARGS__, NULL                                                                          \
    }

Test(own_ids, the_same_tokens_need_no_word) {
    expect(TEXT("a", "b", "c"), TEXT("a", "b", "c"), NULL);
    expect(TEXT("<s>"), TEXT("<s>"), NULL);
}

Test(own_ids, places_that_differ_are_named_with_their_steps) {
    expect(TEXT("a", "b", "c", "n", "n", "d"), TEXT("a", "b", "c", "nn", "d"),
           ": \"nn\" where it wrote \"n\", \"n\" (step 2). Scores");
    expect(TEXT("a", "b", "cd", "e", "f", "gh"), TEXT("a", "b", "c", "d", "e", "fg", "h"),
           ": \"c\", \"d\" where it wrote \"cd\" (step 1); \"fg\", \"h\" where it wrote \"f\", "
           "\"gh\" (step 4). Scores");
    expect(TEXT("a", "b", "c"), TEXT("a", "bc"),
           "\"bc\" where it wrote \"b\", \"c\" (at the prompt's end)");
}

Test(own_ids, what_is_added_or_lost_is_named) {
    expect(TEXT("a", "b", "c"), TEXT("a", "b", "c", "</s>"),
           "\"</s>\" where it wrote nothing (step 2)");
    expect(TEXT("a", "b", "c", "<id 9>", "d"), TEXT("a", "b", "c", "d"),
           "nothing where it wrote \"<id 9>\" (step 2)");
    /* A broken character came back as another: the texts have no bytes in common there. */
    expect(TEXT("a", "b", "x", "c", "d"), TEXT("a", "b", "yyy", "c", "d"),
           ": \"yyy\" where it wrote \"x\" (step 1). Scores");
}

Test(own_ids, many_places_are_counted) {
    expect(TEXT("a", "b", "cc", "1", "dd", "2", "ee", "3", "ff", "4", "gg"),
           TEXT("a", "b", "c", "c", "1", "d", "d", "2", "e", "e", "3", "f", "f", "4", "g", "g"),
           "(step 7); and 2 more. Scores");
}

Test(own_ids, the_rule_is_one_of_two) {
    struct err e = {0};
    bool own = true;
    cr_expect(!own_ids_parse(&own, NULL, &e) && !own);
    cr_expect(!own_ids_parse(&own, "own", &e) && own);
    cr_expect(!own_ids_parse(&own, "encoded", &e) && !own);
    cr_expect_eq(own_ids_parse(&own, "owned", &e), ERR_USAGE);
    cr_expect_not_null(strstr(e.message, "\"owned\": encoded"), "%s", e.message);
}
