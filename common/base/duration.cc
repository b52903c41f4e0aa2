#include "common/base/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/errors.h"

namespace tutti {
namespace {

constexpr absl::Duration kLongest = absl::Hours(24 * 36525);

struct Unit {
  std::string_view name;
  absl::Duration duration;
};

const std::array<Unit, 6>& Units() {
  static const std::array<Unit, 6> units = {{{"w", absl::Hours(24 * 7)},
                                             {"d", absl::Hours(24)},
                                             {"h", absl::Hours(1)},
                                             {"m", absl::Minutes(1)},
                                             {"s", absl::Seconds(1)},
                                             {"ms", absl::Milliseconds(1)}}};
  return units;
}

std::string_view TakeLetters(std::string_view& text) {
  size_t length = 0;
  while (length < text.size() && IsLetter(text[length])) ++length;
  std::string_view letters = text.substr(0, length);
  text.remove_prefix(length);
  return letters;
}

bool TakeNumber(std::string_view& text, double& number) {
  const auto [end, error] = std::from_chars(
      text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !(number >= 0) || std::isinf(number)) {
    return false;
  }
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(std::string_view text) {
  const absl::Status malformed = InvalidArgument(
      "'{}' is not a duration; write it like 500ms, 90s, 10m, 1h30m or 2d",
      text);
  if (text.empty()) return malformed;
  absl::Duration sum;
  for (std::string_view rest = text; !rest.empty();) {
    double number = 0;
    if (!TakeNumber(rest, number)) return malformed;
    std::string_view letters = TakeLetters(rest);
    if (letters.empty()) {
      if (!rest.empty() || sum != absl::ZeroDuration()) return malformed;
      letters = "s";
    }
    bool known = false;
    for (const Unit& unit : Units()) {
      if (unit.name != letters) continue;
      sum += unit.duration * number;
      known = true;
    }
    if (!known) return malformed;
  }
  if (sum > kLongest) {
    return InvalidArgument("'{}' is longer than 100 years", text);
  }
  return sum;
}

std::string FormatDuration(absl::Duration duration) {
  if (duration < absl::ZeroDuration()) duration = absl::ZeroDuration();
  if (duration >= kLongest) return "forever";
  if (duration < absl::Seconds(1)) {
    return fmt::format("{}ms", absl::ToInt64Milliseconds(duration));
  }
  std::string text;
  int parts = 0;
  for (const Unit& unit : Units()) {
    if (unit.name == "w" || unit.name == "ms") continue;
    const int64_t count = duration / unit.duration;
    if (count > 0) {
      fmt::format_to(std::back_inserter(text), "{}{}{}",
                     text.empty() ? "" : " ", count, unit.name);
      duration -= count * unit.duration;
    }
    if (!text.empty() && ++parts == 2) break;
  }
  return text;
}

std::string RoundDuration(absl::Duration duration) {
  duration = std::max(duration, absl::ZeroDuration());
  if (duration < absl::Minutes(2)) {
    return fmt::format("{} s", duration / absl::Seconds(1));
  }
  if (duration < absl::Hours(2)) {
    return fmt::format("{} min", duration / absl::Minutes(1));
  }
  if (duration < absl::Hours(48)) {
    return fmt::format("{} h", duration / absl::Hours(1));
  }
  return fmt::format("{} d", duration / absl::Hours(24));
}

std::string LastSeen(absl::Time last_seen, absl::Time now) {
  if (last_seen == absl::InfinitePast()) return "never seen";
  return fmt::format("last seen {} ago", RoundDuration(now - last_seen));
}

absl::StatusOr<uint64_t> ParseSize(std::string_view text) {
  const absl::Status malformed = InvalidArgument(
      "'{}' is not a size; write it like 4096, 64KiB, 10MiB or 1.5GiB", text);
  std::string_view rest = text;
  double number = 0;
  if (text.empty() || !TakeNumber(rest, number)) return malformed;
  std::string letters(TakeLetters(rest));
  if (!rest.empty()) return malformed;
  for (char& c : letters) c = static_cast<char>(c | 0x20);
  int power = -1;
  constexpr std::string_view kPowers = "bkmgt";
  if (letters.empty()) {
    power = 0;
  } else {
    const std::string_view tail = std::string_view(letters).substr(1);
    const size_t at = kPowers.find(letters[0]);
    if (at != kPowers.npos && (tail.empty() || tail == "b" || tail == "ib")) {
      power = static_cast<int>(at);
    }
  }
  if (power < 0) return malformed;
  const double bytes = number * std::pow(1024.0, power);
  if (bytes > 9e18) return malformed;
  return static_cast<uint64_t>(bytes);
}

std::string FormatSize(uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB",
                                                      "TiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  if (unit == 0) return fmt::format("{} B", bytes);
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  if (timestamp.seconds() == 0 && timestamp.nanos() == 0) {
    return absl::InfinitePast();
  }
  return absl::FromUnixSeconds(timestamp.seconds()) +
         absl::Nanoseconds(timestamp.nanos());
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  if (time == absl::InfinitePast()) return timestamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::ToInt64Seconds(duration));
  proto.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(duration - absl::Seconds(proto.seconds()))));
  return proto;
}

}  // namespace tutti
