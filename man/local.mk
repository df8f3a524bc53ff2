# Manual pages.

dist_man_MANS = man/tlsloop.7
