# Empties the folder of sanitizers' reports (BEGIN), or shows what is in it and
# fails when that is anything.
if(BEGIN)
  file(REMOVE_RECURSE ${REPORTS})
  file(MAKE_DIRECTORY ${REPORTS})
  return()
endif()

file(GLOB found ${REPORTS}/*)
foreach(report ${found})
  file(READ ${report} text)
  message("${report}:\n${text}")
endforeach()
if(found)
  list(LENGTH found count)
  message(FATAL_ERROR "${count} reports of sanitizers")
endif()
