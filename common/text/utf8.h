// Walking through text that may be UTF-8.
#ifndef COMMON_TEXT_UTF8_H_
#define COMMON_TEXT_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tutti {

// One step: a code point and the bytes it takes. `valid` is false for a byte
// that is no UTF-8 (RFC 3629: no overlong forms, no surrogates); then `code`
// is that byte and `length` 1.
struct Utf8Character {
  uint32_t code = 0;
  int length = 1;
  bool valid = true;
};

// The character at the beginning of `text`, which must not be empty.
Utf8Character DecodeUtf8(std::string_view text);

bool IsUtf8(std::string_view text);

// `text` as UTF-8 of at most `most` bytes: each byte that is none becomes
// U+FFFD, and what does not fit is left out from a whole character on, with
// "…" in its place. `most` must be at least 3.
std::string ClipToUtf8(std::string_view text, size_t most);

// Characters that reorder what follows (Unicode's Bidi_Control).
bool TurnsDirection(uint32_t code);
// These, and the control characters (C0, DEL, C1).
bool DrivesTerminal(uint32_t code);

// Columns of a terminal that a character takes: 0 for combining marks, 2 for
// wide East Asian characters and emoji, otherwise 1.
int CharacterWidth(uint32_t code);

}  // namespace tutti

#endif  // COMMON_TEXT_UTF8_H_
