/* The families that there are. Internal to backend/. Any thread. */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_FAMILIES_H
#define TINSEQ_BACKEND_ARCHITECTURES_FAMILIES_H

#include "backend/architectures/family.h"

const struct family *family_of(enum architecture a); /* static */

#endif
