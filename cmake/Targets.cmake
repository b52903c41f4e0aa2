# One library a folder, named after it: tutti_library(common_base ...) in
# common/base.

# tutti_library(NAME SOURCES file... [DEPS target...] [PCH base|none])
function(tutti_library name)
  cmake_parse_arguments(arg "" "PCH" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${arg_DEPS})
  tutti_precompiled_header(${name} "${arg_PCH}")
endfunction()

# tutti_program(NAME SOURCES file... [DEPS target...] [STATIC])
function(tutti_program name)
  cmake_parse_arguments(arg "STATIC" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  if(arg_STATIC)
    set_target_properties(${name} PROPERTIES TUTTI_STATIC ON)
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
  tutti_precompiled_header(${name} "")
endfunction()

# tutti_test(NAME SOURCES file... [DEPS target...] [LABELS label...])
# A GoogleTest program; CTest runs it as one test.
function(tutti_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} tests_support
                        GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES
    TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
    ENVIRONMENT "${TUTTI_TEST_ENVIRONMENT}")
  tutti_precompiled_header(${name} "")
endfunction()

function(tutti_precompiled_header name choice)
  if(choice STREQUAL "none" OR name STREQUAL "common_base")
    return()
  endif()
  target_precompile_headers(${name} REUSE_FROM common_base)
endfunction()
