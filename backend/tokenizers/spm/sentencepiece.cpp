/* The module over libsentencepiece: see backend/tokenizers/sentencepiece.h. No exception leaves, no
 * C++ type crosses. */
extern "C" {
#include "backend/tokenizers/sentencepiece.h"
}

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <sentencepiece_processor.h>
#include <string>
#include <vector>

struct sentencepiece_model {
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

static enum err_code spm_open(struct sentencepiece_model **out, const void *data, size_t n,
                              const char *path, struct err *e) {
    *out = nullptr;
    return guard(e, [&] {
        /* Loading also throws, on a damaged model. */
        auto s = std::make_unique<sentencepiece_model>();
        const auto loaded =
            s->processor.LoadFromSerializedProto({static_cast<const char *>(data), n});
        if (!loaded.ok())
            return err_set(e, ERR_FORMAT, "%s is not a sentencepiece model, or is damaged", path);
        for (int i = 0; i < s->processor.GetPieceSize(); i++) /* they leave as C strings */
            if (s->processor.IdToPiece(i).find('\0') != std::string::npos)
                return err_set(e, ERR_FORMAT, "%s: piece %d holds a NUL character", path, i);
        *out = s.release();
        return ERR_OK;
    });
}

static void spm_free(struct sentencepiece_model *s) {
    delete s;
}

static enum err_code spm_encode(const struct sentencepiece_model *s, const char *text, size_t n,
                                void (*piece)(void *user, const char *piece, size_t n, int32_t id),
                                void *user, struct err *e) {
    return guard(e, [&] {
        std::vector<std::string> pieces;
        const enum err_code code = status(s->processor.Encode(std::string(text, n), &pieces),
                                          "sentencepiece cannot encode the text", e);
        if (code == ERR_OK)
            for (const auto &p : pieces)
                piece(user, p.data(), p.size(), s->processor.PieceToId(p));
        return code;
    });
}

static enum err_code spm_decode(const struct sentencepiece_model *s, const char *const *pieces,
                                size_t n, char **text, struct err *e) {
    *text = nullptr;
    return guard(e, [&] {
        std::string decoded;
        const std::vector<std::string> list(pieces, pieces + n);
        const enum err_code code = status(s->processor.Decode(list, &decoded),
                                          "sentencepiece cannot decode the pieces", e);
        if (code != ERR_OK)
            return code;
        for (size_t at; (at = decoded.find('\0')) != std::string::npos;)
            decoded.replace(at, 1, "\xEF\xBF\xBD"); /* of a byte piece */
        *text = static_cast<char *>(std::malloc(decoded.size() + 1));
        if (!*text)
            return err_set(e, ERR_NOMEM, "out of memory");
        std::memcpy(*text, decoded.c_str(), decoded.size() + 1);
        return ERR_OK;
    });
}

static int32_t spm_size(const struct sentencepiece_model *s) {
    return s->processor.GetPieceSize();
}

static const char *spm_piece(const struct sentencepiece_model *s, int32_t id) {
    return s->processor.IdToPiece(id).c_str();
}

static bool spm_is_special(const struct sentencepiece_model *s, int32_t id) {
    return s->processor.IsControl(id) || s->processor.IsUnknown(id);
}

static int32_t spm_eos(const struct sentencepiece_model *s) {
    return s->processor.eos_id();
}

static int32_t spm_unk(const struct sentencepiece_model *s) {
    return s->processor.unk_id();
}

extern "C" __attribute__((visibility("default"))) const struct sentencepiece_api *
tinseq_sentencepiece_api(void);
const struct sentencepiece_api *tinseq_sentencepiece_api(void) {
    static const struct sentencepiece_api api = {
        SENTENCEPIECE_VERSION, spm_open, spm_free, spm_encode, spm_decode, spm_size, spm_piece,
        spm_is_special,        spm_eos,  spm_unk};
    return &api;
}
