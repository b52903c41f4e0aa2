// Ends a fuzzer when what must hold does not.
#ifndef TESTS_FUZZ_EXPECTATION_H_
#define TESTS_FUZZ_EXPECTATION_H_

#include <cstdio>
#include <cstdlib>

namespace tutti::testing {

// libFuzzer takes the abort as a find and keeps the input.
inline void Expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace tutti::testing

#endif  // TESTS_FUZZ_EXPECTATION_H_
