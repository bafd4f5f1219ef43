/* What must hold of every method on every tiny checkpoint, cheaply: the whole of the axioms
 * (axiom_checks.h) runs on one checkpoint of each mechanism (torch_axioms.c). */
#ifndef TINSEQ_TESTS_METHODS_FAMILY_AXIOMS_H
#define TINSEQ_TESTS_METHODS_FAMILY_AXIOMS_H

/* Every method gives numbers, or refuses for a reason that family_axioms.c lists. Writes the
 * checkpoint's row of the table method × family into the folder method-table of the build: sorted
 * by name its files, the first of which has the heads, are the table in Markdown. */
void family_axioms_methods(const char *folder, const char *name);
/* Integrated gradients, at the embeddings, at a block and its layers, on a guided path and (each
 * token's) on a sequential one, sum to what the function changes; columns
 * of attention sum to one; what no layer can see has exactly no gradient; activations that are put
 * back where no noise was change nothing, and neither does a budget of one byte. */
void family_axioms_sums(const char *folder);

#endif
