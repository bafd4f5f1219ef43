#include "aggregators/word_alignment.h"

/* clang-format off */
const char word_alignment_rules[] =
    "word_alignments: which word of the source a word of the text is of\n"
    "\n"
    "  --alignments pharaoh    \"0-0 2-1\": words 0 and 2 of the source with 0 and 1 of the text\n"
    "\n"
    "One line a text, from scores of source tokens (encoder-decoder models). Words are\n"
    "counted from 0, those before the explained ones, too; special tokens and white space\n"
    "alone are none. --unit and aggregators that join tokens say what a word is (without\n"
    "them: --unit word; --punctuation apart parts punctuation).\n"
    "\n"
    "A word's partner has the largest score; with --alignment_threshold X partners are all\n"
    "that have at least X (0 to 1) of the sum of its positive scores. Zero, negative and\n"
    "missing scores pair nothing; of equal ones the first counts.\n"
    "\n"
    "--alignment_symmetrize says from which side: tinseq list symmetrizations\n";
