/* till.c - what a till program does: one handle for the shop, one event a contact. cc till.c -ltouchline -lcurl -lpthread */
#include <stdio.h>

#include "touchline.h"

int
main(int argc, char **argv)
{
    struct touchline_options shop = { .url = argc > 1 ? argv[1] : "http://127.0.0.1:8080", .key = "till-S03", .channel = "store", .place = "S03",
                                      .queue_file = argc > 3 ? argv[3] : NULL };     /* with one, what waits outlives the program */
    const char *member = argc > 2 ? argv[2] : "m1001";
    struct touchline *t = touchline_new(&shop);
    if (!t) {
        perror("till: cannot start the sender");
        return 1;
    }
    touchline_identify(t, "member", member);
    touchline_track(t, "visit", NULL);
    touchline_send(t, &(struct touchline_event){ .type = "order.placed", .order = "S03-0042", .agent = "li", .props = "{\"items\":2}" });
    touchline_send(t, &(struct touchline_event){ .type = "order.fulfilled", .order = "S03-0042", .agent = "li", .outcome = "ok" });
    touchline_heartbeat(t, NULL);           /* and every minute or so: all there was is told */
    int rc = touchline_flush(t, 5000);      /* at closing time; never in the middle of a sale */
    struct touchline_stats s;
    touchline_stats(t, &s);
    printf("sent %lu, waiting %lu, quarantined %lu, last answer %d\n", s.sent, s.queued, s.refused, s.last_status);
    touchline_free(&t);
    return rc == TOUCHLINE_OK ? 0 : 1;
}
