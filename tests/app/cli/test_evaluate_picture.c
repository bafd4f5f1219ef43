/* The curves that evaluate draws on a terminal. */
#include "app/cli/evaluate_picture.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* Two methods on one column: the first falls at once, the second slowly. */
static struct faithfulness *made(void) {
    const struct faithfulness_spec spec = {.n_points = 4, .n_random = 2};
    struct faithfulness *f = faithfulness_new(&spec, (const char *const[]){"fast", "slow"}, 2, 1);
    for (int m = 0; m < 3; m++)
        for (int i = 0; i <= 4; i++) {
            f->methods[m].columns[0].deletion[i] = m == 0 && i > 0 ? 0 : 1 - i / 4.0;
            f->methods[m].columns[0].insertion[i] = i / 4.0;
        }
    for (int i = 0; i <= 4; i++)
        f->spread[0].deletion[i] = f->spread[0].insertion[i] = i % 4 ? 0.01 : 0;
    return f;
}

static void expect_fits(const char *text, int columns) {
    while (*text) {
        const size_t n = strcspn(text, "\n");
        char *line = mem_text_n(text, n);
        cr_expect(text_columns(line) <= columns, "%s", line);
        free(line);
        text += n + (text[n] == '\n');
    }
}

Test(evaluate_picture, draws_each_method_beside_random_orders) {
    setenv("LC_ALL", "C.UTF-8", 1);
    struct faithfulness *f = made();
    for (int columns = 20; columns < 200; columns += 60) {
        char *text = evaluate_picture(f, "logit", columns);
        expect_fits(text, columns < 60 ? 60 : columns);
        cr_expect(strstr(text, "⠒⠒ fast") && strstr(text, "⠒⠒ slow"), "%s", text);
        cr_expect(strstr(text, "mean of 2 random orders"), "%s", text);
        cr_expect(strstr(text, "1.000┤") && strstr(text, "░"), "%s", text);
        free(text);
    }
    faithfulness_free(f);
}

Test(evaluate_picture, is_of_ascii_alone_where_the_locale_is) {
    setenv("LC_ALL", "C", 1);
    struct faithfulness *f = made();
    char *text = evaluate_picture(f, "logit", 80);
    for (const char *at = text; *at; at++)
        cr_assert((unsigned char)*at < 0x80, "%s", text);
    cr_expect(strstr(text, "1.000+*") && strstr(text, "** fast") && strstr(text, ".. their"), "%s",
              text);
    free(text);
    faithfulness_free(f);
}
