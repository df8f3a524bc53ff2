#!/bin/sh
# Every declaration in the public headers has its contract right before it: a
# comment that names each |parameter|, says "Since:" and, when there is
# something to return, "Returns:".
set -eu
cd "$(dirname "$0")/.."

awk '
  function fault(why) {
    print at ": " why
    faults++
  }

  function check(code,    i, n, params, name) {
    if (comment == "") {
      fault("no comment right before it")
      return
    }
    if (comment !~ /Since: [0-9]/) fault("its comment has no Since:")
    if (code ~ /^typedef/ && code !~ /\(\*/) return

    # The rest is for functions and types of callbacks.
    if (code !~ /^(TLSLOOP_EXTERN|typedef) void [(t]/ && comment !~ /Returns:/)
      fault("its comment has no Returns:")

    params = code
    sub(/^[^(]*\((\*[a-z0-9_]+\) *\()?/, "", params)
    sub(/\);$/, "", params)
    if (params == "void") return
    if (params ~ /\(/) fault("the callback it takes has no type of its own")
    n = split(params, list, ",")
    for (i = 1; i <= n; i++) {
      name = list[i]
      sub(/\[[^]]*\]$/, "", name)
      sub(/.*[^a-z0-9_]/, "", name)
      if (index(comment, "|" name "|") == 0)
        fault("its comment does not tell of |" name "|")
    }
  }

  FNR == 1 {
    comment = ""
    inside = 0
  }
  /^\/\*/ && !inside {
    comment = ""
    open = 1
  }
  open {
    comment = comment " " $0
    at = FILENAME ":" FNR
    if (/[^ *] (Returns|Errors|Owns|From callbacks|Since): /)
      fault("a line of the contract does not begin on a line of its own")
    if (/\*\//) open = 0
    next
  }

  /^(TLSLOOP_EXTERN|typedef) / && !inside {
    at = FILENAME ":" FNR
    declarations++
    code = ""
    inside = 1
  }
  inside {
    sub(/^ +/, "")
    code = code (code == "" ? "" : " ") $0
    # A struct or enum ends with the brace in the first column.
    if (code ~ /\{/ ? /^\}.*;/ : /;/) {
      check(code)
      comment = ""
      inside = 0
    }
    next
  }
  { comment = "" }

  END {
    print declarations " declarations, " faults + 0 " faults"
    exit faults > 0 || declarations == 0
  }
' include/*.h include/tlsloop/*.h
