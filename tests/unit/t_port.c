/* t_port.c - the real files, clock and random: each call's answer on a real folder, and each failure of the system handed on as -errno. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "nth_call.h"
#include "tl_port.h"

NTH_CALL(NTH_OTHER, ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at))
NTH_CALL(NTH_OTHER, int, fsync, (int fd), (fd))
NTH_CALL(NTH_OTHER, int, fdatasync, (int fd), (fd))
NTH_CODE(NTH_OTHER, posix_fallocate, (int fd, off_t from, off_t n), (fd, from, n))
NTH_CALL(NTH_OTHER, ssize_t, getrandom, (void *p, size_t n, unsigned flags), (p, n, flags))
NTH_CALL(NTH_OTHER, int, close, (int fd), (fd))
NTH_CALL(NTH_OTHER, int, ftruncate, (int fd, off_t n), (fd, n))

/* pwrite may also be short: it then puts as much as `most` */
static atomic_long pwrite_most = -1;
ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
    NTH_REAL(pwrite);
    long most = atomic_load(&pwrite_most);
    if (nth_fails(NTH_OTHER))
        return -1;
    return most == 0 ? 0 : real(fd, p, most > 0 && n > (size_t)most ? (size_t)most : n, at);
}

static struct tl_io *io;
static char dir[64], path[96], other[96];

static int
begin(void **state)
{
    (void)state;
    io = tl_io_posix();
    snprintf(dir, sizeof dir, "/tmp/t_port.XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/file", dir);
    snprintf(other, sizeof other, "%s/other", dir);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    nth_done();
    unlink(path);
    unlink(other);
    return rmdir(dir);
}

static int
open_file(void)
{
    int fd = io->open(io, path, O_RDWR | O_CREAT);
    assert_true(fd >= 0);
    return fd;
}

static void
t_read_and_write(void **state)
{
    (void)state;
    char b[8] = "";
    int fd = open_file();
    assert_int_equal(io->pwrite(io, fd, "abcdef", 6, 3), 6);
    assert_int_equal(io->size(io, fd), 9);
    assert_int_equal(io->pread(io, fd, b, sizeof b, 3), 6);
    assert_memory_equal(b, "abcdef", 6);
    assert_int_equal(io->pread(io, fd, b, sizeof b, 100), 0);
    assert_int_equal(io->truncate(io, fd, 4), 0);
    assert_int_equal(io->size(io, fd), 4);
    assert_int_equal(io->datasync(io, fd), 0);
    nth_only("pread", 1, EINTR, false);                 /* interrupted: again */
    assert_int_equal(io->pread(io, fd, b, sizeof b, 0), 4);
    assert_true(nth_done());
    nth_only("pwrite", 1, EINTR, false);
    assert_int_equal(io->pwrite(io, fd, "x", 1, 0), 1);
    assert_true(nth_done());
    assert_int_equal(io->close(io, fd), 0);
}

static void
t_each_call_hands_on_its_failure(void **state)
{
    (void)state;
    char b[8];
    int fd = open_file(), none = 1 << 20;               /* no such descriptor */
    assert_int_equal(io->pwrite(io, fd, "abc", 3, 0), 3);
    nth_only("pread", 1, EIO, false);
    assert_int_equal(io->pread(io, fd, b, 3, 0), -EIO);
    nth_only("pwrite", 1, ENOSPC, false);
    assert_int_equal(io->pwrite(io, fd, "d", 1, 3), -ENOSPC);
    nth_only("fdatasync", 1, EIO, false);
    assert_int_equal(io->datasync(io, fd), -EIO);
    nth_only("ftruncate", 1, EIO, false);
    assert_int_equal(io->truncate(io, fd, 1), -EIO);
    nth_done();
    assert_int_equal(io->size(io, fd), 3);
    assert_int_equal(io->size(io, none), -EBADF);
    assert_int_equal(io->lock(io, none), -EBADF);
    assert_int_equal(io->close(io, none), -EBADF);
    assert_int_equal(io->open(io, "/nowhere/at/all", O_RDONLY), -ENOENT);
    assert_int_equal(io->rename(io, other, path), -ENOENT);
    assert_int_equal(io->unlink(io, other), -ENOENT);
    assert_int_equal(io->mkdir(io, "/nowhere/at/all"), -ENOENT);
    assert_int_equal(io->sync_dir(io, other), -ENOENT);
    assert_int_equal(io->sync_dir(io, path), -ENOTDIR);
    assert_int_equal(io->list(io, other, NULL, NULL), -ENOENT);
    assert_int_equal(io->free_bytes(io, other), -ENOENT);
    nth_only("fsync", 1, EIO, false);
    assert_int_equal(io->sync_dir(io, dir), -EIO);
    nth_done();
    assert_int_equal(io->sync_dir(io, dir), 0);
    io->close(io, fd);
}

/* Room is taken and zeroed from the present end on; what was there stays. */
static void
t_allocate(void **state)
{
    (void)state;
    static char b[200000];
    int fd = open_file();
    assert_int_equal(io->pwrite(io, fd, "abc", 3, 0), 3);
    assert_int_equal(io->allocate(io, fd, sizeof b), 0);
    assert_int_equal(io->size(io, fd), sizeof b);
    assert_int_equal(io->pread(io, fd, b, sizeof b, 0), sizeof b);
    assert_memory_equal(b, "abc", 3);
    for (size_t i = 3; i < sizeof b; i++)
        assert_int_equal(b[i], 0);
    assert_int_equal(io->allocate(io, fd, 10), 0);      /* there is more already */
    assert_int_equal(io->size(io, fd), sizeof b);
    assert_int_equal(io->allocate(io, 1 << 20, 10), -EBADF);
    nth_only("posix_fallocate", 1, EFBIG, false);
    assert_int_equal(io->allocate(io, fd, 300000), -EFBIG);
    nth_only("pwrite", 2, EIO, false);
    assert_int_equal(io->allocate(io, fd, 400000), -EIO);
    nth_done();
    assert_int_equal(io->truncate(io, fd, 3), 0);
    atomic_store(&pwrite_most, 1000);                   /* a disk that takes little at a time */
    assert_int_equal(io->allocate(io, fd, sizeof b), 0);
    assert_int_equal(io->truncate(io, fd, 3), 0);
    atomic_store(&pwrite_most, 0);                      /* and one that takes nothing */
    assert_int_equal(io->allocate(io, fd, sizeof b), -ENOSPC);
    atomic_store(&pwrite_most, -1);
    io->close(io, fd);
}

static void
count_name(void *arg, const char *name)
{
    assert_true(!strcmp(name, "file") || !strcmp(name, "other") || !strcmp(name, ".hidden"));
    (*(int *)arg)++;
}

static void
t_folders(void **state)
{
    (void)state;
    struct stat st;
    char hidden[96];
    int n = 0, fd = open_file();
    snprintf(hidden, sizeof hidden, "%s/.hidden", dir);
    assert_int_equal(io->mkdir(io, dir), 0);            /* there already */
    assert_int_equal(io->mkdir(io, hidden), 0);
    assert_int_equal(stat(hidden, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(io->list(io, dir, count_name, &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(io->rename(io, path, other), 0);
    assert_int_equal(io->unlink(io, other), 0);
    assert_true(io->free_bytes(io, dir) > 0);
    io->close(io, fd);
    rmdir(hidden);
}

static void
t_lock(void **state)
{
    (void)state;
    int a = open_file(), b = open_file();
    assert_int_equal(io->lock(io, a), 0);
    assert_int_equal(io->lock(io, b), -EWOULDBLOCK);
    assert_int_equal(io->close(io, a), 0);
    assert_int_equal(io->lock(io, b), 0);
    io->close(io, b);
}

/* ---- clock and random ---- */
static void
t_clock(void **state)
{
    (void)state;
    struct tl_clock *c = tl_clock_real();
    int64_t a = c->mono_us(c);
    assert_true(c->mono_us(c) >= a);
    assert_true(c->wall_ms(c) > INT64_C(1700000000000));
}

/* A getrandom that is interrupted is asked again; no byte is handed out twice. */
static void
t_random(void **state)
{
    (void)state;
    struct tl_rand *r = tl_rand_real();
    uint8_t a[1000], zero[16] = { 0 };
    nth_only("getrandom", 1, EINTR, false);
    for (size_t n = 1; n < 600; n += 7) {
        memset(a, 0, sizeof a);
        r->fill(r, a, n + 16);
        assert_memory_not_equal(a, zero, 16);
        assert_memory_not_equal(a + n, zero, 16);
        assert_int_equal(a[n + 16], 0);
    }
    assert_true(nth_done());
    uint64_t seen[1000];
    for (size_t i = 0; i < 1000; i++) {
        seen[i] = tl_rand_u64(r);
        for (size_t j = 0; j < i; j++)
            assert_true(seen[i] != seen[j]);
    }
}

static void
t_uuid7(void **state)
{
    (void)state;
    char a[37], b[37];
    tl_rand_uuid7(tl_rand_real(), INT64_C(0x0190a1b2c3d4), a);
    tl_rand_uuid7(tl_rand_real(), INT64_C(0x0190a1b2c3d4), b);
    assert_memory_equal(a, "0190a1b2-c3d4-7", 15);
    assert_int_equal(strlen(a), 36);
    assert_true(strchr("89ab", a[19]) != NULL && a[18] == '-' && a[23] == '-');
    assert_string_not_equal(a, b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(t_read_and_write, begin, end), cmocka_unit_test_setup_teardown(t_each_call_hands_on_its_failure, begin, end),
        cmocka_unit_test_setup_teardown(t_allocate, begin, end),       cmocka_unit_test_setup_teardown(t_folders, begin, end),
        cmocka_unit_test_setup_teardown(t_lock, begin, end),           cmocka_unit_test(t_clock),
        cmocka_unit_test(t_random),                                    cmocka_unit_test(t_uuid7),
    };
    return cmocka_run_group_tests_name("port", tests, NULL, NULL);
}
