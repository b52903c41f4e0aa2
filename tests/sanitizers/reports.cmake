# Empties the folder of sanitizers' reports (BEGIN), or shows what is in it and
# fails when that is anything.
if(BEGIN)
  file(REMOVE_RECURSE ${REPORTS})
  file(MAKE_DIRECTORY ${REPORTS})
  return()
endif()

file(GLOB files ${REPORTS}/*)
set(count 0)
foreach(report ${files})
  file(READ ${report} text)
  # Says only that a hang-up ended the symbolizer before the process that it
  # works for, as when a test closes a terminal.
  string(REGEX REPLACE
         "==[0-9]+==WARNING: (Can't read from symbolizer at fd [0-9]+|Failed to use and restart external symbolizer!)"
         "" rest "${text}")
  string(STRIP "${rest}" rest)
  if(NOT rest STREQUAL "")
    message("${report}:\n${text}")
    math(EXPR count "${count} + 1")
  endif()
endforeach()
if(count)
  message(FATAL_ERROR "${count} reports of sanitizers")
endif()
