#!/bin/sh
# Calls a compiler through ccache: compile.sh CCACHE COMPILER ARGUMENT...
#
# A precompiled header is compiled with an -include of the very header that it
# stands for. Where an older one lies beside it, g++ and ccache would take that
# for what is to be compiled; so it goes first.
previous=
is_header=
for argument; do
  case $previous in
    -x) [ "$argument" = c++-header ] && is_header=yes ;;
    -o) [ -z "$is_header" ] || rm -f "$argument" ;;
  esac
  previous=$argument
done
# The time stamps of what it includes are no part of what it means.
CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
export CCACHE_SLOPPINESS
exec "$@"
