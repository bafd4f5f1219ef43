#include "backend/base/json.h"
#include "backend/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The character that starts at s (n bytes left) and its length; 0xFFFD and 1 for a byte that starts
 * none. */
static uint32_t next_character(const unsigned char *s, size_t n, size_t *length) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t want = text_character_bytes(s[0]);
    *length = 1;
    if (want == 1)
        return s[0];
    if (want == 0 || want > n)
        return 0xFFFD;
    uint32_t c = s[0] & (0xFFu >> (want + 1));
    for (size_t i = 1; i < want; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0xFFFD;
        c = c << 6 | (s[i] & 0x3F);
    }
    if (c < least[want] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return 0xFFFD;
    *length = want;
    return c;
}

static void write_escape(struct text_buffer *b, uint32_t c) {
    static const char controls[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *known = c && c < 0x80 ? strchr(controls, (int)c) : NULL;
    if (known)
        text_buffer_format(b, "\\%c", letters[known - controls]);
    else if (c < 0x10000)
        text_buffer_format(b, "\\u%04x", c);
    else
        text_buffer_format(b, "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10),
                           0xDC00 + ((c - 0x10000) & 0x3FF));
}

/* One character that cannot stand in a string as it is; returns its length. */
static size_t write_character(struct text_buffer *b, const char *s, size_t n, bool ascii) {
    size_t length;
    uint32_t c = next_character((const unsigned char *)s, n, &length);
    if (ascii || c < 0x80 || length == 1)
        write_escape(b, c);
    else
        text_buffer_add(b, s, length);
    return length;
}

static void write_string(struct text_buffer *b, const char *s, size_t n, bool ascii) {
    text_buffer_add(b, "\"", 1);
    for (size_t at = 0; at < n;) {
        size_t plain = at;
        while (plain < n && s[plain] >= ' ' && s[plain] <= '~' && s[plain] != '"' &&
               s[plain] != '\\')
            plain++;
        text_buffer_add(b, s + at, plain - at);
        at = plain;
        if (at < n)
            at += write_character(b, s + at, n - at, ascii);
    }
    text_buffer_add(b, "\"", 1);
}

void json_write_string(struct text_buffer *b, const char *s, size_t n) {
    write_string(b, s, n, true);
}

void json_write_flat_string(struct text_buffer *b, const char *s, size_t n) {
    write_string(b, s, n, false);
}

void json_write_number(struct text_buffer *b, double value) {
    char text[40] = "null";
    for (int digits = 15; isfinite(value) && digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    text_buffer_puts(b, text);
}

void json_write_line(struct text_buffer *b, int depth) {
    text_buffer_add(b, "\n", 1);
    for (int i = 0; i < depth; i++)
        text_buffer_add(b, "    ", 4);
}

/* Python sorts by code point, which is the order of UTF-8 bytes. */
static int by_key(const void *a, const void *b) {
    const struct json_value *x = *(const struct json_value *const *)a,
                            *y = *(const struct json_value *const *)b;
    int order = memcmp(x->key, y->key, x->n_key < y->n_key ? x->n_key : y->n_key);
    if (order == 0)
        order = (x->n_key > y->n_key) - (x->n_key < y->n_key);
    return order ? order : (x > y) - (x < y);
}

static void write_members(struct text_buffer *b, const struct json_value *v, int depth) {
    bool object = v->type == JSON_OBJECT;
    const struct json_value **members = mem_alloc((v->n_members + 1) * sizeof *members);
    size_t n = 0;
    for (const struct json_value *m = v->first; m; m = m->next)
        members[n++] = m;
    if (object)
        qsort(members, n, sizeof *members, by_key);
    text_buffer_puts(b, object ? "{" : "[");
    for (size_t i = 0; i < n; i++) {
        json_write_line(b, depth + 1);
        if (object) {
            json_write_string(b, members[i]->key, members[i]->n_key);
            text_buffer_puts(b, ": ");
        }
        json_write(b, members[i], depth + 1);
        if (i + 1 < n)
            text_buffer_puts(b, ",");
    }
    if (n)
        json_write_line(b, depth);
    text_buffer_puts(b, object ? "}" : "]");
    free(members);
}

static void write_scalar(struct text_buffer *b, const struct json_value *v) {
    static const char *const words[] = {
        [JSON_NULL] = "null", [JSON_TRUE] = "true", [JSON_FALSE] = "false"};
    if (v->type == JSON_NUMBER)
        text_buffer_add(b, v->text, v->n_text);
    else
        text_buffer_puts(b, words[v->type]);
}

void json_write(struct text_buffer *b, const struct json_value *v, int depth) {
    if (v->type == JSON_ARRAY || v->type == JSON_OBJECT)
        write_members(b, v, depth);
    else if (v->type == JSON_STRING)
        json_write_string(b, v->text, v->n_text);
    else
        write_scalar(b, v);
}

void json_write_flat(struct text_buffer *b, const struct json_value *v) {
    const bool object = v->type == JSON_OBJECT;
    if (v->type == JSON_STRING) {
        json_write_flat_string(b, v->text, v->n_text);
    } else if (!object && v->type != JSON_ARRAY) {
        write_scalar(b, v);
    } else {
        text_buffer_puts(b, object ? "{" : "[");
        for (const struct json_value *m = v->first; m; m = m->next) {
            text_buffer_puts(b, m == v->first ? "" : ",");
            if (object) {
                json_write_flat_string(b, m->key, m->n_key);
                text_buffer_puts(b, ":");
            }
            json_write_flat(b, m);
        }
        text_buffer_puts(b, object ? "}" : "]");
    }
}

/* --- members --- */

void json_put_member(struct text_buffer *b, const struct json_value *v) {
    json_write_flat_string(b, v->key, v->n_key);
    text_buffer_puts(b, ":");
    json_write_flat(b, v);
    text_buffer_puts(b, ",");
}

void json_put_value(struct text_buffer *b, const char *key, const char *json) {
    json_write_flat_string(b, key, strlen(key));
    text_buffer_format(b, ":%s,", json);
}

void json_put_string(struct text_buffer *b, const char *key, const char *text) {
    if (!text)
        return;
    json_write_flat_string(b, key, strlen(key));
    text_buffer_puts(b, ":");
    json_write_flat_string(b, text, strlen(text));
    text_buffer_puts(b, ",");
}

void json_put_number(struct text_buffer *b, const char *key, double value) {
    json_write_flat_string(b, key, strlen(key));
    text_buffer_puts(b, ":");
    json_write_number(b, value);
    text_buffer_puts(b, ",");
}

void json_put_flag(struct text_buffer *b, const char *key, bool flag) {
    json_put_value(b, key, flag ? "true" : "false");
}

char *json_take_object(struct text_buffer *members) {
    char *text = mem_format("{%.*s}", members->n ? (int)members->n - 1 : 0,
                            members->text ? members->text : "");
    text_buffer_dispose(members);
    return text;
}

char *json_pretty(const char *flat) {
    struct json_document *d;
    struct err ignored;
    struct text_buffer b = {0};
    if (json_parse(&d, flat, strlen(flat), &ignored) != ERR_OK)
        return mem_text(flat);
    json_write(&b, json_root(d), 0);
    json_free(d);
    return text_buffer_take(&b);
}
