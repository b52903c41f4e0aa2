# The libraries Tutti stands on, all from Debian 12. Our own libraries are
# compiled once; whether Debian's shared libraries or archives are linked is
# decided by the program, through its property TUTTI_STATIC.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_program(PROTOC protoc REQUIRED)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

# tutti_dependency(NAME SHARED lib... ARCHIVES lib... )
function(tutti_dependency name)
  cmake_parse_arguments(arg "" "" "SHARED;ARCHIVES" ${ARGN})
  add_library(${name} INTERFACE)
  string(JOIN "$<COMMA>" group "-Wl" "--start-group" "-Bstatic"
         ${arg_ARCHIVES} "-Bdynamic" "--end-group")
  target_link_libraries(${name} INTERFACE
    "$<IF:$<BOOL:$<TARGET_PROPERTY:TUTTI_STATIC>>,${group},${arg_SHARED}>"
    Threads::Threads)
endfunction()

# Names of the libraries that pkg-config gives, each once.
function(tutti_pkg_libraries result)
  execute_process(COMMAND ${PKG_CONFIG_EXECUTABLE} --static --libs-only-l
                          ${ARGN}
                  OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE
                  COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  list(FILTER flags INCLUDE REGEX "^-l")
  list(REMOVE_DUPLICATES flags)
  list(FILTER flags EXCLUDE REGEX "^-l(dl|rt|m|pthread|atomic)$")
  set(${result} ${flags} PARENT_SCOPE)
endfunction()

set(absl_modules absl_status absl_statusor absl_time absl_any_invocable
    absl_cleanup absl_core_headers absl_flat_hash_map absl_flat_hash_set
    absl_hash absl_strings absl_cord absl_synchronization)
tutti_pkg_libraries(absl_libraries ${absl_modules})
tutti_pkg_libraries(grpc_libraries grpc++)

tutti_dependency(dependency_absl
                 SHARED ${absl_libraries} ARCHIVES ${absl_libraries})
tutti_dependency(dependency_protobuf
                 SHARED -lprotobuf ARCHIVES -lprotobuf -lz)
tutti_dependency(dependency_crypto SHARED -lcrypto ARCHIVES -lcrypto)
tutti_dependency(dependency_ssl SHARED -lssl -lcrypto ARCHIVES -lssl -lcrypto)
tutti_dependency(dependency_grpc
                 SHARED -lgrpc++ -lgrpc -lgpr ${absl_libraries}
                 ARCHIVES ${grpc_libraries} -lprotobuf)
tutti_dependency(dependency_grpc_reflection
                 SHARED -lgrpc++_reflection ARCHIVES -lgrpc++_reflection)
tutti_dependency(dependency_re2 SHARED -lre2 ARCHIVES -lre2)
tutti_dependency(dependency_sqlite SHARED -lsqlite3 ARCHIVES -lsqlite3)
tutti_dependency(dependency_yaml SHARED -lyaml-cpp ARCHIVES -lyaml-cpp)
tutti_dependency(dependency_zstd SHARED -lzstd ARCHIVES -lzstd)

# Debian ships no archive of fmt: its implementation is compiled once, here,
# out of its headers. spdlog is headers too, and one file includes them.
add_library(dependency_fmt STATIC ${CMAKE_SOURCE_DIR}/cmake/fmt.cc)
target_compile_definitions(dependency_fmt INTERFACE SPDLOG_FMT_EXTERNAL)
