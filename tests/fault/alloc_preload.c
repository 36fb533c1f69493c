/* alloc_preload.c - memory that runs out, by LD_PRELOAD: the k-th allocation that the program's own code asks for is refused.
 *
 *   ALLOC_PROGRAM=NAME   only in the program of this name (its children inherit the settings)
 *   ALLOC_AT=K           the K-th malloc, calloc or realloc called from the program itself; what libraries ask for is given. 0: none
 *   ALLOC_STICKY=1       and every one after it
 *   ALLOC_HIT=FILE       made when the K-th was refused */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t m);
extern void *__libc_realloc(void *p, size_t n);

static uintptr_t text_from, text_to;
static atomic_long asked;
static long at;
static bool sticky;
static const char *hit;

static int
own_text(struct dl_phdr_info *info, size_t n, void *arg)
{
    (void)n, (void)arg;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
            text_from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            text_to = text_from + info->dlpi_phdr[i].p_memsz;
        }
    return 1;                           /* the first is the program */
}

static void __attribute__((constructor))
start(void)
{
    const char *name = getenv("ALLOC_PROGRAM"), *k = getenv("ALLOC_AT");
    if (name == NULL || strcmp(name, program_invocation_short_name) != 0)
        return;
    at = k != NULL ? atol(k) : 0;
    sticky = getenv("ALLOC_STICKY") != NULL;
    hit = getenv("ALLOC_HIT");
    dl_iterate_phdr(own_text, NULL);
}

static bool
refused(void *caller)
{
    if ((uintptr_t)caller < text_from || (uintptr_t)caller >= text_to)
        return false;
    long n = atomic_fetch_add(&asked, 1) + 1;
    bool no = at != 0 && (n == at || (sticky && n > at));
    if (no && n == at && hit != NULL)
        close(open(hit, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    if (no)
        errno = ENOMEM;
    return no;
}

void *
malloc(size_t n)
{
    return refused(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t m)
{
    return refused(__builtin_return_address(0)) ? NULL : __libc_calloc(n, m);
}

void *
realloc(void *p, size_t n)
{
    return refused(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}
