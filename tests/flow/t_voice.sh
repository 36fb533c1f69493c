#!/usr/bin/env bash
# t_voice.sh BUILD - what customers say, through the real programs: worked NPS figures over HTTP; scales that are never mixed; the demo's emotion, NPS, satisfaction and times against
# counts made from its events; order and doubling change nothing; words where there is nothing; and the weekly report, kept as it was made.
set -u
build=$1
touchline=$build/touchline
work=$(mktemp -d)
up=
end() { [ -n "$up" ] && kill "$up" 2>/dev/null && wait "$up" 2>/dev/null; up=; }
. "$(dirname "$0")/accounted.sh"
trap 'rc=$?; accounted "$work" || rc=1; end; rm -rf "$work"; exit $rc' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
is() { [ "$2" = "$3" ] || fail "$1:"$'\n'"  $2"$'\n'"instead of"$'\n'"  $3"; }
address() { sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$store/run/$1.json" 2>/dev/null; }
until_true() { for _ in $(seq 600); do "$@" && return 0; sleep 0.1; done; fail "waited a minute for: $*"; return 1; }
answers() { viewer=$(address viewer); collector=$(address collector); [ -n "$viewer" ] && curl -sf -o /dev/null "$viewer/healthz" && curl -sf -o /dev/null "$collector/healthz"; }
position() { curl -s "$viewer/api/about" | sed -n 's/.*"position":\([0-9]*\).*/\1/p'; }
stitched() { local p; p=$(position); [ "${p:-0}" -ge "$sent" ]; }
begin() { # folder, time zone
    end
    store=$1
    mkdir -p "$store"
    rm -f "$store"/run/*.json
    "$touchline" up --data "$store" --timezone "$2" --collector.port=0 --aggregator.port=0 --aggregator.bus='tcp://127.0.0.1:*' --viewer.port=0 >"$work/log" 2>&1 &
    up=$!
    until_true answers || { cat "$work/log"; exit 1; }
    sent=$(position)
    sent=${sent:-1}
    [ "$sent" -gt 0 ] || sent=1
}
send() { # <NDJSON
    cat >"$work/body"
    case $(curl -s "$collector/v1/events?ack=logged" -H 'Content-Type: application/x-ndjson' --data-binary @"$work/body") in '{"accepted":'*'"quarantined":[],'*) ;; *) fail "the collector refused some" ;; esac
    sent=$((sent + $(wc -l <"$work/body")))
    until_true stitched
}
get() { curl -s "$viewer/api/$1"; }
at() { "$build/flow/json_at" "$@" | paste -sd ' ' -; }

echo "== nobody has said anything"
mkdir -p "$work/http/catalogue"
echo '{"segments": [{"id": "a", "title": {"zh": "甲", "en": "A"}, "when": {"place": "A"}}, {"id": "small", "when": [{"place": "B"}, {"place": "C", "channel": "app"}]}, {"id": "all", "when": {"channel": "a*"}}]}' >"$work/http/catalogue/segments.json"
begin "$work/http" UTC
is "an empty store" "$(get metrics | at '.journeys' '.metrics.#') $(get emotion | at '.curve.#' '.lowest')" "0 0 0 null"
is "its report" "$(get report | at '.report.findings.figures[id=journeys].value.value' '.report.findings.breaks.unhappy.#' '.kept')" "0 0 null"
curl -s "$viewer/report?lang=zh" | grep -q '没有一个触点达到 10 份评分' || fail "the sheet of an empty store does not say so"

echo "== NPS: 55/28/17 -> 63/26/11 of 100, and ten scores; five and seven points apart"
awk 'function event(id, who, day, place, scores) {
         printf "{\"id\":\"%s\",\"type\":\"feedback.text\",\"ids\":{\"member\":\"%s\"},\"time\":%.0f,\"place\":\"%s\",\"channel\":\"app\",\"scores\":{%s}}\n", id, who, (1767571200 + day * 86400 + 36000) * 1000, place, scores }
     function hundred(name, day, p, n,   i, s) { for (i = 0; i < 100; i++) { s = i < p ? 9 + i % 2 : i < n ? 7 + i % 2 : i % 7; event(name i, name i, day + i % 28, "A", "\"nps\":" s) } }
     BEGIN { hundred("b", 0, 55, 83); hundred("a", 28, 63, 89)
         split("10 9 9 8 7 6 0 10 9 5", nine, " "); for (i = 1; i <= 10; i++) event("n" i, "n" i, 30, "B", "\"nps\":" nine[i])
         for (i = 1; i <= 40; i++) event("c" i, "c" i, 30, "C", (i % 2 ? "\"csat5\":" 1 + i % 5 : "\"csat7\":" 1 + i % 7) ",\"ces7\":" 1 + i % 7) }' >"$work/said"
send <"$work/said"
q='metrics?from=2026-02-02&to=2026-03-01&as_of=2026-03-09T00:00:00Z'
nps='.metrics[id=nps].total'
is "63/26/11 against 55/28/17" "$(get "$q&filter=place=A" | at $nps.n $nps.promoters $nps.detractors $nps.value $nps.previous.value $nps.change.value $nps.verdict.id $nps.enough)" "100 63 11 52 38 14.000000 too_little true"
is "the change's interval" "$(get "$q&filter=place=A" | "$build/flow/json_at" $nps.change.lo $nps.change.hi | awk '{ printf "%+.1f ", $1 }')" "-6.0 +34.0 "
is "benchmark lines" "$(get "$q&filter=place=A" | at '.metrics[id=nps].benchmarks[0].value' '.metrics[id=nps].benchmarks[1].value' '.metrics[id=nps].unit')" "30 50 points"
is "ten scores" "$(get "$q&filter=place=B" | at $nps.value $nps.n $nps.promoters $nps.detractors $nps.enough $nps.lo)" "20 10 5 3 false null"
m=$(get "$q&filter=place=C")
is "five and seven points are never mixed" "$(at '.metrics[id=csat5_satisfied].total.n' '.metrics[id=csat5_satisfied].total.numerator' '.metrics[id=csat5_very].total.numerator' '.metrics[id=csat7_satisfied].total.n' \
    '.metrics[id=csat7_satisfied].total.numerator' '.metrics[id=csat7_very].total.numerator' '.metrics[id=ces7_high].total.numerator' '.metrics[id=ces7_high].better' <<<"$m")" "20 8 4 20 6 3 17 lower"
is "only what was said is listed" "$(at '.metrics[id=nps]' '.metrics[id=emotion_mean]' <<<"$m")" "- -"
is "by place" "$(get "$q&by=place" | at '.metrics[id=nps].cells[group=A].value' '.metrics[id=nps].cells[group=B].value' '.metrics[id=nps].cells.#')" "52 20 2"
is "by week, each against the one before" "$(get "$q&by=week&filter=place=A" | at '.metrics[id=nps].cells.#' '.metrics[id=nps].cells[group=2026-W06].n' '.metrics[id=nps].cells[group=2026-W07].previous.n')" "4 28 28"
is "by segment; segments overlap" "$(get "$q&by=segment" | at '.metrics[id=nps].cells[group=a].value' '.metrics[id=nps].cells[group=a].title.zh' '.metrics[id=nps].cells[group=small].n' '.metrics[id=nps].cells[group=all].n' \
    '.metrics[id=nps].total.n' '.metrics[id=csat5_very].cells[group=small].n')" "52 甲 10 110 110 20"
is "of a segment" "$(get "$q&filter=segment=small" | at .journeys '.metrics[id=nps].total.n') $(get "map?filter=segment=small&filter=segment=a" | at .journeys) $(get "map?filter=segment=small&filter=place=A" | at .journeys)" "50 10 250 0"
is "an unknown segment is refused" "$(get "map?filter=segment=b" | at .error.code) $(get "$q&by=segment&filter=segment=a" | at .error.code)" "TL_EINVAL TL_EINVAL"
get "$q" >"$work/once"
awk 'BEGIN { srand(3) } { print rand() "\t" $0 }' "$work/said" | sort -n | cut -f2- | send
get "$q" >"$work/twice"
sed 's/"events":[0-9]*//' "$work/once" | cmp -s - <(sed 's/"events":[0-9]*//' "$work/twice") || fail "sent again in another order, the metrics are others"
is "a wrong word is refused by name" "$(get 'metrics?by=colour' | at .error.code) $(get 'emotion?by=place' | at .error.code) $(get 'report?week=2026-W60' | at .error.code)" "TL_EINVAL TL_EINVAL TL_EINVAL"

echo "== asked, and answered"
awk 'BEGIN { for (i = 1; i <= 20; i++) { t = (1767571200 + 60 * 86400 + 36000) * 1000; who = "\"ids\":{\"member\":\"q" i "\"},\"channel\":\"app\",\"place\":\"D\""
         printf "{\"id\":\"q%d\",\"type\":\"order.placed\",%s,\"time\":%.0f}\n{\"id\":\"s%d\",\"type\":\"survey.sent\",%s,\"time\":%.0f}\n", i, who, t, i, who, t + 60000
         if (i <= 12) printf "{\"id\":\"r%d\",\"type\":\"survey.response\",%s,\"time\":%.0f,\"scores\":{\"emotion\":%d}}\n", i, who, t + 120000, i % 3 } }' | send
is "of twenty asked twelve answered" "$(get 'emotion?from=2026-03-02&to=2026-03-29&as_of=2026-04-01T00:00:00Z' | at '.curve[touchpoint=order.placed].n' '.curve[touchpoint=order.placed].response.of' \
    '.curve[touchpoint=order.placed].response.n' '.curve[touchpoint=order.placed].response.answered' '.curve[touchpoint=order.placed].response.rate' '.curve[touchpoint=order.placed].mean')" "12 asked 20 12 0.600000 1"

echo "== a week whose journeys have not had their time"
then=$(($(date +%s) - 8 * 86400)) week=$(date -u -d @$(($(date +%s) - 8 * 86400)) +%G-W%V) now=$(date -u +%G-W%V)
for i in 1 2 3; do echo "{\"id\":\"w$i\",\"type\":\"order.placed\",\"ids\":{\"member\":\"w$i\"},\"time\":${then}000}"; done | send
is "is provisional, and not kept" "$(get "report?week=$week" | at .provisional .kept '.report.findings.figures[id=journeys].n' .report.over .report.ripe)" "true null 3 true false"
curl -s "$viewer/report?week=$week&lang=en" | grep -q provisional || fail "the sheet does not say that it is provisional"
is "unless one wants it so" "$(get "report?week=$week&freeze=1" | at .provisional .kept.final) $(get "report?week=$week" | at .kept.final)" "false false false"
is "but not before it is over" "$(get "report?week=$now&freeze=1" | at .error.code)" "TL_EINVAL"

echo "== the demo, against counts made from its events"
export TZ=Asia/Shanghai
end
"$touchline" simulate --seed 155 --data "$work/tea" --until 2026-03-02 >/dev/null 2>"$work/err" || { cat "$work/err"; fail "simulate"; }
"$touchline" export --data "$work/tea" --out "$work/events.ndjson" 2>/dev/null || fail "export"
# touchpoint, ratings, customers, mean of customers' own means; and NPS, satisfaction: of orders placed in weeks 5 to 8
awk '
    function member(name,   at, rest) { at = index($0, "\"" name "\":"); if (!at) return ""; rest = substr($0, at + length(name) + 3); gsub(/^"/, "", rest); sub(/[",}].*/, "", rest); return rest }
    { type = member("type"); order = member("order") }
    type == "order.placed" { day[order] = secs(member("time")) }
    { line[NR] = $0 }
    function secs(t,   s) { s = substr(t, 1, 19); gsub(/[-T:]/, " ", s); return mktime(s) + 28800 }
    END {
        from = mktime("2026 02 02 00 00 00"); to = mktime("2026 03 02 00 00 00")
        for (i = 1; i <= NR; i++) {
            $0 = line[i]; type = member("type"); order = member("order"); channel = member("channel")
            if (!(order in day) || day[order] < from || day[order] >= to || !index($0, "\"scores\":{")) continue
            if (secs(member("time")) >= to) continue
            emotion = member("emotion"); nps = member("nps"); csat = member("csat5"); who = order; sub(/-.*/, "", who)
            if (emotion != "") {
                tp = type == "order.placed" ? "payment" : type == "taste" ? "taste" : type == "complaint.solution" ? "remedy" : channel == "phone" ? "call" : "chat"
                n[tp]++; if (!((tp, who) in of)) { of[tp, who] = 1; c[tp]++ } sum[tp, who] += emotion; times[tp, who]++
            }
            if (nps != "") { np++; p += nps + 0 >= 9; d += nps + 0 <= 6 }
            if (csat != "") { nc++; sat += csat >= 4; very += csat == 5 }
        }
        for (k in sum) { split(k, part, SUBSEP); mean[part[1]] += sum[k] / times[k] / c[part[1]] }
        for (tp in n) printf "%s %d %d %.6f\n", tp, n[tp], c[tp], mean[tp]
        printf "nps %d %d %d\ncsat5 %d %d %d\n", np, p, d, nc, sat, very
    }' "$work/events.ndjson" | sort >"$work/counted"
[ "$(wc -l <"$work/counted")" = 7 ] || { cat "$work/counted"; fail "the events were not counted"; }
ask() { "$touchline" "$@" --data "$work/tea" --journey order --as-of 2026-03-02T00:00:00+08:00 --json; }
ask emotion >"$work/emotion"
ask metrics >"$work/metrics"
{
    for tp in payment taste chat call remedy; do echo "$tp $(at ".curve[touchpoint=$tp].n" ".curve[touchpoint=$tp].customers" <"$work/emotion") $("$build/flow/json_at" ".curve[touchpoint=$tp].mean" <"$work/emotion" | awk '{ printf "%.6f", $1 }')"; done
    echo "nps $(at $nps.n $nps.promoters $nps.detractors <"$work/metrics")"
    echo "csat5 $(at '.metrics[id=csat5_satisfied].total.n' '.metrics[id=csat5_satisfied].total.numerator' '.metrics[id=csat5_very].total.numerator' <"$work/metrics")"
} | sort >"$work/answered"
cmp -s "$work/counted" "$work/answered" || { diff "$work/counted" "$work/answered"; fail "what was said is not what was counted"; }
is "lowest, peak and end" "$(at .lowest.touchpoint .peak.touchpoint .end.touchpoint .lowest.apart <"$work/emotion")" "call taste remedy true"
is "all else is a gap" "$(grep -o '"gap":[a-z]*' "$work/emotion" | sort | uniq -c | tr -s ' \n' ' ')" " 5 \"gap\":false 21 \"gap\":true "
is "in time: what break points count from the other side" "$(at '.metrics[standard=handover_wait].total.n' '.metrics[standard=handover_wait].total.numerator' '.metrics[standard=chat_reply].total.numerator' \
    '.metrics[standard=handover_wait].target' '.metrics[standard=handover_wait].limit_ms' <"$work/metrics")" "6521 5905 734 0.950000 480000"
is "one who waits on is counted, and hides no quantile" "$(at '.metrics[standard=good_remedy].total.times.p90.over' '.metrics[standard=good_remedy].total.times.p50.over' <"$work/metrics")" "true false"
if grep -qi 'nan\|inf[^o]' <<<"$(grep -o '":[^"{\[]*' "$work/metrics" "$work/emotion")"; then fail "a number is none"; fi
for words in LANG=zh_CN.UTF-8:最低 LANG=C.UTF-8:lowest; do
    env -u LC_ALL "${words%%:*}" "$touchline" emotion --data "$work/tea" --journey order --as-of 2026-03-02T00:00:00+08:00 | grep -q "${words#*:}" || fail "the curve in words: $words"
done

echo "== the weekly report, kept as it was made"
begin "$work/tea" Asia/Shanghai
get 'report?week=2026-W08' >"$work/first"
is "of the week that its journeys have had their time for" "$(at .week .provisional .kept.final .report.journey .report.from .report.to .report.as_of <"$work/first")" "2026-W08 false true order 2026-02-16 2026-02-22 1772035200000"
is "its figures" "$(at '.report.findings.figures[id=journeys].n' '.report.findings.figures[id=within].n' '.report.findings.figures[id=within].hits' '.report.findings.breaks.unhappy[id=handover_wait].hits' \
    '.report.findings.breaks.unhappy[id=handover_wait].places[place=S07].hits' '.report.work.open[cell=order:handover_wait/handover].weeks' <"$work/first")" "2229 1669 1501 168 80 7"
is "what is being done, and whether it worked" "$(get 'report?week=2026-W09' | at '.report.work.improvements[id=I1].verdict.id' '.report.work.improvements[id=I2].verdict.id' '.report.findings.moments.list[touchpoint=handover].side')" "works no_effect bad"
rm "$store/reports/order.2026-W09.json" || fail "that week is not kept"
[ -s "$store/reports/order.2026-W08.json" ] || fail "it is not kept beside the store"
for lang in zh en; do curl -s "$viewer/report?week=2026-W08&lang=$lang" >"$work/sheet.$lang"; done
grep -q '2026-02-26 00:00' "$work/sheet.zh" && grep -q "$(at .report.catalogue <"$work/first" | cut -c 1-8)" "$work/sheet.zh" || fail "the sheet names neither as_of nor catalogue"
curl -sI "$viewer/report?week=2026-W08" | grep -qi "content-security-policy: default-src 'self'" || fail "no content policy"
printf '{"id":"late","type":"order.placed","ids":{"member":"u99999"},"order":"late-1","channel":"app","place":"S07","time":"2026-02-18T04:00:00Z"}\n{"id":"later","type":"order.fulfilled","ids":{"member":"u99999"},"order":"late-1","channel":"store","place":"S07","time":"2026-02-18T05:00:00Z"}\n' | send
get 'report?week=2026-W08' >"$work/again"
is "data have changed since" "$(at .changed .kept.hash <"$work/again")" "true $(at .kept.hash <"$work/first")"
cmp -s <(sed 's/.*"report"://' "$work/first") <(sed 's/.*"report"://' "$work/again") || fail "the report itself has changed"
curl -s "$viewer/report?week=2026-W08&lang=zh" >"$work/sheet.again"
grep -q '冻结之后数据或规则有变动' "$work/sheet.again" || fail "the sheet does not say that data have changed"
sed 's|<p class="note">[^<]*</p>||' "$work/sheet.again" | cmp -s - "$work/sheet.zh" || fail "the sheet is another one"
is "a question of its own is answered and not kept" "$(get 'report?week=2026-W08&filter=place=S07' | at .kept .report.findings.figures[id=within].n) $(ls "$store/reports" | wc -l)" "null 189 1"
is "a week without journeys is not kept" "$(get 'report?week=2020-W10' | at .kept .provisional) $(ls "$store/reports" | wc -l)" "null false 1"
is "a page elsewhere has nothing kept" "$(curl -s -H 'Sec-Fetch-Site: cross-site' "$viewer/api/report?week=2026-W09&freeze=1" | at .error.code) $(get 'report?week=2026-W08&freeze=1&filter=place=S07' | at .error.code)" "TL_EDENIED TL_EINVAL"
"$touchline" report --data "$store" --week 2026-W08 --lang en --out "$work/wall.html" || fail "report --out"
grep -q '<style>' "$work/wall.html" && ! grep -qE 'href="/report|<nav' "$work/wall.html" || fail "the file does not stand alone"
"$touchline" report --data "$store" --week 2026-W08 | grep -q 'Data or rules have changed' || fail "touchline report does not say that data have changed"
"$touchline" backup "$work/copy" --data "$store" >/dev/null 2>&1 && cmp -s "$store/reports/order.2026-W08.json" "$work/copy/reports/order.2026-W08.json" || fail "a backup leaves reports out"
echo x >>"$store/reports/order.2026-W08.json"
is "a damaged one is told" "$(get 'report?week=2026-W08' | at .error.code)" "TL_ECORRUPT"
[ $failed = 0 ] && echo "voice: said, counted, kept"
exit $failed
