#!/bin/sh
# Lists our C files, one a line, below the current folder: the lints and
# ./dev format read this.
find include src tests samples bench fuzz -name '*.[ch]' 2>/dev/null | sort
