#include "app/cli/cli.h"

/* Every example here is run by a test (tests/app). */
static const char general[] =
    "tinseq explains what a language model writes: how much every token of the input counted for "
    "every token of the output.\n"
    "\n"
    "Usage\n"
    "  tinseq [options of attribute]        the terminal program, its form filled in\n"
    "  tinseq attribute -m MODEL -i TEXT    explain, print a table, save\n"
    "  tinseq evaluate FILE ...             how faithful saved results are, or fresh ones (-m, "
    "-i)\n"
    "  tinseq show FILE                     the table of a saved result\n"
    "  tinseq open FILE                     a saved result in the terminal program\n"
    "  tinseq list WHAT                     methods, step_functions, aggregators, models, themes, "
    "colour_maps, exports\n"
    "  tinseq explain NAME                  a method, step function or aggregator: formula, "
    "options, cost, paper\n"
    "  tinseq COMMAND --help, tinseq --version\n"
    "\n"
    "Examples\n"
    "  tinseq -m en-pt -i \"I said hi to the manager\"\n"
    "  tinseq attribute -m smollm2 -i \"The Eiffel Tower is located in the city of\"\n"
    "  tinseq list models\n"
    "\n"
    "Exit status: 0 done, 1 something failed, 2 the command was wrong, 130 interrupted.\n";

static const char attribute[] =
    "Usage: tinseq attribute -m MODEL -i TEXT [TEXT ...] [options]\n"
    "\n"
    "Generates from each text (or takes the given output), computes how much every token of the "
    "input counted for every\n"
    "token of the output, and prints one table for each side. Options are Inseq's; \"-\" and \"_\" "
    "in their names are the\n"
    "same, and a flag may be followed by true or false.\n"
    "\n"
    "Examples\n"
    "  tinseq attribute -m smollm2 -i \"The Eiffel Tower is located in the city of\" --step_scores "
    "probability entropy\n"
    "  tinseq attribute -m en-pt -i \"I said hi to the manager\" -g \"Eu disse oi para o gerente\" "
    "-fn contrast_logits_diff \\\n"
    "      --contrast_targets \"Eu disse oi para a gerente\" --attribute_target -o manager.json "
    "--viz_path manager.html\n"
    "  tinseq attribute -m smollm2 -i \"The capital of Italy is\" -a integrated_gradients "
    "--attribution_kwargs '{\"n_steps\": 20}'\n"
    "  tinseq attribute -m smollm2 -i \"The capital of Italy is\" -a attention --json --quiet\n";

static const char evaluate[] =
    "Usage: tinseq evaluate FILE [FILE ...] [-m MODEL] [options]\n"
    "       tinseq evaluate -m MODEL -i TEXT [TEXT ...] [--methods METHOD ...] [options]\n"
    "\n"
    "Takes tokens away in the order of their scores and watches what is explained: deletion and "
    "insertion curves beside random orders,\n"
    "comprehensiveness and sufficiency, sensitivity to small noise, and how far methods agree. "
    "Several files are of one text.\n"
    "\n"
    "Examples\n"
    "  tinseq evaluate manager.json\n"
    "  tinseq evaluate -m smollm2 -i \"The capital of Italy is\" --methods saliency "
    "input_x_gradient attention --noise_samples 0 \\\n"
    "      --generation_kwargs '{\"max_new_tokens\": 4}'\n";

static const char show[] =
    "Usage: tinseq show FILE [options]\n"
    "\n"
    "Prints the tables of a result that 'tinseq attribute -o' or Inseq saved (JSON, also "
    "gzip-compressed), or turns it into a page\n"
    "or another file.\n"
    "\n"
    "Examples\n"
    "  tinseq show manager.json\n"
    "  tinseq show manager.json --attribution_aggregators sum --viz_path manager.html --quiet\n"
    "  tinseq show manager.json --export manager.tsv --export manager.txt --quiet\n";

static const char open[] = "Usage: tinseq open FILE [options]\n"
                           "\n"
                           "Opens a saved result in the terminal program.\n";

static const char list[] = "Usage: tinseq list "
                           "methods|step_functions|aggregators|models|themes|colour_maps|exports\n";

static const char explain[] = "Usage: tinseq explain NAME [NAME ...]\n"
                              "\n"
                              "Examples\n"
                              "  tinseq explain integrated_gradients\n"
                              "  tinseq explain contrast_logits_diff vnorm\n";

void cli_write_help(struct text_buffer *b, enum cli_command command) {
    switch (command) {
    case CLI_START:
        text_buffer_puts(b, general);
        break;
    case CLI_ATTRIBUTE:
        text_buffer_puts(b, attribute);
        break;
    case CLI_EVALUATE:
        text_buffer_puts(b, evaluate);
        break;
    case CLI_SHOW:
        text_buffer_puts(b, show);
        break;
    case CLI_OPEN:
        text_buffer_puts(b, open);
        break;
    case CLI_LIST:
        text_buffer_puts(b, list);
        break;
    case CLI_EXPLAIN:
        text_buffer_puts(b, explain);
        break;
    }
    cli_write_options(b, command);
}
