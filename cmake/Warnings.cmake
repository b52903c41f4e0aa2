# Compiler options that every target of the project gets.

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_CURRENT_LIST_DIR}/compile.sh
                                  ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Werror -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wthread-safety -Werror=thread-safety
                      -Xclang -fno-pch-timestamp)
else()
  # g++ 12 sees uninitialised members in std::optional and std::variant that
  # are guarded by their discriminator (GCC bug 80635), and overlapping or
  # overlong copies where a std::string is moved (GCC bugs 105651, 105329).
  # clang and AddressSanitizer look for the real ones. In a unity build it takes
  # the sources for headers, in which an anonymous namespace would be a mistake.
  add_compile_options(-fpch-preprocess -Wno-maybe-uninitialized -Wno-restrict
                      -Wno-array-bounds -Wno-stringop-overread
                      -Wno-subobject-linkage)
endif()

add_link_options(-Wl,--as-needed)
