/* failing_kit.h - calls of the system that fail on demand. A test names those that it needs, once each at the top of its file:
 *
 *     FAILING(int, eventfd, (unsigned n, int flags), (n, flags), -1)
 *
 * That definition stands before libc's for the whole program, libraries too, and hands every call on until failing_at says otherwise. */
#ifndef FAILING_KIT_H
#define FAILING_KIT_H

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

static struct {
    const char *_Atomic name;           /* NULL: nothing fails */
    atomic_int k, code;
    atomic_bool sticky;
} failing;

/* failing_at - let the k-th call of `name` from now on (1-based), on whatever thread, fail with errno = code; all after it too when sticky. */
static inline void
failing_at(const char *name, int k, int code, bool sticky)
{
    atomic_store(&failing.k, k);
    atomic_store(&failing.code, code);
    atomic_store(&failing.sticky, sticky);
    atomic_store(&failing.name, name);
}

/* failing_off - nothing fails any more; true when something did */
static inline bool
failing_off(void)
{
    atomic_store(&failing.name, NULL);
    return atomic_load(&failing.k) <= 0;
}

static inline bool
failing_now(const char *name)
{
    const char *armed = atomic_load(&failing.name);
    if (!armed || strcmp(armed, name) != 0)
        return false;
    int left = atomic_fetch_sub(&failing.k, 1) - 1;
    if (left > 0 || (left < 0 && !atomic_load(&failing.sticky)))
        return false;
    errno = atomic_load(&failing.code);
    return true;
}

/* bad: what a failed call returns; for those that return the error itself, atomic_load(&failing.code) */
#define FAILING(type, name, params, args, bad)               \
    type name params;                                        \
    type name params                                         \
    {                                                        \
        static type (*real) params;                          \
        if (!real)                                           \
            *(void **)&real = dlsym(RTLD_NEXT, #name);       \
        return failing_now(#name) ? (type)(bad) : real args; \
    }

#endif
