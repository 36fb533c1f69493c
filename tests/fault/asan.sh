#!/usr/bin/env bash
# asan.sh BUILD [FLOW...] - the real programs under ASan and UBSan through the flow tests (all, or those named). What a sanitizer says of any program, also
# of one that a test does not wait for, goes to a file beside BUILD and fails this stage. Leaks are looked for in the unit tests, not here: the programs end
# without giving back what they hold. Left out are tests of memory use and rates, which a sanitizer changes.
set -u
cd "$(dirname "$0")/../.."
build=$PWD/$1
shift
said=$build/said
rm -rf "$said"
mkdir -p "$said"
left_out=" t_abuse t_kill t_kill_curve t_partition t_restart t_watch "
failed=0
[ $# -gt 0 ] || set -- $(cd tests/flow && ls t_*.sh)
for t in "$@"; do
    name=$(basename "$t" .sh)
    case $left_out in *" $name "*) continue ;; esac
    began=$SECONDS rc=0
    # what UBSan says goes to stderr whatever it is told: it aborts instead, and ASan says of that where it was
    ASAN_OPTIONS=detect_leaks=0:handle_abort=1:log_path=$said/$name UBSAN_OPTIONS=print_stacktrace=1:abort_on_error=1:log_path=$said/$name bash "tests/flow/$name.sh" "$build" >"$said/output" 2>&1 || rc=$?
    printf '%-24s %4d s  %s\n' "$name" $((SECONDS - began)) "$([ $rc = 0 ] && echo ok || { [ $rc = 77 ] && echo skipped || echo FAILED; })"
    [ $rc = 0 ] || [ $rc = 77 ] || { failed=1; tail -n 20 "$said/output" | sed 's/^/    | /'; }
    for f in "$said/$name".*; do
        [ -e "$f" ] || continue
        failed=1
        head -n 30 "$f" | sed 's/^/    | /'
    done
done
exit $failed
