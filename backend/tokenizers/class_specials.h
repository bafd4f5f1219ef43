/*
 * Special tokens that Transformers' classes of tokenizers have where no file names them, and
 * whether a class says by itself what stands around a text: classes.def. Static tables: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_CLASS_SPECIALS_H
#define TINSEQ_BACKEND_TOKENIZERS_CLASS_SPECIALS_H

/* In the order of Transformers. */
enum special_role {
    ROLE_BOS,
    ROLE_EOS,
    ROLE_UNK,
    ROLE_SEP,
    ROLE_PAD,
    ROLE_CLS,
    ROLE_MASK,
    ROLE_COUNT
};
extern const char *const special_keys[ROLE_COUNT]; /* "bos_token", … */

/* NO_FAST: there is no class that reads a tokenizer.json. The others: classes.def. */
enum class_rule { AS_FILE, ADDS_BOS, ADDS_NONE, NO_FAST };

struct class_specials {
    const char *name; /* without "Fast" */
    enum class_rule rule;
    const char *tokens[ROLE_COUNT]; /* "": none */
};

/* Of the class that a text is or begins with, as a word; one without special tokens where it is not
 * known. */
const struct class_specials *class_specials_find(const char *name);

#endif
