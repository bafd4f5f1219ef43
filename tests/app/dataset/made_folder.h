/* A folder for a test's files. */
#ifndef TINSEQ_TESTS_APP_MADE_FOLDER_H
#define TINSEQ_TESTS_APP_MADE_FOLDER_H

/* A new one, in memory where there is such a place: on a disk each batch of a run waits for it.
 * Owned by the caller; NULL: it cannot be made. */
char *made_folder(void);
/* Removes it with all that is in it; freed. Whether it went. */
_Bool made_folder_remove_take(char *folder);

#endif
