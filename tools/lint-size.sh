#!/bin/sh
# No file is longer than 450 lines and no function longer than 60. What wants
# more is a concept that has no file or function of its own yet.
set -eu
cd "$(dirname "$0")/.."

# On formatted code: a function begins at the last line that started in the
# first column before ") {", and ends at a brace in the first column.
sh tools/sources.sh | xargs awk '
  function fault(at, what, lines) {
    print at ": " what " of " lines " lines"
    faults++
  }
  function close_file() {
    if (lines > 450) fault(file, "a file", lines)
  }

  FNR == 1 {
    if (NR > 1) close_file()
    file = FILENAME
    first = body = 0
  }
  { lines = FNR }

  /^[A-Za-z_]/ && !body { first = FNR }
  /\) \{$/ && first && !body { body = first }
  /^\}/ {
    if (body && FNR - body + 1 > 60)
      fault(FILENAME ":" body, "a function", FNR - body + 1)
    first = body = 0
  }

  END {
    close_file()
    exit faults > 0
  }
'
