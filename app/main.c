/* tinseq: the process, and what its libraries have to know before they start. */
#include "app/cli/cli.h"
#include "backend/base/cpu.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
    cpu_advise_libraries();
    /* Texts are UTF-8 whatever the locale is called; numbers keep their points. */
    if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX < 4)
        setlocale(LC_CTYPE, "C.UTF-8");
    int status = argc > 0 ? cli_main(argc - 1, argv + 1) : 2;
#ifndef __SANITIZE_ADDRESS__
    /* libtorch's exit handlers take 60 ms to give back what the system takes back anyway.
     * Everything is printed and checked by now. */
    fflush(NULL);
    _exit(status);
#endif
    return status;
}
