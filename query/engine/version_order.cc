#include "query/engine/version_order.h"

#include <algorithm>
#include <utility>

#include "common/base/ascii.h"

namespace tutti::query {
namespace {

struct Version {
  std::string_view epoch;
  std::string_view version;
  std::string_view release;
};

Version Split(std::string_view text, size_t release_at) {
  Version parts;
  if (release_at != text.npos) {
    parts.release = text.substr(release_at + 1);
    text = text.substr(0, release_at);
  }
  const size_t colon = text.find(':');
  if (colon != text.npos) {
    parts.epoch = text.substr(0, colon);
    text = text.substr(colon + 1);
  }
  parts.version = text;
  return parts;
}

// Takes the digits at the front, without zeros before them.
std::string_view TakeNumber(std::string_view& text) {
  size_t size = 0;
  while (size < text.size() && IsDigit(text[size])) ++size;
  std::string_view digits = text.substr(0, size);
  text.remove_prefix(size);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

int Sign(int order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

// Of any length.
int CompareNumbers(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return Sign(a.compare(b));
}

// A tilde sorts before the end of the text, letters before all else.
int DpkgWeight(std::string_view text) {
  if (text.empty() || IsDigit(text[0])) return 0;
  if (IsLetter(text[0])) return static_cast<unsigned char>(text[0]);
  if (text[0] == '~') return -1;
  return static_cast<unsigned char>(text[0]) + 256;
}

int CompareDpkgParts(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    while ((!a.empty() && !IsDigit(a[0])) || (!b.empty() && !IsDigit(b[0]))) {
      const int order = DpkgWeight(a) - DpkgWeight(b);
      if (order != 0) return Sign(order);
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
    const std::string_view number = TakeNumber(a);
    const int order = CompareNumbers(number, TakeNumber(b));
    if (order != 0) return order;
  }
  return 0;
}

std::string_view TakeLetters(std::string_view& text) {
  size_t size = 0;
  while (size < text.size() && IsLetter(text[size])) ++size;
  const std::string_view letters = text.substr(0, size);
  text.remove_prefix(size);
  return letters;
}

bool IsRpmSeparator(char c) {
  return !IsDigit(c) && !IsLetter(c) && c != '~' && c != '^';
}

void SkipSeparators(std::string_view& text) {
  while (!text.empty() && IsRpmSeparator(text[0])) text.remove_prefix(1);
}

// Whether `sign` is at the front of both (which takes it), or of one.
enum class Front { kNone, kBoth, kOnlyA, kOnlyB };
Front TakeSign(char sign, std::string_view& a, std::string_view& b) {
  const bool in_a = a.starts_with(sign);
  const bool in_b = b.starts_with(sign);
  if (in_a && in_b) {
    a.remove_prefix(1);
    b.remove_prefix(1);
    return Front::kBoth;
  }
  return in_a ? Front::kOnlyA : in_b ? Front::kOnlyB : Front::kNone;
}

int CompareRpmSegments(std::string_view& a, std::string_view& b) {
  const bool number = IsDigit(a[0]);
  if (number != IsDigit(b[0])) {
    // A number is newer than letters.
    return number ? 1 : -1;
  }
  if (number) {
    const std::string_view digits = TakeNumber(a);
    return CompareNumbers(digits, TakeNumber(b));
  }
  const std::string_view letters = TakeLetters(a);
  return Sign(letters.compare(TakeLetters(b)));
}

int CompareRpmParts(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    SkipSeparators(a);
    SkipSeparators(b);
    switch (TakeSign('~', a, b)) {
      case Front::kBoth:
        continue;
      case Front::kOnlyA:
        return -1;
      case Front::kOnlyB:
        return 1;
      case Front::kNone:
        break;
    }
    // Behind the same version without it, before any other continuation.
    switch (TakeSign('^', a, b)) {
      case Front::kBoth:
        continue;
      case Front::kOnlyA:
        return b.empty() ? 1 : -1;
      case Front::kOnlyB:
        return a.empty() ? -1 : 1;
      case Front::kNone:
        break;
    }
    if (a.empty() || b.empty()) break;
    if (const int order = CompareRpmSegments(a, b); order != 0) return order;
  }
  return a.empty() ? (b.empty() ? 0 : -1) : 1;
}

int CompareEpochs(std::string_view a, std::string_view b) {
  const std::string_view number = TakeNumber(a);
  return CompareNumbers(number, TakeNumber(b));
}

}  // namespace

int CompareDpkgVersions(std::string_view a, std::string_view b) {
  const Version one = Split(a, a.rfind('-'));
  const Version other = Split(b, b.rfind('-'));
  if (const int order = CompareEpochs(one.epoch, other.epoch); order != 0) {
    return order;
  }
  if (const int order = CompareDpkgParts(one.version, other.version);
      order != 0) {
    return order;
  }
  return CompareDpkgParts(one.release, other.release);
}

int CompareRpmVersions(std::string_view a, std::string_view b) {
  const Version one = Split(a, a.rfind('-'));
  const Version other = Split(b, b.rfind('-'));
  if (const int order = CompareEpochs(one.epoch, other.epoch); order != 0) {
    return order;
  }
  if (const int order = CompareRpmParts(one.version, other.version);
      order != 0) {
    return order;
  }
  return CompareRpmParts(one.release, other.release);
}

}  // namespace tutti::query
