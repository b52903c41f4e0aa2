# One library a folder, named after it: tutti_library(common_base ...) in
# common/base.

# tutti_library(NAME SOURCES file... [DEPS target...] [PCH base|grpc|cli|test])
function(tutti_library name)
  cmake_parse_arguments(arg "" "PCH" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${arg_DEPS})
  tutti_precompiled_header(${name} "${arg_PCH}")
endfunction()

# tutti_program(NAME SOURCES file... [DEPS target...] [STATIC] [PCH header])
function(tutti_program name)
  cmake_parse_arguments(arg "STATIC" "PCH" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  if(arg_STATIC)
    set_target_properties(${name} PROPERTIES TUTTI_STATIC ON)
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
  tutti_precompiled_header(${name} "${arg_PCH}")
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
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests
    UNITY_BUILD OFF)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES
    TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
    ENVIRONMENT "${TUTTI_TEST_ENVIRONMENT}"
    FIXTURES_REQUIRED "${TUTTI_TEST_FIXTURES}"
    COST ${arg_TIMEOUT})
  tutti_precompiled_header(${name} test)
endfunction()

# Precompiled headers, each compiled once, by the library that owns it, and
# shared by all that name it: `base` is what nearly every file needs, `grpc`
# adds gRPC and the services, `cli` the command line, `test` GoogleTest.
function(tutti_precompiled_header name choice)
  set(owner_base common_base)
  set(owner_grpc common_transport)
  set(owner_cli controller_cli)
  set(owner_test tests_support)
  if(NOT choice)
    set(choice base)
  endif()
  if(NOT choice STREQUAL "none" AND NOT name STREQUAL owner_${choice})
    target_precompile_headers(${name} REUSE_FROM ${owner_${choice}})
  endif()
endfunction()

set(TUTTI_BASE_HEADERS
    <algorithm> <chrono> <cstdint> <functional> <map> <memory> <optional>
    <string> <string_view> <unordered_map> <utility> <vector>
    <fmt/format.h>
    <absl/functional/any_invocable.h> <absl/status/status.h>
    <absl/status/statusor.h> <absl/time/time.h>
    <google/protobuf/message.h> <google/protobuf/timestamp.pb.h>)
