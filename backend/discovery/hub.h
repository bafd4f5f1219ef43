/*
 * Hugging Face's cache on this machine: names and paths, nothing is opened but the files in refs/.
 * Any thread. Reference: huggingface_hub 0.36, constants.py and file_download.py.
 */
#ifndef TINSEQ_BACKEND_DISCOVERY_HUB_H
#define TINSEQ_BACKEND_DISCOVERY_HUB_H

/* The cache's folder, by the environment; owned by the caller. */
char *hub_folder(void);
/* "org/name" of "models--org--name"; owned by the caller, NULL for a data set or another thing. */
char *hub_name(const char *entry);
/* The folder of a revision (a branch, a tag, or a commit) in a repository's folder; without one
 * that of "main", else the last that is there. NULL: none. Owned by the caller. */
char *hub_snapshot(const char *repository, const char *revision);
/* The same of "org/name". */
char *hub_find(const char *name, const char *revision);

#endif
