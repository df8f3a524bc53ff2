# TLSLOOP_INSTRUMENTATION
# Builds that watch the code run: sanitizers, coverage and fuzzers. Their flags
# join TLSLOOP_CFLAGS, which automake passes to the linker as well.
AC_DEFUN([TLSLOOP_INSTRUMENTATION], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers=LIST],
      [build with these sanitizers: address,undefined or thread])],
    [], [enable_sanitizers=no])
  AC_ARG_ENABLE([coverage],
    [AS_HELP_STRING([--enable-coverage], [build for gcov])],
    [], [enable_coverage=no])
  AC_ARG_ENABLE([fuzzers],
    [AS_HELP_STRING([--enable-fuzzers],
      [build the libFuzzer programs in fuzz/ (clang)])],
    [], [enable_fuzzers=no])

  AS_CASE([$enable_sanitizers],
    [no], [],
    [yes], [AC_MSG_ERROR([say which: --enable-sanitizers=address,undefined])],
    [_TLSLOOP_INSTRUMENT([-fsanitize=$enable_sanitizers],
       [-fno-sanitize-recover=all -fno-omit-frame-pointer])])
  AS_IF([test "$enable_coverage" = yes],
    [_TLSLOOP_INSTRUMENT([--coverage], [-O0])])
  AS_IF([test "$enable_fuzzers" = yes],
    [_TLSLOOP_INSTRUMENT([-fsanitize=fuzzer-no-link], [])])
  AM_CONDITIONAL([ENABLE_FUZZERS], [test "$enable_fuzzers" = yes])
])

# _TLSLOOP_INSTRUMENT(FLAG, COMPANIONS)
# Unlike a warning, an instrumentation that was asked for must be there.
AC_DEFUN([_TLSLOOP_INSTRUMENT], [
  AC_MSG_CHECKING([whether programs build with $1])
  tlsloop_saved_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS $1 $2"
  AC_LINK_IFELSE([AC_LANG_PROGRAM],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([$CC cannot build with $1])])
  CFLAGS=$tlsloop_saved_CFLAGS
  AS_VAR_APPEND([TLSLOOP_CFLAGS], [" $1 $2"])
])
