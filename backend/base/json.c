#include "backend/base/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 128
#define MAX_VALUES (16u << 20) /* a hostile file of "[[],[],…" must not take all memory */
#define BLOCK_VALUES 1024

struct block {
    struct block *next;
    size_t n;
    struct json_value values[BLOCK_VALUES];
};
struct string_block {
    struct string_block *next;
    char text[];
};
struct json_document {
    struct block *blocks;
    struct string_block *strings;
    struct json_value *root;
    size_t n_replaced;
};
struct parser {
    struct json_document *d;
    const char *start, *at, *end;
    size_t n_values;
    struct err *e;
};

static enum err_code wrong(struct parser *p, const char *what) {
    return err_set(p->e, ERR_FORMAT, "not valid JSON: %s at byte %zu", what,
                   (size_t)(p->at - p->start));
}

static void skip_space(struct parser *p) {
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t'))
        p->at++;
}

static struct json_value *new_value(struct parser *p) {
    if (p->n_values >= MAX_VALUES)
        return NULL;
    struct block *b = p->d->blocks;
    if (!b || b->n == BLOCK_VALUES) {
        b = malloc(sizeof *b);
        if (!b)
            return NULL;
        b->next = p->d->blocks;
        b->n = 0;
        p->d->blocks = b;
    }
    p->n_values++;
    b->values[b->n] = (struct json_value){0};
    return &b->values[b->n++];
}

static int hex4(const char *s) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = s[i];
        if (c >= '0' && c <= '9')
            value = value * 16 + c - '0';
        else if (c >= 'a' && c <= 'f')
            value = value * 16 + c - 'a' + 10;
        else if (c >= 'A' && c <= 'F')
            value = value * 16 + c - 'A' + 10;
        else
            return -1;
    }
    return value;
}

static char *put_utf8(char *to, uint32_t c) {
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    } else {
        *to++ = (char)(0xF0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    }
    return to;
}

/* Decodes the escape whose letter is at *from (which passes it); false: no such escape. An escape
 * never takes more room than it stood in. */
static bool unescape(char **to, const char **from, const char *end, size_t *n_replaced) {
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    char letter = *(*from)++;
    const char *known = letter ? strchr(letters, letter) : NULL;
    if (known) {
        *(*to)++ = meanings[known - letters];
        return true;
    }
    int unit;
    if (letter != 'u' || end - *from < 4 || (unit = hex4(*from)) < 0)
        return false;
    *from += 4;
    uint32_t c = (uint32_t)unit;
    if (c >= 0xD800 && c < 0xDC00 && end - *from >= 6 && (*from)[0] == '\\' && (*from)[1] == 'u') {
        int low = hex4(*from + 2);
        if (low >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
            *from += 6;
        }
    }
    const bool none = c == 0 || (c >= 0xD800 && c < 0xE000);
    *n_replaced += none;
    *to = put_utf8(*to, none ? 0xFFFD : c);
    return true;
}

static enum err_code parse_string(struct parser *p, const char **text, size_t *n) {
    const char *start = ++p->at;
    bool escaped = false;
    while (p->at < p->end && *p->at != '"') {
        if ((unsigned char)*p->at < 0x20)
            return wrong(p, "a control character in a string");
        if (*p->at == '\\') {
            escaped = true;
            if (++p->at == p->end)
                break;
        }
        p->at++;
    }
    if (p->at >= p->end)
        return wrong(p, "a string that does not end");
    const char *end = p->at++;
    *text = start;
    *n = (size_t)(end - start);
    if (!escaped)
        return ERR_OK;
    struct string_block *block = malloc(sizeof *block + *n);
    if (!block)
        return err_set(p->e, ERR_NOMEM, "no memory for a string of %zu bytes", *n);
    block->next = p->d->strings;
    p->d->strings = block;
    char *to = block->text;
    while (start < end) {
        if (*start != '\\') {
            *to++ = *start++;
            continue;
        }
        start++;
        if (!unescape(&to, &start, end, &p->d->n_replaced)) {
            p->at = start;
            return wrong(p, "an unknown escape");
        }
    }
    *text = block->text;
    *n = (size_t)(to - block->text);
    return ERR_OK;
}

static bool word(struct parser *p, const char *w) {
    size_t n = strlen(w);
    if ((size_t)(p->end - p->at) < n || memcmp(p->at, w, n) != 0)
        return false;
    p->at += n;
    return true;
}

static bool digits(struct parser *p) {
    const char *start = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
        p->at++;
    return p->at > start;
}

static enum err_code parse_number(struct parser *p, struct json_value *v) {
    v->type = JSON_NUMBER;
    v->text = p->at;
    if (p->at < p->end && *p->at == '-')
        p->at++;
    if (!word(p, "Infinity") && !word(p, "NaN")) {
        const char *whole = p->at;
        if (!digits(p) || (*whole == '0' && p->at - whole > 1))
            return wrong(p, "something that is no value");
        if (p->at < p->end && *p->at == '.') {
            p->at++;
            if (!digits(p))
                return wrong(p, "a number without digits after the point");
        }
        if (p->at < p->end && (*p->at == 'e' || *p->at == 'E')) {
            p->at++;
            if (p->at < p->end && (*p->at == '+' || *p->at == '-'))
                p->at++;
            if (!digits(p))
                return wrong(p, "a number without an exponent");
        }
    }
    v->n_text = (size_t)(p->at - v->text);
    return ERR_OK;
}

static enum err_code parse_value(struct parser *p, struct json_value **out, int depth);

static enum err_code parse_key(struct parser *p, const char **key, size_t *n_key) {
    if (p->at >= p->end || *p->at != '"')
        return wrong(p, "a member without a name");
    enum err_code code = parse_string(p, key, n_key);
    if (code)
        return code;
    skip_space(p);
    if (p->at >= p->end || *p->at != ':')
        return wrong(p, "a name without ':'");
    p->at++;
    skip_space(p);
    return ERR_OK;
}

static enum err_code parse_members(struct parser *p, struct json_value *v, char close, int depth) {
    struct json_value **tail = &v->first;
    p->at++;
    skip_space(p);
    if (p->at < p->end && *p->at == close) {
        p->at++;
        return ERR_OK;
    }
    for (;;) {
        const char *key = NULL;
        size_t n_key = 0;
        enum err_code code = close == '}' ? parse_key(p, &key, &n_key) : ERR_OK;
        if (code)
            return code;
        code = parse_value(p, tail, depth + 1);
        if (code)
            return code;
        (*tail)->key = key;
        (*tail)->n_key = n_key;
        tail = &(*tail)->next;
        v->n_members++;
        skip_space(p);
        if (p->at < p->end && *p->at == close) {
            p->at++;
            return ERR_OK;
        }
        if (p->at >= p->end || *p->at != ',')
            return wrong(p, p->at >= p->end ? "the text ends too early" : "a missing comma");
        p->at++;
        skip_space(p);
    }
}

static enum err_code parse_value(struct parser *p, struct json_value **out, int depth) {
    struct json_value *v = new_value(p);
    if (!v)
        return err_set(p->e, ERR_NOMEM, "the JSON has more values than are read of such a file");
    *out = v;
    if (depth > MAX_DEPTH)
        return wrong(p, "nesting too deep");
    if (p->at >= p->end)
        return wrong(p, "the text ends too early");
    switch (*p->at) {
    case '{':
        v->type = JSON_OBJECT;
        return parse_members(p, v, '}', depth);
    case '[':
        v->type = JSON_ARRAY;
        return parse_members(p, v, ']', depth);
    case '"':
        v->type = JSON_STRING;
        return parse_string(p, &v->text, &v->n_text);
    default:
        if (word(p, "null"))
            return ERR_OK;
        if (word(p, "true")) {
            v->type = JSON_TRUE;
            return ERR_OK;
        }
        if (word(p, "false")) {
            v->type = JSON_FALSE;
            return ERR_OK;
        }
        return parse_number(p, v);
    }
}

enum err_code json_parse(struct json_document **out, const char *text, size_t n, struct err *e) {
    *out = NULL;
    struct json_document *d = mem_alloc(sizeof *d);
    struct parser p = {.d = d, .start = text, .at = text, .end = text + n, .e = e};
    skip_space(&p);
    enum err_code code = parse_value(&p, &d->root, 0);
    if (code)
        goto out;
    skip_space(&p);
    if (p.at < p.end)
        code = wrong(&p, "something after the end");
out:
    if (code)
        json_free(d);
    else
        *out = d;
    return code;
}

struct json_value *json_root(struct json_document *d) {
    return d->root;
}

size_t json_replaced(const struct json_document *d) {
    return d->n_replaced;
}

bool json_holds_nul(const char *text, size_t n) {
    static const char escape[] = "\\u0000";
    const size_t size = sizeof escape - 1;
    if (memchr(text, '\0', n))
        return true;
    for (const char *at = text; (at = memmem(at, n - (size_t)(at - text), escape, size)); at++) {
        const char *first = at; /* of the backslashes: two of them are one character */
        while (first > text && first[-1] == '\\')
            first--;
        if ((at - first) % 2 == 0)
            return true;
    }
    return false;
}

void json_free(struct json_document *d) {
    if (!d)
        return;
    for (struct block *b = d->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    for (struct string_block *b = d->strings, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(d);
}

struct json_value *json_get(const struct json_value *object, const char *key) {
    struct json_value *found = NULL;
    size_t n = strlen(key);
    if (object && object->type == JSON_OBJECT)
        for (struct json_value *v = object->first; v; v = v->next)
            if (v->n_key == n && memcmp(v->key, key, n) == 0)
                found = v;
    return found;
}

bool json_named(const struct json_value *v, const char *key) {
    return v->key && v->n_key == strlen(key) && memcmp(v->key, key, v->n_key) == 0;
}

bool json_is(const struct json_value *v, const char *text) {
    return v && v->type == JSON_STRING && v->n_text == strlen(text) &&
           memcmp(v->text, text, v->n_text) == 0;
}

bool json_number(double *out, const struct json_value *v) {
    char text[64];
    if (!v || v->type != JSON_NUMBER || v->n_text >= sizeof text)
        return false;
    memcpy(text, v->text, v->n_text);
    text[v->n_text] = '\0';
    *out = strtod(text, NULL); /* also takes NaN and Infinity */
    return true;
}

bool json_integer(int64_t *out, const struct json_value *v) {
    char text[32];
    if (!v || v->type != JSON_NUMBER || v->n_text >= sizeof text)
        return false;
    memcpy(text, v->text, v->n_text);
    text[v->n_text] = '\0';
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (*end || errno)
        return false;
    *out = value;
    return true;
}
