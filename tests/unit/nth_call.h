/* nth_call.h - the Nth call fails: an allocation, or a function that a definition here stands before. For one test program each: such a definition stands before
 * the libraries' own for the whole program, so the product is tested as it is linked, and hands every call on until it is asked to fail one.
 *
 *   NTH_CALL(NTH_OTHER, int, eventfd, (unsigned n, int flags), (n, flags))
 *
 *   for (uint64_t n = 1; nth_more(NTH_OTHER, n, EMFILE); n++) { rc = code_under_test(); bool hit = nth_done(); ... }
 *
 * runs the code with its 1st, 2nd, ... such call failing, until it has none left: the last turn fails nothing. nth_only hits one function by its name; these two
 * only the thread that asked, nth_anywhere whichever thread calls. nth_kit.h has the definitions for LMDB and for files. */
#ifndef NTH_CALL_H
#define NTH_CALL_H

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "tl_mem.h"

enum {
    NTH_ALLOC = 1,                          /* tl_alloc, tl_realloc */
    NTH_BEGIN = 2, NTH_COMMIT = 4,          /* transactions of LMDB */
    NTH_GET = 8, NTH_CURSOR = 16,           /* reads: by key, by cursor */
    NTH_PUT = 32, NTH_DEL = 64,
    NTH_ENV = 128,                          /* opening, syncing, sizing, copying an environment; opening a database in it */
    NTH_OPEN = 256, NTH_READ = 512, NTH_WRITE = 1024, NTH_SYNC = 2048, NTH_NAME = 4096,     /* calls on files; NAME: rename, unlink, mkdir */
    NTH_STAT = 8192, NTH_OTHER = 16384,     /* neither is in NTH_FILE */
    NTH_DB = NTH_BEGIN | NTH_COMMIT | NTH_GET | NTH_CURSOR | NTH_PUT | NTH_DEL | NTH_ENV,
    NTH_FILE = NTH_OPEN | NTH_READ | NTH_WRITE | NTH_SYNC | NTH_NAME,
    NTH_CALLS = NTH_DB | NTH_FILE | NTH_STAT | NTH_OTHER,
    NTH_ONWARDS = 1 << 20                   /* that one and all after it */
};

/* only: the one function that counts; name: of the call that failed */
struct nth {
    atomic_uint kinds;                      /* 0: nothing fails */
    atomic_uint_fast64_t n, seen;
    atomic_int code;
    atomic_bool hit, ended;
    const char *_Atomic only, *_Atomic name;
};
static _Thread_local struct nth nth;         /* of the calling thread */
static struct nth nth_all;                   /* of all threads */
static _Thread_local bool nth_disk_full;     /* the disk tells that no block of it is free */

static inline void
nth_arm(struct nth *a, unsigned kinds, uint64_t n, int code, const char *only)
{
    a->kinds = 0;
    a->n = n;
    a->seen = 0;
    a->code = code;
    a->hit = a->ended = false;
    a->only = only;
    a->name = NULL;
    a->kinds = kinds;
}

/* nth_more - from here on the n-th call of these kinds fails: with this errno, or code of LMDB. False when the turn before had no n-1-th. */
static inline bool
nth_more(unsigned kinds, uint64_t n, int code)
{
    if (n > 1 && nth.ended)
        return false;
    nth_arm(&nth, kinds, n, code, NULL);
    if (kinds & NTH_ALLOC) {
        tl_alloc_fail_at(n, (kinds & NTH_ONWARDS) != 0);
        nth.seen = tl_alloc_calls();
    }
    return true;
}

/* nth_only - the n-th call of that function fails; onwards: and every one after it. */
static inline void
nth_only(const char *name, uint64_t n, int code, bool onwards)
{
    nth_arm(&nth, NTH_CALLS | (onwards ? NTH_ONWARDS : 0), n, code, name);
}

/* nth_anywhere - as nth_only, whatever thread calls. */
static inline void
nth_anywhere(const char *name, uint64_t n, int code, bool onwards)
{
    nth_arm(&nth, 0, 0, 0, NULL);
    nth_arm(&nth_all, NTH_CALLS | (onwards ? NTH_ONWARDS : 0), n, code, name);
}

/* nth_done - nothing fails from here on. Whether something did. */
static inline bool
nth_done(void)
{
    if (nth.kinds & NTH_ALLOC)
        nth.hit = nth.hit || tl_alloc_calls() - nth.seen >= nth.n;
    tl_alloc_fail_at(0, false);
    nth.kinds = nth_all.kinds = 0;
    nth.hit = atomic_exchange(&nth_all.hit, false) || nth.hit;
    nth_disk_full = false;
    nth.ended = !nth.hit;
    return nth.hit;
}

static inline bool
nth_counts(struct nth *a, unsigned kind, const char *name)
{
    unsigned kinds = a->kinds;
    const char *only = a->only;
    if (!(kinds & kind) || (only && strcmp(only, name) != 0))
        return false;
    uint64_t seen = atomic_fetch_add(&a->seen, 1) + 1;
    if (seen < a->n || (seen > a->n && !(kinds & NTH_ONWARDS)))
        return false;
    a->hit = true;
    a->name = name;
    errno = a->code;
    return true;
}

/* Inside a definition of that name: whether this call fails; errno is then the code. */
#define nth_fails(kind) (nth_counts(&nth, kind, __func__) || nth_counts(&nth_all, kind, __func__))

/* the definition that this one stands before; where a sanitizer has its own in the program itself, that one: a thread that it did not see begin is its end */
#define NTH_REAL(name)                                                  \
    extern __typeof__(name) __interceptor_##name __attribute__((weak)); \
    static void *_Atomic found_;                                        \
    void *at_ = found_;                                                 \
    __typeof__(&name) real = __interceptor_##name;                      \
    if (!real && !at_) found_ = at_ = dlsym(RTLD_NEXT, #name);          \
    if (!real) memcpy(&real, &at_, sizeof real)

/* bad: what a failed call returns. NTH_CALL: -1; NTH_CODE: the code itself */
#define NTH_BEFORE(kind, type, name, params, args, bad)     \
    type name params;                                       \
    type name params                                        \
    {                                                       \
        NTH_REAL(name);                                     \
        return nth_fails(kind) ? (type)(bad) : real args;   \
    }
#define NTH_CALL(kind, type, name, params, args) NTH_BEFORE(kind, type, name, params, args, -1)
#define NTH_CODE(kind, name, params, args) NTH_BEFORE(kind, int, name, params, args, errno)

#endif
