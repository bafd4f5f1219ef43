/*
 * What a library beneath libtorch does not find out by itself, told to it through the environment
 * variable that it reads when it is loaded. A variable that the user has set stays. Call first
 * thing in main, before there are threads; the tensor module's loader calls it again for programs
 * without that main.
 */
#ifndef TINSEQ_BACKEND_BASE_CPU_H
#define TINSEQ_BACKEND_BASE_CPU_H

/* GOMP_SPINCOUNT: between parallel loops libgomp's threads would spin for milliseconds on cores
 * that others want. A forward pass has hundreds of short loops one after the other, and waking a
 * sleeping thread takes as long as some of them: spinning for about a tenth of a millisecond
 * bridges the gaps (LIME on SmolLM2: 1.15 s without, 1.0 s with it, 1.12 s with libgomp's own
 * count).
 * UCX_HANDLE_ERRORS, UCX_DEBUG_SIGNO: UCX, which Debian 13's libtorch brings along, would take the
 * signals of crashes and SIGHUP over from the screen and from mapped files. */
void cpu_advise_libraries(void);

#endif
