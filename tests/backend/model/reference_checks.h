/*
 * A tiny checkpoint against Transformers (tests/fixtures/make_models.py), and its decoder's cache
 * against the whole forward. NAME is a tiny checkpoint's (tests/backend/tiny.h).
 */
#ifndef TINSEQ_TESTS_BACKEND_REFERENCE_CHECKS_H
#define TINSEQ_TESTS_BACKEND_REFERENCE_CHECKS_H

/* Logits of every case, hidden states and attention weights of the first. */
void reference_check_forward(const char *name);
/* Outputs of blocks, self-attention and feed-forward layers, each as its module in Transformers
 * yields it (less the residual where the module adds it), for rows of make_tiny.py that say where
 * these modules are. */
void reference_check_outputs(const char *name);
/* Generated ids. */
void reference_check_generation(const char *name);
/* The cache, in steps of one and of several tokens, with hypotheses reordered in between, yields
 * the logits of the whole forward. Needs no reference. */
void reference_check_cache(const char *name);

#endif
