/* The library's namespace is called sentencepiece as well: our handle is declared under another name inside this file only. */
#define sentencepiece sentencepiece_handle
#include "backend/tokenizers/sentencepiece.h"
#undef sentencepiece

#include <cstdlib>
#include <cstring>
#include <new>
#include <sentencepiece_processor.h>
#include <string>
#include <vector>

struct sentencepiece_handle {
    sentencepiece::SentencePieceProcessor processor;
};

/* Runs `call` and turns whatever it throws into an error. */
template <typename Call> static enum err_code guard(struct err *e, Call call) noexcept {
    try {
        return call();
    } catch (const std::bad_alloc &) {
        return err_set(e, ERR_NOMEM, "out of memory in sentencepiece");
    } catch (const std::exception &x) {
        return err_set(e, ERR_FORMAT, "sentencepiece: %s", x.what());
    } catch (...) {
        return err_set(e, ERR_INTERNAL, "sentencepiece failed");
    }
}

static enum err_code status(const sentencepiece::util::Status &s, const char *what, struct err *e) {
    return s.ok() ? ERR_OK : err_set(e, ERR_FORMAT, "%s: %s", what, s.ToString().c_str());
}

extern "C" {

enum err_code sentencepiece_open(struct sentencepiece_handle **out, const char *path, struct err *e) {
    *out = nullptr;
    return guard(e, [&] {
        auto *s = new sentencepiece_handle;
        const auto loaded = s->processor.Load(path);
        if (!loaded.ok()) {
            delete s;
            return err_set(e, ERR_FORMAT, "%s is not a sentencepiece model, or is damaged", path);
        }
        *out = s;
        return ERR_OK;
    });
}

void sentencepiece_free(struct sentencepiece_handle *s) { delete s; }

enum err_code sentencepiece_encode(const struct sentencepiece_handle *s, const char *text, size_t n,
                                   void (*piece)(void *user, const char *piece, size_t n, int32_t id), void *user, struct err *e) {
    return guard(e, [&] {
        std::vector<std::string> pieces;
        const enum err_code code = status(s->processor.Encode(std::string(text, n), &pieces), "sentencepiece cannot encode the text", e);
        if (code == ERR_OK)
            for (const auto &p : pieces)
                piece(user, p.data(), p.size(), s->processor.PieceToId(p));
        return code;
    });
}

enum err_code sentencepiece_decode(const struct sentencepiece_handle *s, const char *const *pieces, size_t n, char **text, struct err *e) {
    *text = nullptr;
    return guard(e, [&] {
        std::string decoded;
        const std::vector<std::string> list(pieces, pieces + n);
        const enum err_code code = status(s->processor.Decode(list, &decoded), "sentencepiece cannot decode the pieces", e);
        if (code != ERR_OK)
            return code;
        *text = static_cast<char *>(std::malloc(decoded.size() + 1));
        if (!*text)
            return err_set(e, ERR_NOMEM, "out of memory");
        std::memcpy(*text, decoded.c_str(), decoded.size() + 1);
        return ERR_OK;
    });
}

int32_t sentencepiece_size(const struct sentencepiece_handle *s) { return s->processor.GetPieceSize(); }

const char *sentencepiece_piece(const struct sentencepiece_handle *s, int32_t id) { return s->processor.IdToPiece(id).c_str(); }

int32_t sentencepiece_find(const struct sentencepiece_handle *s, const char *piece) {
    const int id = s->processor.PieceToId(piece);
    return id >= 0 && s->processor.IdToPiece(id) == piece ? id : -1;
}

bool sentencepiece_is_special(const struct sentencepiece_handle *s, int32_t id) { return s->processor.IsControl(id) || s->processor.IsUnknown(id); }

bool sentencepiece_is_byte(const struct sentencepiece_handle *s, int32_t id) { return s->processor.IsByte(id); }

int32_t sentencepiece_eos(const struct sentencepiece_handle *s) { return s->processor.eos_id(); }

int32_t sentencepiece_unk(const struct sentencepiece_handle *s) { return s->processor.unk_id(); }
}
