# TLSLOOP_LINKER
# What the shared library asks of the linker, in TLSLOOP_LDFLAGS, and whether
# it can be given a version script.
AC_DEFUN([TLSLOOP_LINKER], [
  # OpenSSL keeps what is registered with it, such as the callbacks of ex_data,
  # until the process ends; so must the library stay.
  TLSLOOP_ADD_LDFLAG([TLSLOOP_LDFLAGS], [-Wl,-z,nodelete])

  AC_CACHE_CHECK([whether the linker takes a version script],
    [tlsloop_cv_version_script], [
    echo "TLSLOOP_TEST { global: main; local: *; };" >conftest.map
    tlsloop_saved_LDFLAGS=$LDFLAGS
    LDFLAGS="$LDFLAGS -Wl,--version-script=conftest.map"
    AC_LINK_IFELSE([AC_LANG_PROGRAM],
      [tlsloop_cv_version_script=yes], [tlsloop_cv_version_script=no])
    LDFLAGS=$tlsloop_saved_LDFLAGS
    rm -f conftest.map
  ])
  AM_CONDITIONAL([HAVE_VERSION_SCRIPT],
    [test "$tlsloop_cv_version_script" = yes])
])
