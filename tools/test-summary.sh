#!/bin/sh
# Adds up what the tests of `make check` said. The arguments are their .log
# files; automake keeps the verdict next to each in a .trs file.
#
# A test program counts as many as its Check tests, a script as many as it says
# in lines like our own, anything else as one. Ends with the one line
#   N passed, N failed
# and fails when a test failed, did not run, or none passed.
set -eu

passed=0
failed=0

for log; do
  trs=${log%.log}.trs
  verdict=
  [ ! -f "$trs" ] ||
    verdict=$(sed -n 's/^:global-test-result: //p' "$trs")

  counts='0 0'
  [ ! -f "$log" ] || counts=$(awk '
    /^[0-9]+%: Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+/ {
      gsub(/[^0-9]+/, " ")
      bad += $3 + $4
      good += $2 - $3 - $4
    }
    /^[0-9]+ passed, [0-9]+ failed$/ {
      good += $1
      bad += $3
    }
    END { print good + 0, bad + 0 }' "$log")
  good=${counts% *}
  bad=${counts#* }

  case $verdict in
    PASS | XFAIL)
      [ "$((good + bad))" -gt 0 ] || good=1
      ;;
    SKIP)
      echo "skipped: ${log%.log}"
      continue
      ;;
    *)
      # It may have crashed after all that it counted had passed.
      [ "$bad" -gt 0 ] || bad=1
      ;;
  esac
  passed=$((passed + good))
  failed=$((failed + bad))
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
