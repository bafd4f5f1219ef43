/*
 * Documents as the units of an input's context (MIRAGE, as methods/result/citations.h): numbered
 * from 1, laid out one behind another or where a template has {document_1}, {document_2} and so on,
 * so that context_run has one context and knows which of its bytes are which document. Plain data.
 * Any thread.
 */
#ifndef TINSEQ_METHODS_CONTEXT_DOCUMENTS_H
#define TINSEQ_METHODS_CONTEXT_DOCUMENTS_H

#include "methods/context/context.h"

/* Borrowed. */
struct document {
    const char *name, *text;
};
struct documents {
    const struct document *items;
    size_t n;
};

/* How one of them stands among the others, where the input's template does not place it: {number},
 * {name} and {text}. */
#define DOCUMENT_TEMPLATE "Document [{number}]: {text}\n"

/* What a request takes of documents; owned. */
struct document_layout {
    char *context;                /* its input_context */
    char *input_template;         /* its input_template: {context} and {current} */
    char *contextless_input;      /* its contextless_input: the same without the context */
    struct context_range *ranges; /* [n]: of the context, its documents */
    size_t n;
};
/* `document_template`, `input_template`, `contextless`: NULL, what is usual. `input_template` may
 * have {document_N} instead of {context}: all from the first to the last of these is the context.
 * `contextless`: otherwise the input's template without its context, as in MIRAGE. USAGE: an empty
 * document, a template that names documents that are not there or leaves some out, {current}
 * between them. */
enum err_code document_layout_make(struct document_layout *out, const struct documents *documents,
                                   const char *document_template, const char *input_template,
                                   const char *contextless, struct err *e) ERR_CHECKED;
void document_layout_dispose(struct document_layout *l);
/* Lends it to a request. */
void document_layout_lend(struct context_request *r, const struct document_layout *l);

#endif
