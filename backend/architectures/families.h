/* The families that there are, found by what files say. Internal to backend/. Any thread. */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_FAMILIES_H
#define TINSEQ_BACKEND_ARCHITECTURES_FAMILIES_H

#include "backend/architectures/family.h"

const struct family *const *families(size_t *n); /* [n]; static */

/* A family as it comes in one kind of files; all NULL: none was found. */
struct family_match {
    const struct family *family;
    const struct family_layout *layout;
    const struct family_class *class;
};
/* By its class or, where `name` is NULL, its type; by neither: the first that has the layout. */
struct family_match family_find(enum model_layout layout, const char *name, const char *type);
/* Whether it has a decoder, and so writes texts; and an encoder before it. */
bool family_writes(const struct family *f);
bool family_translates(const struct family *f);
/* "a, b and c": the types of a layout's families that write no texts. Owned by the caller. */
char *family_list_encoders(enum model_layout layout);

/* The side of that type that a pair may have; NULL: there is none. */
const struct family_side *family_side_find(enum model_stack stack, const char *type);
/* "a, b and c": the types of these. Owned by the caller. */
char *family_list_sides(enum model_stack stack);

/* Begins a configuration with what the family and class fix; no token is special yet. */
void family_begin(struct model_config *c, const struct family_match *m);
/* The name of a slot's first row; NULL: it has none. */
const char *family_tensor(const struct family_layout *l, enum slot slot);

#endif
