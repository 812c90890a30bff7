# E164D_CFLAGS(FLAGS): add those that the compiler takes to AM_CFLAGS.
AC_DEFUN([E164D_CFLAGS], [
for flag in $1; do
  AS_VAR_PUSHDEF([known], [e164d_cv_cflag_$flag])
  AC_CACHE_CHECK([whether $CC takes $flag], [known], [
    save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $flag"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([])], [AS_VAR_SET([known], [yes])],
      [AS_VAR_SET([known], [no])])
    CFLAGS=$save_CFLAGS])
  AS_VAR_IF([known], [yes], [AM_CFLAGS="$AM_CFLAGS $flag"])
  AS_VAR_POPDEF([known])
done
])

# E164D_LDFLAGS(FLAGS): add those that the linker takes to AM_LDFLAGS.
AC_DEFUN([E164D_LDFLAGS], [
for flag in $1; do
  AS_VAR_PUSHDEF([known], [e164d_cv_ldflag_$flag])
  AC_CACHE_CHECK([whether the linker takes $flag], [known], [
    save_LDFLAGS=$LDFLAGS
    LDFLAGS="$LDFLAGS $flag"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([])], [AS_VAR_SET([known], [yes])],
      [AS_VAR_SET([known], [no])])
    LDFLAGS=$save_LDFLAGS])
  AS_VAR_IF([known], [yes], [AM_LDFLAGS="$AM_LDFLAGS $flag"])
  AS_VAR_POPDEF([known])
done
])

# E164D_C_STANDARD: -std=gnu17 or gnu11 (GNU names hidden behind base/).
AC_DEFUN([E164D_C_STANDARD], [E164D_CFLAGS([-std=c17])
AS_CASE(["$AM_CFLAGS"], [*-std=c17*], [], [E164D_CFLAGS([-std=c11])])])
