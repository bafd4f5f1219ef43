/* English made tidy after its tokens were joined. Any thread. */
#ifndef TINSEQ_BACKEND_TOKENIZERS_CLEAN_UP_H
#define TINSEQ_BACKEND_TOKENIZERS_CLEAN_UP_H

/* As the WordPiece decoder of tokenizers 0.22 does; owned by the caller. */
char *clean_up_words(const char *text);
/* As clean_up_tokenization of Transformers 4.57 does (clean_up_tokenization_spaces). */
char *clean_up_text(const char *text);

#endif
