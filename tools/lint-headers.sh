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

  # What stands between the last parentheses, when the code has any.
  function parameters(code) {
    if (code ~ /\{/ || code !~ /\)[^)]*;/) return ""
    sub(/\)[^)]*;.*/, "", code)
    sub(/.*\(/, "", code)
    return code == "void" ? "" : code
  }

  function check(code,    i, n, name, params, result) {
    if (comment == "") {
      fault("no comment right before it")
      return
    }
    if (comment !~ /Since: [0-9]/) fault("its comment has no Since:")

    result = code
    if (code ~ /^typedef/ && code !~ /\(\*/) return
    sub(/^(TLSLOOP_EXTERN|typedef) /, "", result)
    sub(/ *(\(\*|tlsloop_[a-z0-9_]+\().*/, "", result)
    if (result != "void" && comment !~ /Returns:/)
      fault("its comment has no Returns:")

    params = parameters(code)
    n = split(params, list, ",")
    for (i = 1; i <= n; i++) {
      name = list[i]
      gsub(/\[[^]]*\]/, "", name)
      sub(/.*[^a-z0-9_]/, "", name)
      if (name != "" && index(comment, "|" name "|") == 0)
        fault("its comment does not tell of |" name "|")
    }
  }

  FNR == 1 { comment = code = "" }
  /^\/\*/ && code == "" { comment = ""; open = 1 }
  open { comment = comment " " $0; if (/\*\//) open = 0; next }

  code == "" && /^(TLSLOOP_EXTERN|typedef) / {
    at = FILENAME ":" FNR
    declarations++
    code = " "
  }
  code != "" {
    sub(/^ +/, "")
    code = code == " " ? $0 : code " " $0
    # A struct or enum ends with the brace in the first column.
    if (code ~ /\{/ ? /^\}.*;/ : /;/) {
      check(code)
      comment = code = ""
    }
    next
  }
  { comment = "" }

  END {
    print declarations " declarations, " faults + 0 " faults"
    exit faults > 0 || declarations == 0
  }
' include/*.h include/tlsloop/*.h
