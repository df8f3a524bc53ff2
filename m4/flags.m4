# TLSLOOP_ADD_CFLAGS(VARIABLE, FLAGS)
# Appends to VARIABLE each of FLAGS that the compiler takes without a warning.
# The user's CFLAGS stay as they are.
AC_DEFUN([TLSLOOP_ADD_CFLAGS], [
  m4_foreach_w([tlsloop_flag], [$2],
    [_TLSLOOP_ADD_CFLAG([$1], m4_defn([tlsloop_flag]))])
  AC_SUBST([$1])
])

AC_DEFUN([_TLSLOOP_ADD_CFLAG], [
  AS_VAR_PUSHDEF([tlsloop_cache], [tlsloop_cv_cflag_$2])
  AC_CACHE_CHECK([whether $CC takes $2], [tlsloop_cache], [
    tlsloop_saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM],
      [AS_VAR_SET([tlsloop_cache], [yes])],
      [AS_VAR_SET([tlsloop_cache], [no])])
    CFLAGS=$tlsloop_saved_CFLAGS
  ])
  AS_VAR_IF([tlsloop_cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
  AS_VAR_POPDEF([tlsloop_cache])
])

# TLSLOOP_ADD_LDFLAG(VARIABLE, FLAG)
# Appends FLAG to VARIABLE when a program links with it.
AC_DEFUN([TLSLOOP_ADD_LDFLAG], [
  AS_VAR_PUSHDEF([tlsloop_cache], [tlsloop_cv_ldflag_$2])
  AC_CACHE_CHECK([whether the linker takes $2], [tlsloop_cache], [
    tlsloop_saved_LDFLAGS=$LDFLAGS
    LDFLAGS="$LDFLAGS $2"
    AC_LINK_IFELSE([AC_LANG_PROGRAM],
      [AS_VAR_SET([tlsloop_cache], [yes])],
      [AS_VAR_SET([tlsloop_cache], [no])])
    LDFLAGS=$tlsloop_saved_LDFLAGS
  ])
  AS_VAR_IF([tlsloop_cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
  AS_VAR_POPDEF([tlsloop_cache])
  AC_SUBST([$1])
])
