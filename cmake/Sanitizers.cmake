# -fsanitize=${TUTTI_SANITIZE}. Reports of every process that a test starts go
# to one folder; CTest's last test fails when it is not empty, so that what a
# daemon said before the test ended it is not lost.

if(NOT TUTTI_SANITIZE)
  return()
endif()

add_compile_options(-fsanitize=${TUTTI_SANITIZE} -fno-sanitize-recover=all)
add_link_options(-fsanitize=${TUTTI_SANITIZE})
if(TUTTI_SANITIZE MATCHES "undefined")
  # This check opens a pipe to see whether memory can be read, and so reports
  # every object once descriptors have run out, which a test does on purpose.
  add_compile_options(-fno-sanitize=vptr)
endif()

set(reports ${CMAKE_BINARY_DIR}/sanitizer-reports)
set(suppressions ${CMAKE_SOURCE_DIR}/tests/sanitizers)
set(TUTTI_TEST_ENVIRONMENT
  "ASAN_OPTIONS=log_path=${reports}/asan:detect_stack_use_after_return=1"
  "LSAN_OPTIONS=suppressions=${suppressions}/leaks.supp:print_suppressions=0"
  "UBSAN_OPTIONS=log_path=${reports}/ubsan:print_stacktrace=1"
  "TSAN_OPTIONS=log_path=${reports}/tsan:suppressions=${suppressions}/threads.supp:second_deadlock_stack=1")

add_test(NAME sanitizer_reports_begin
  COMMAND ${CMAKE_COMMAND} -DREPORTS=${reports} -DBEGIN=ON
          -P ${CMAKE_SOURCE_DIR}/tests/sanitizers/reports.cmake)
add_test(NAME sanitizer_reports
  COMMAND ${CMAKE_COMMAND} -DREPORTS=${reports}
          -P ${CMAKE_SOURCE_DIR}/tests/sanitizers/reports.cmake)
set_tests_properties(sanitizer_reports_begin PROPERTIES
                     FIXTURES_SETUP sanitizer_reports)
set_tests_properties(sanitizer_reports PROPERTIES
                     FIXTURES_CLEANUP sanitizer_reports)
set(TUTTI_TEST_FIXTURES sanitizer_reports)
