/* SmolLM2 as a Hugging Face folder, written from its GGUF by tests/tools/gguf_to_safetensors the
 * first time a test asks for it (a second, 540 MB). */
#ifndef TINSEQ_TESTS_BACKEND_CONVERTED_H
#define TINSEQ_TESTS_BACKEND_CONVERTED_H

/* $TINSEQ_BUILD/smollm2-safetensors, owned by the caller. Needs the models of `make models` and the
 * tool; aborts with a message otherwise. */
char *converted_smollm2(void);

#endif
