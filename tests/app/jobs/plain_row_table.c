/* A list is looked at, sorted and filtered while its rows are read by another thread: for TSan. */
#include "app/jobs/background.h"
#include "app/tui/row_list.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/app/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS 3000

static void done(void *owner, void *user, enum err_code code, const struct err *e) {
    (void)user, (void)e;
    *(bool *)owner = code == ERR_OK;
}

/* Everything that is there by now is seen. */
static size_t look(struct row_list *l, int turn) {
    static const char *const filters[] = {"eiffel", "prob<0.5", "", "subject~be !tower"};
    size_t n = 0;
    row_list_update(l);
    const size_t columns = row_table_columns(l->table);
    if (columns)
        row_list_sort(l, turn % (int)columns);
    row_list_filter(l, filters[turn % 4]);
    for (size_t i = 0; i < l->n && i < 50; i++)
        for (size_t c = 0; c < columns; c++) {
            const char *text = row_table_cell(l->table, l->items[i], c).text;
            n += text ? strlen(text) : 0;
        }
    return n;
}

int main(void) {
    char *text = facts_text(ROWS, ROWS / 2),
         *path = mem_format("/tmp/tinseq-rows-%d", (int)getpid());
    struct result_rows *rows;
    struct background *b;
    struct err e;
    bool whole = false;
    size_t n = 0;
    if (file_write(path, text, strlen(text), &e) != ERR_OK ||
        result_rows_open(&rows, path, &e) != ERR_OK || background_start(&b, &e) != ERR_OK)
        return 1;
    struct row_list *l = row_list_new_take(NULL, row_table_new(rows));
    background_add(b, (struct background_work){.phase = "reading",
                                               .user = l->table,
                                               .uses = rows,
                                               .run = row_table_read,
                                               .done = done});
    for (int turn = 0; !whole; turn++) {
        struct attribution *one;
        n += look(l, turn);
        if (result_rows_load(&one, rows, (size_t)turn % (ROWS / 2), &e) == ERR_OK)
            attribution_release(one);
        background_take(b, &whole);
    }
    row_list_filter(l, NULL);
    const bool good = l->n == ROWS && row_table_damaged(l->table) == 1 && n > 0;
    background_stop(b);
    row_list_free(l);
    result_rows_close(rows);
    unlink(path);
    free(path);
    free(text);
    if (!good)
        fprintf(stderr, "not all rows were read as they are\n");
    return !good;
}
