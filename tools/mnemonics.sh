#!/bin/sh
# Writes the C tables of the names in OpenSSL's headers, which OpenSSL itself
# cannot tell at run time; src/engine/mnemonics.h says what is in them.
#   mnemonics.sh CC [CPPFLAGS...] > mnemonics.c
#   mnemonics.sh --macros CC [CPPFLAGS...] > openssl-macros.h
# The second is for tests: it calls REASON(lib, name) and VERIFY(name) for each
# macro, so that the compiler can say what that is worth, or includes their
# headers when HEADERS is defined.
set -eu
LC_ALL=C
export LC_ALL

output=tables
if [ "$1" = --macros ]; then
  output=calls
  shift
fi

# The preprocessor knows where the headers are, and only it knows which of
# their lines count.
folder=$(echo '#include <openssl/err.h>' | "$@" -E - |
  sed -n 's|^# [0-9]* "\(.*\)/err\.h".*|\1|p' | sed 1q)
if [ -z "$folder" ]; then
  echo "mnemonics: $* does not find <openssl/err.h>" >&2
  exit 1
fi

headers() {
  echo '#include <openssl/x509_vfy.h>'
  for header in "$folder"/*err.h; do
    echo "#include <openssl/$(basename "$header")>"
  done
}

macros() {
  headers | "$@" -E -dM -
}

# "E key NAME" for a library (reason 0), a reason of a library, and a reason
# of all libraries (library 0); "V code NAME" for a verification result.
entries() {
  awk '
    $1 != "#define" { next }
    { value = $0; sub(/^#define [^ ]+ \(?/, "", value) }

    # NONE is no library; USER is where the unnamed ones begin.
    $2 ~ /^ERR_LIB_/ && $3 ~ /^[0-9]+$/ && $2 !~ /_(NONE|USER)$/ {
      libraries[substr($2, 9)] = $3
      next
    }
    # "PEM lib" and its like say where the error came from, not what it was.
    $2 ~ /^ERR_R_/ && $2 !~ /_LIB$/ && value ~ /^[0-9]+ *\| *ERR_R/ {
      print "E", value + 0, substr($2, 7)
    }
    $2 ~ /^X509_V_ERR_/ && $3 ~ /^[0-9]+$/ { print "V", $3, substr($2, 12) }
    $2 ~ /^[A-Z0-9_]+_R_/ && $3 ~ /^[0-9]+$/ && $3 > 0 { reasons[$2] = $3 }

    END {
      for (name in libraries)
        print "E", libraries[name] * 8388608, name
      for (macro in reasons) {
        at = index(macro, "_R_")
        library = substr(macro, 1, at - 1)
        if (library in libraries)
          printf "E %d %s\n", libraries[library] * 8388608 + reasons[macro],
            substr(macro, at + 3)
      }
    }
  ' | sort -k 1,1 -k 2,2n -k 3,3
}

tables() {
  awk '
    # Where |text| lies in the pool, which has every text once.
    function offset(text) {
      if (!(text in place)) {
        place[text] = size
        size += length(text) + 1
        pool = pool "    \"" text "\\0\"\n"
      }
      return place[text]
    }

    $1 == "E" && !($2 in seen) {
      seen[$2] = 1
      rows = rows sprintf("    {%d, %d},\n", $2, offset($3))
      count++
    }
    $1 == "V" && !($2 in verify) { verify[$2] = $3; verdicts++ }

    END {
      if (count < 1000 || verdicts < 50) {
        print "mnemonics: the headers have too few names" > "/dev/stderr"
        exit 1
      }
      for (n = 0; n <= 999; n++) {
        name = n in verify ? verify[n] : n
        codes = codes sprintf("    %d,\n", offset("TLSLOOP_EVERIFY(" name ")"))
      }

      print "/* Made by tools/mnemonics.sh from the headers of OpenSSL. */\n"
      print "#include \"engine/mnemonics.h\"\n"
      print "const tlsloop__mnemonic_t tlsloop__mnemonics[] = {"
      print rows "};\n"
      print "const size_t tlsloop__mnemonics_len = " count ";\n"
      print "const uint32_t tlsloop__verify_names[1000] = {"
      print codes "};\n"
      print "/* More than the 4095 bytes that C promises. */"
      print "#pragma GCC diagnostic ignored \"-Woverlength-strings\""
      print "const char tlsloop__mnemonic_texts[] ="
      printf "%s    \"\";\n", pool
    }
  '
}

calls() {
  echo '#ifdef HEADERS'
  headers
  echo '#else'
  awk '
    $1 != "#define" || NF != 3 || $3 !~ /^[1-9][0-9]*$/ { next }
    $2 ~ /^X509_V_ERR_/ { print "VERIFY(" substr($2, 12) ")"; next }
    sub(/_R_/, ", ", $2) { print "REASON(" $2 ")" }
  '
  echo '#endif'
}

if [ "$output" = calls ]; then
  macros "$@" | calls
else
  macros "$@" | entries | tables
fi
