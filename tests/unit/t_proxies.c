/* t_proxies.c - whose X-Forwarded-For is believed, and whom it names: lists, networks, several hops, several lines, lies. */
#include "../../collector/proxies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void
t_lists(void **s)
{
    static const char *const must_take[] = { "", " , ", "127.0.0.1", "127.0.0.1,::1", "10.0.0.0/8 192.0.2.7", "0.0.0.0/0", "::/0", "2001:db8::/33", "192.0.2.7/32", "::1/128" };
    static const char *const must_refuse[] = { "proxy", "localhost", "127.0.0", "127.0.0.1/", "127.0.0.1/33", "127.0.0.1/-1", "127.0.0.1/+8", "127.0.0.1/8x", "::1/129", "127.0.0.1;10.0.0.1",
                                               "/8", "127.0.0.1:80", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc" };
    struct proxies p;
    struct tl_err err;
    char many[17 * 10 + 1] = "";
    (void)s;
    for (size_t i = 0; i < sizeof must_take / sizeof *must_take; i++)
        if (proxies_read(&p, must_take[i], &err) != 0) fail_msg("'%s': %s", must_take[i], err.text);
    for (size_t i = 0; i < sizeof must_refuse / sizeof *must_refuse; i++)
        if (proxies_read(&p, must_refuse[i], &err) != TL_ECONFIG) fail_msg("'%s' was taken", must_refuse[i]);
    for (int i = 0; i < PROXIES_MAX; i++) snprintf(many + strlen(many), sizeof many - strlen(many), "10.0.0.%d,", i);
    assert_int_equal(proxies_read(&p, many, &err), 0);
    assert_int_equal(p.n, PROXIES_MAX);
    snprintf(many + strlen(many), sizeof many - strlen(many), "10.0.0.9");
    assert_int_equal(proxies_read(&p, many, &err), TL_ECONFIG);
}

static void
t_trusted(void **s)
{
    static const struct { const char *list, *address; bool trusted; } row[] = {
        { "", "127.0.0.1", false },           { "127.0.0.1", "127.0.0.1", true },  { "127.0.0.1", "127.0.0.2", false },     { "127.0.0.1", "::ffff:127.0.0.1", true },
        { "127.0.0.1", "127.0.0.1x", false }, { "127.0.0.1", "", false },          { "10.0.0.0/8", "10.255.0.1", true },    { "10.0.0.0/8", "11.0.0.1", false },
        { "10.16.0.0/12", "10.31.0.1", true }, { "10.16.0.0/12", "10.32.0.1", false }, { "0.0.0.0/0", "203.0.113.1", true }, { "0.0.0.0/0", "2001:db8::1", false },
        { "::/0", "203.0.113.1", true },      { "2001:db8::/33", "2001:db8:7fff::1", true }, { "2001:db8::/33", "2001:db8:8000::1", false }, { "::1", "127.0.0.1", false },
    };
    struct proxies p;
    (void)s;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        assert_int_equal(proxies_read(&p, row[i].list, NULL), 0);
        if (proxies_trust(&p, tl_str_of(row[i].address)) != row[i].trusted) fail_msg("'%s' and %s", row[i].list, row[i].address);
    }
}

static void
t_senders(void **s)
{
    static const struct { const char *lines[3], *sender; } row[] = {
        { { "203.0.113.7" }, "203.0.113.7" },
        { { "198.51.100.1, 203.0.113.7" }, "203.0.113.7" },                         /* what the sender claims of itself */
        { { "127.0.0.1, 203.0.113.7" }, "203.0.113.7" },                            /* and that it is a proxy */
        { { "203.0.113.7, 10.0.0.5" }, "203.0.113.7" },                             /* two proxies of ours */
        { { "198.51.100.1,203.0.113.7 ,10.0.0.5,10.9.9.9" }, "203.0.113.7" },
        { { "198.51.100.1", "203.0.113.7" }, "203.0.113.7" },                       /* a line of the sender's, one of the proxy's */
        { { "198.51.100.1, 127.0.0.1", "203.0.113.7, 10.0.0.5", "10.0.0.6" }, "203.0.113.7" },
        { { "10.0.0.5, 10.0.0.6" }, "10.0.0.5" },                                   /* all are ours: the first one sends */
        { { "203.0.113.7, nonsense" }, "nonsense" },                                /* no address is nobody's proxy */
        { { "203.0.113.7:4711, 10.0.0.5:80" }, "203.0.113.7" },                     /* some proxies tell the port, too */
        { { "[2001:db8::7]:4711" }, "2001:db8::7" },
        { { "[2001:db8::7]" }, "2001:db8::7" },
        { { "2001:db8::7" }, "2001:db8::7" },
        { { "[" }, "[" },
        { { ":" }, "" },
        { { "", " , ,", "" }, NULL },
    };
    struct proxies p;
    (void)s;
    assert_int_equal(proxies_read(&p, "127.0.0.1, 10.0.0.0/8", NULL), 0);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct tl_str sender = { NULL, 0 };
        for (int k = 0; k < 3 && row[i].lines[k]; k++) proxies_step(&p, tl_str_of(row[i].lines[k]), &sender);
        if (!tl_str_eq(sender, tl_str_of(row[i].sender))) fail_msg("row %zu: %.*s", i, (int)sender.n, sender.p ? sender.p : "-");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(t_lists), cmocka_unit_test(t_trusted), cmocka_unit_test(t_senders) };
    return cmocka_run_group_tests_name("proxies", tests, NULL, NULL);
}
