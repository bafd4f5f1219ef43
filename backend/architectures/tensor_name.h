/* What a tensor is called in a file: the patterns of struct tensor_row, filled in. Internal to
 * backend/. Any thread. */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_TENSOR_NAME_H
#define TINSEQ_BACKEND_ARCHITECTURES_TENSOR_NAME_H

#include "backend/architectures/family.h"
#include "backend/places.h"
#include "backend/weights.h"

#define LONGEST_NAME 200

/* How a stack's tensors are called: of a pair of models each side has its own layout, else both
 * have one. */
struct stack_names {
    const struct family_layout *layout;
    const char *before; /* all names; "" but in a pair */
    bool bare;          /* the file leaves out the layout's prefix */
};
/* Whose: all of it borrowed. */
struct names {
    struct stack_names stacks[2]; /* by enum model_stack */
    const struct model_config *config;
    const struct weights *weights;
};

/* All of it borrowed. */
struct names names_of(const struct model_config *c, const struct weights *w);

/* A block, or a stack's own tensors (layer 0). */
struct place {
    enum model_stack stack;
    int64_t layer, expert, head;
};

struct name {
    char text[LONGEST_NAME];
};

/* bias: of what stands in {…|…} the second. */
struct name name_in_file(const struct names *names, const char *pattern, const struct place *at,
                         bool bias);

#endif
