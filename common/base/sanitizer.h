// Whether a sanitizer is compiled in.
#ifndef COMMON_BASE_SANITIZER_H_
#define COMMON_BASE_SANITIZER_H_

namespace tutti {

// One that takes far more address space than the program, and allocates memory
// its own way.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace tutti

#endif  // COMMON_BASE_SANITIZER_H_
