# Prints C code without its comments, line for line, so that a line keeps its
# number. Strings are copied: "/*" in one opens no comment.
{
  out = ""
  for (i = 1; i <= length($0); i++) {
    c = substr($0, i, 1)
    two = substr($0, i, 2)
    if (comment) {
      if (two == "*/") {
        comment = 0
        i++
      }
    } else if (two == "/*") {
      comment = 1
      out = out " "
      i++
    } else if (two == "//") {
      break
    } else if (c == "\"" || c == "'") {
      start = i
      for (i++; i <= length($0) && substr($0, i, 1) != c; i++)
        if (substr($0, i, 1) == "\\") i++
      out = out substr($0, start, i - start + 1)
    } else {
      out = out c
    }
  }
  print out
}
