/* The program as it is built, started in a folder of its own: what kinds of tests that spawn it
 * share. */
#ifndef TINSEQ_TESTS_APP_TUI_INSTALLED_H
#define TINSEQ_TESTS_APP_TUI_INSTALLED_H

struct term;

extern char *program, *home; /* the program's path; the folder */

/* Starts it with its state and settings in the folder, on 30 × 110 cells; NULL: it cannot be. */
struct term *installed_spawn(const char *const *argv);
/* Before and after each test. */
void installed_prepare(void);
void installed_finish(void);

#endif
