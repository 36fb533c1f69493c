#!/usr/bin/env bash
# t_names.sh BUILD - the script and the events' address under names of one's own, what is refused as such a name, and the scripts as they are served.
set -u
. "$(dirname "$0")/collector_part.sh"
code() { curl -s -o "$T/out" -w '%{http_code}' "$@"; }

start_collector "$T/a" --collector.script /shop/menu.js --collector.path /menu
same "the script by its own name" "$(code "$U/shop/menu.js")" 200
cmp -s "$T/out" "$B/sdk/touchline.js" || bad "another script at /shop/menu.js"
same "the script" "$(code "$U/touchline.js")" 200
cmp -s "$T/out" "$B/sdk/touchline.js" || bad "another script at /touchline.js"
same "the mini program's" "$(code "$U/touchline-mini.js")" 200
cmp -s "$T/out" "$B/sdk/touchline-mini.js" || bad "another script at /touchline-mini.js"
curl -s -D "$T/head" -o "$T/served" -H 'Origin: https://shop.cn' "$U/touchline.js"
grep -qi '^Access-Control-Allow-Origin: https://shop.cn' "$T/head" || bad "a script with integrity needs CORS"
same "unchanged since" "$(code -H "If-None-Match: $(sed -n 's/^ETag: \(.*\)\r$/\1/p' "$T/head")" "$U/touchline.js")" 304
same "events by their own name" "$(code "$U/menu?key=web" -d '{"type":"a","ids":{"user":"u"}}')" 202
same "events by their own name, preflight" "$(code -X OPTIONS -H 'Origin: https://shop.cn' "$U/menu")" 204
same "a get" "$(code "$U/menu")" 405
same "counted" "$(counter c_events_accepted)" 1
same "nothing else" "$(code "$U/menus")" 404
stop_collector
for bad in menu.js /menu/ / '/a b' /v1/events /v1/x /touchline.js /healthz /sa /debug/good "/$(printf 'x%.0s' $(seq 100))"; do
    for key in script path; do
        "$B/touchline-collector" -n --data "$T/a" "--collector.$key" "$bad" 2>"$T/said" && bad "collector.$key = $bad was taken"
        grep -qF "collector.$key = $bad" "$T/said" || bad "not told: $key = $bad: $(cat "$T/said")"
    done
done
"$B/touchline-collector" -n --data "$T/a" --collector.script /m --collector.path /m 2>/dev/null && bad "both may not have one name"
[ ! -e "$T/failed" ] && say ok
