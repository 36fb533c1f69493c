#!/usr/bin/env bash
# t_consistency.sh BUILD - the same standard in several channels, sent over HTTP's file door and asked of the viewer: a channel that differs is told apart, one that does not
# is not, one with too few is left out; intervals by hand (Newcombe, 100
# customers once each: design effect 100/99).
set -u
build=$1
work=$(mktemp -d)
viewer=
end() { [ -n "$viewer" ] && kill "$viewer" 2>/dev/null && wait "$viewer" 2>/dev/null; }
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; end; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
is() { [ "$2" = "$3" ] || fail "$1:"$'\n'"  $2"$'\n'"instead of"$'\n'"  $3"; }
at() { "$build/flow/json_at" "$@" | paste -sd ' ' -; }
export TZ=UTC
mkdir -p "$work/d/catalogue"
cat >"$work/d/catalogue/c.json" <<'C'
{"touchpoints": [{"id": "help", "match": [{"type": "service.request"}, {"type": "service.response"}]}],
 "journey_types": [{"id": "help", "key": "case", "gap_d": 3, "good": ["service.response"]}],
 "clocks": [{"id": "reply", "start": "service.request", "end": "service.response", "key": "case", "limit_s": 60, "allowed": 0.05, "on": "help"}]}
C
# channel, how many, how many of them late
awk 'BEGIN {
    split("chat 100 44, phone 100 20, email 100 24, kiosk 20 20", row, ", ")
    for (r = 1; r <= 4; r++) {
        split(row[r], w, " ")
        for (i = 0; i < w[2]; i++) {
            n++
            t = 1767571200 + (n % 20) * 86400 + 36000 + n
            o = sprintf("\"case\":\"k%d\",\"ids\":{\"member\":\"m%d\"},\"channel\":\"%s\"", n, n, w[1])
            printf "{\"id\":\"q%d\",\"type\":\"service.request\",%s,\"time\":%d000}\n{\"id\":\"a%d\",\"type\":\"service.response\",%s,\"time\":%d000}\n", n, o, t, n, o, t + (i < w[3] ? 61 : 60)
        }
    }
}' >"$work/e.ndjson"
"$build/touchline" import "$work/e.ndjson" --data "$work/d" >"$work/out" 2>&1 || fail "$(cat "$work/out")"
"$build/touchline-viewer" --data "$work/d" --viewer.port=0 2>"$work/log" &
viewer=$!
for _ in $(seq 600); do
    url=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$work/d/run/viewer.json" 2>/dev/null)
    [ -n "$url" ] && curl -sf -o /dev/null "$url/healthz" && break
    sleep 0.1
done
curl -s "$url/api/consistency?journey=help&from=2026-01-05&to=2026-02-01&as_of=2026-03-01T00:00:00Z" >"$work/c"
s='.standards[0]'
is "the standard" "$(at .tests '.standards.#' "$s.id" "$s.touchpoint" "$s.channels.#" "$s.pairs.#" "$s.flagged" <"$work/c")" "3 1 reply help 3 3 true"
is "channels" "$(at "$s.channels[channel=chat].kept" "$s.channels[channel=email].kept" "$s.channels[channel=phone].kept" "$s.mean" "$s.spread" <"$work/c")" "56 76 80 0.706667 0.240000"
is "pairs" "$(at "$s.pairs[a=chat,b=email].verdict.id" "$s.pairs[a=chat,b=phone].verdict.id" "$s.pairs[a=email,b=phone].verdict.id" <"$work/c")" "supported supported too_little"
is "chat against phone" "$(at "$s.pairs[a=chat,b=phone].difference.value" "$s.pairs[a=chat,b=phone].difference.lo" "$s.pairs[a=chat,b=phone].difference.hi" <"$work/c")" \
    "$(awk 'function wlo(k, n) { z = 1.959963984540054; p = k / n; return (p + z * z / 2 / n - z * sqrt(p * (1 - p) / n + z * z / 4 / n / n)) / (1 + z * z / n) }
        function whi(k, n) { return 1 - wlo(n - k, n) }
        BEGIN { a = .56; b = .8; d = a - b
            printf "%.6f %.6f %.6f", d, d - sqrt((a - wlo(55.44, 99)) ^ 2 + (whi(79.2, 99) - b) ^ 2), d + sqrt((whi(55.44, 99) - a) ^ 2 + (b - wlo(79.2, 99)) ^ 2) }')"
for words in "LANG=C.UTF-8:24.0 points apart !" "LANG=zh_CN.UTF-8:相差 24.0 个百分点 !"; do
    env -u LC_ALL "${words%%:*}" "$build/touchline" consistency --url "$url" --journey help --from 2026-01-05 --to 2026-02-01 --as-of 2026-03-01T00:00:00Z | grep -qF "${words#*:}" || fail "no table: $words"
done
curl -s "$url/api/consistency?journey=help&from=2026-02-05&to=2026-02-06" >"$work/none"
is "nothing" "$(at .tests '.standards.#' <"$work/none")" "0 0"
exit $failed
