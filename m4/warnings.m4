# TLSLOOP_WARNINGS
# The warnings we write under, as far as this compiler knows them, in
# TLSLOOP_CFLAGS. --enable-werror makes them errors.
AC_DEFUN([TLSLOOP_WARNINGS], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors])],
    [], [enable_werror=no])

  TLSLOOP_ADD_CFLAGS([TLSLOOP_CFLAGS], [
    -Wall
    -Wextra
    -Wpedantic
    -Walloca
    -Wcast-align
    -Wcast-qual
    -Wconversion
    -Wno-sign-conversion
    -Wdate-time
    -Wdouble-promotion
    -Wduplicated-cond
    -Wformat=2
    -Wimplicit-fallthrough
    -Wlogical-op
    -Wmissing-declarations
    -Wmissing-prototypes
    -Wnull-dereference
    -Wold-style-definition
    -Wpointer-arith
    -Wredundant-decls
    -Wshadow
    -Wstrict-prototypes
    -Wundef
    -Wunreachable-code
    -Wvla
    -Wwrite-strings
  ])
  AS_IF([test "$enable_werror" = yes],
    [TLSLOOP_ADD_CFLAGS([TLSLOOP_CFLAGS], [-Werror])])
])
