// sdk_use.cc - the C SDK from C++: what t_sdk_c.sh compiles and runs. URL FILE N: sends N events by way of a queue in FILE.
#include <touchline.h>

#include <cstdio>
#include <cstdlib>

int
main(int argc, char **argv)
{
    if (argc != 4) return 2;
    touchline_options options{};
    options.url = argv[1];
    options.key = "till";
    options.queue_file = argv[2];
    touchline *t = touchline_new(&options);
    if (!t || touchline_identify(t, "member", "cpp") != TOUCHLINE_OK) return 1;
    for (int i = std::atoi(argv[3]); i > 0; i--)
        if (touchline_track(t, "order.placed", nullptr) != TOUCHLINE_OK) return 1;
    touchline_event event{};
    event.type = "order.fulfilled";
    event.outcome = "ok";
    if (touchline_send(t, &event) != TOUCHLINE_OK) return 1;
    int rc = touchline_flush(t, 60000);
    struct touchline_stats s{};
    touchline_stats(t, &s);
    std::printf("sent %lu\n", s.sent);
    touchline_free(&t);
    return rc;
}
